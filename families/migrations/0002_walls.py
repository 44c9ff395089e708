"""The walls around families."""

from django.db import migrations

from cluster_ehs.core.walls import FAMILY, ON_AGENDA, TEXT, wall


class Migration(migrations.Migration):
    dependencies = [("families", "0001_initial"), ("core", "0003_walls")]
    operations = [
        *wall("families_family", reads=FAMILY, family="id"),
        *wall("families_person", reads=FAMILY, parent_of=True),
        *wall("families_namedreader"),
        *wall("families_emergencyaccess"),
        *wall("families_persontoken", parents={"person_id": "families_person"}, history=False),
        *wall("families_sendneed", reads=ON_AGENDA, parents={"person_id": "families_person"}),
        *wall(
            "families_relationship",
            parents={"person_id": "families_person", "other_id": "families_person"},
        ),
        *wall("families_flag", reads=ON_AGENDA, parents={"not_to_be_told_id": "families_person"}),
        *wall("families_agreement"),
        *wall("families_storedfile", reads=TEXT),
    ]
