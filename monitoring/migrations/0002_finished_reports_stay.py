"""A finished report stays byte for byte what it was: nobody changes it or its files."""

from django.db import migrations

STAY = """
CREATE FUNCTION ehs_report_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a finished report is not changed' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON monitoring_reportrun
    FOR EACH ROW WHEN (OLD.status = 'done') EXECUTE FUNCTION ehs_report_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0001_initial"), ("core", "0003_walls")]
    operations = [
        migrations.RunSQL(STAY, migrations.RunSQL.noop),
        migrations.RunSQL("REVOKE UPDATE, DELETE ON monitoring_reportfile FROM ehs_app", migrations.RunSQL.noop),
        migrations.RunSQL("REVOKE DELETE ON monitoring_reportrun FROM ehs_app", migrations.RunSQL.noop),
    ]
