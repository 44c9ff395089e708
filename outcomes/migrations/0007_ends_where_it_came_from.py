"""An accepted transfer ends by itself on the sending side when nobody there has anything left to close."""

from django.db import migrations

# Only for who has just accepted it, and only while the sending side has not ended it.
MOVED_FAMILY = """
CREATE FUNCTION ehs_moved_family(the_transfer uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT t.family_id FROM outcomes_transfer t JOIN outcomes_incomingtransfer i ON i.id = t.id
    WHERE t.id = the_transfer AND t.status = 'accepted' AND i.status = 'accepted' AND i.answered_by_id = ehs_user_id()
$$;
"""
GRANTS = (
    "REVOKE ALL ON FUNCTION ehs_moved_family(uuid) FROM PUBLIC; "
    "GRANT EXECUTE ON FUNCTION ehs_moved_family(uuid) TO ehs_app"
)


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0006_transfers")]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (MOVED_FAMILY, GRANTS)]
