"""The walls around what the family's record says beside its people."""

from django.db import migrations

from cluster_ehs.core.walls import TEXT, wall

PERSON = {"person_id": "families_person"}


class Migration(migrations.Migration):
    dependencies = [("families", "0005_the_familys_record"), ("core", "0003_walls")]
    operations = [
        *wall("families_socialcareinvolvement", parents=PERSON),
        *wall("families_circumstances"),
        # Reasons are free text: nobody counts figures in them.
        *wall("families_sharingdecision", reads=TEXT, parents=PERSON),
        migrations.RunSQL(
            "ALTER TABLE families_flag ADD CONSTRAINT families_flag_address_of_id_same_family "
            "FOREIGN KEY (address_of_id, family_id, cluster_id) REFERENCES families_person (id, family_id, cluster_id) "
            "ON UPDATE CASCADE DEFERRABLE INITIALLY IMMEDIATE",
            migrations.RunSQL.noop,
        ),
    ]
