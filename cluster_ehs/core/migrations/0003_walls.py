"""The trace can be added to and read; drafts belong to who types them."""

from django.db import migrations

from cluster_ehs.core.walls import TRACE, TRACE_OF_ACTS, no_erasing, own_wall, trace_wall


class Migration(migrations.Migration):
    dependencies = [("core", "0002_tables")]
    operations = [
        *trace_wall("core_change", reads=TRACE),
        *trace_wall("core_event", reads=TRACE_OF_ACTS),
        *trace_wall("core_look", reads=TRACE_OF_ACTS),
        *own_wall("core_draft"),
        *own_wall("core_once"),
        no_erasing("core_transition"),
        # Changes are written by the history trigger alone, legal states by `migrate` alone.
        migrations.RunSQL("REVOKE INSERT ON core_change, core_transition FROM ehs_app", migrations.RunSQL.noop),
    ]
