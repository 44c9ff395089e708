"""What a sheet does is closed where its bringer's own eyes are: the importer and a feed act for somebody [ADR 0025].

The restricted records that this person may not open are hidden for the rest of the transaction, from reading and from
writing. Of nobody (a command, a program): all of them. The rule is that of `ehs_act_as`; what somebody opened in an
emergency is for reading, so it stays closed here.
"""

from django.db import migrations

HIDE_FROM = """
CREATE FUNCTION ehs_hide_from(who bigint) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    SELECT set_config('ehs.hidden', coalesce(array_agg(f.id ORDER BY f.id), '{}')::text, true)
    FROM families_family f
    WHERE f.restricted AND NOT EXISTS (
        SELECT 1 FROM families_namedreader n
        JOIN clusters_user u ON u.id = n.user_id AND u.is_active
        JOIN clusters_staffrole r ON r.user_id = n.user_id AND r.cluster_id = f.cluster_id
        WHERE n.family_id = f.id AND n.user_id = who AND r.role IN ('practitioner', 'leader')
          AND r.starts_on <= (now() AT TIME ZONE 'Europe/London')::date
          AND (r.ends_on IS NULL OR r.ends_on > (now() AT TIME ZONE 'Europe/London')::date));
$$;
REVOKE ALL ON FUNCTION ehs_hide_from(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ehs_hide_from(bigint) TO ehs_app;
"""


class Migration(migrations.Migration):
    dependencies = [("families", "0013_addresses_behind_a_wall"), ("clusters", "0016_groups_of_the_directory")]
    operations = [migrations.RunSQL(HIDE_FROM, "DROP FUNCTION ehs_hide_from(bigint)")]
