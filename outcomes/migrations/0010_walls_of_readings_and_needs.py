"""The walls around readings, second readings, needs and what was averted. Free text is apart, so that figures need none."""

from django.db import migrations

from cluster_ehs.core.walls import TEXT, cluster_wall, wall

SAME = (
    "ALTER TABLE outcomes_secondreading ADD CONSTRAINT outcomes_secondreading_sample_same FOREIGN KEY "
    "(sample_id, cluster_id) REFERENCES outcomes_readingsample (id, cluster_id) DEFERRABLE INITIALLY IMMEDIATE"
)
READING = {"reading_id": "outcomes_familyreading"}
FOUND = {"found_id": "outcomes_needfound"}
PERSON = {"person_id": "families_person"}


class Migration(migrations.Migration):
    dependencies = [
        ("outcomes", "0009_readings_and_needs"),
        ("cases", "0022_cover_for_absence"),
        ("clusters", "0012_needs_vocabulary"),
    ]
    operations = [
        *wall(
            "outcomes_familyreading",
            parents={"case_id": "cases_case", "corrects_id": "outcomes_familyreading"},
            parent_of=True,
        ),
        *wall("outcomes_readingpoints", parents=READING),
        *wall("outcomes_readingwords", reads=TEXT, parents=READING),
        *wall("outcomes_readingperson", parents=READING | PERSON),
        *cluster_wall("outcomes_readingsample"),
        *wall("outcomes_secondreading", parents=READING, parent_of=True),
        migrations.RunSQL(SAME, migrations.RunSQL.noop),
        *wall("outcomes_secondpoints", parents={"second_id": "outcomes_secondreading"}),
        *wall("outcomes_needsround", parents={"case_id": "cases_case"}, parent_of=True),
        *wall("outcomes_needfound", parents={"round_id": "outcomes_needsround"}, parent_of=True),
        *wall("outcomes_needperson", parents=FOUND | PERSON),
        *wall("outcomes_needevidence", reads=TEXT, parents=FOUND),
        *wall("outcomes_avertedstep", parents={"case_id": "cases_case"}, parent_of=True),
        *wall("outcomes_avertedreason", reads=TEXT, parents={"averted_id": "outcomes_avertedstep"}),
    ]
