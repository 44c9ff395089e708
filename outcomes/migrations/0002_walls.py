"""The walls around closures and exit plans."""

from django.db import migrations

from cluster_ehs.core.walls import OF_THE_PLAN, guard_states, wall


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0001_initial"), ("formulation", "0002_walls")]
    operations = [
        *wall("outcomes_closure", parents={"case_id": "cases_case"}, parent_of=True),
        *wall("outcomes_closureoutcome", parents={"closure_id": "outcomes_closure"}),
        *wall("outcomes_exitplan", reads=OF_THE_PLAN, parents={"closure_id": "outcomes_closure"}),
        guard_states("outcomes_closure"),
    ]
