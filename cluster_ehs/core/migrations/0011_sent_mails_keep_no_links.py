"""Mails that have gone keep nothing that opens something: invitations, links to answer or to reset a password, codes."""

from django.db import migrations

GONE = "UPDATE core_message SET body = '' WHERE sent_at IS NOT NULL AND user_id IS NULL AND body <> ''"


class Migration(migrations.Migration):
    dependencies = [("core", "0010_backups_made")]
    operations = [migrations.RunSQL(GONE, migrations.RunSQL.noop)]
