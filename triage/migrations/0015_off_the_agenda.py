"""A guest reads no line that was taken off the agenda, nor why it was."""

from django.db import migrations

from cluster_ehs.core.walls import HIDDEN, MEETINGS, RECORD

BEFORE = f"{RECORD} OR meeting_id = ANY ({MEETINGS}) AND NOT family_id = ANY ({HIDDEN})".format(family="family_id")
ON_THE_AGENDA = f"{BEFORE} AND deferred_at IS NULL"


class Migration(migrations.Migration):
    dependencies = [("triage", "0014_outcomes_by_ending")]
    operations = [
        migrations.RunSQL(
            f"ALTER POLICY reads ON triage_agendaitem USING ({ON_THE_AGENDA})",
            f"ALTER POLICY reads ON triage_agendaitem USING ({BEFORE})",
        )
    ]
