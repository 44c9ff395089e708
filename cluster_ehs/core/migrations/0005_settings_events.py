"""Changes of the settings belong to no family: whoever is shown the settings may read what was changed there."""

from django.db import migrations, models

from cluster_ehs.core.walls import TEXT

FAMILY = "coalesce(family_id, '00000000-0000-0000-0000-000000000000'::uuid)"
SETTINGS = "family_id IS NULL AND kind LIKE 'settings.%'"


class Migration(migrations.Migration):
    dependencies = [("core", "0004_kept_drafts")]
    operations = [
        migrations.RunSQL(
            f"ALTER POLICY reads ON core_event USING ({TEXT.format(family=FAMILY)} OR {SETTINGS})",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["-id"], condition=models.Q(family_id=None), name="event_of_no_family"),
        ),
    ]
