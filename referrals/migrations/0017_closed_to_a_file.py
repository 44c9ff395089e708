"""Whether the record that a notification would change is closed to whoever brings it [ADR 0025]."""

from django.db import migrations

# `ehs_hide_from` has said before what is closed. A function of its own, beside `ehs_feed_whose`: while a release is put
# in, the program of before goes on asking that one.
CLOSED = """
CREATE FUNCTION ehs_feed_closed(which uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$
BEGIN
    PERFORM ehs_only_the_feed();
    RETURN EXISTS (
        SELECT 1 FROM referrals_intake i WHERE i.id = which AND i.family_id = ANY (ehs_uuids('ehs.hidden')));
END $$;
REVOKE ALL ON FUNCTION ehs_feed_closed(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ehs_feed_closed(uuid) TO ehs_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0016_only_what_one_sees_is_passed_on"),
        ("families", "0014_closed_to_a_sheet"),
    ]
    operations = [migrations.RunSQL(CLOSED, "DROP FUNCTION ehs_feed_closed(uuid)")]
