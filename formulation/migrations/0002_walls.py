"""The walls around formulations."""

from django.db import migrations

from cluster_ehs.core.walls import TEXT, wall


class Migration(migrations.Migration):
    dependencies = [("formulation", "0001_initial"), ("cases", "0002_walls")]
    operations = [
        *wall("formulation_formulation", parents={"case_id": "cases_case"}, parent_of=True),
        *wall(
            "formulation_participant",
            parents={"formulation_id": "formulation_formulation", "person_id": "families_person"},
        ),
        *wall(
            "formulation_factor",
            reads=TEXT,
            parents={"formulation_id": "formulation_formulation", "person_id": "families_person"},
            parent_of=True,
        ),
        *wall("formulation_goalfactor", parents={"goal_id": "cases_goal", "factor_id": "formulation_factor"}),
    ]
