"""What a school sees of its own referrals: reference, day, state. Nothing else leaves the function."""

from django.db import migrations

OWN_SCHOOL = """
CREATE FUNCTION ehs_school_referrals(who bigint) RETURNS TABLE (reference text, received_on date, state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT r.reference::text, r.received_on,
           CASE r.status WHEN 'to_screen' THEN 'Received, waiting to be looked at'
                         WHEN 'decided' THEN 'Decided, the Cluster is in touch with the family'
                         ELSE 'Finished' END
    FROM referrals_referral r
    JOIN families_family f ON f.id = r.family_id AND NOT f.restricted
    WHERE who = ehs_user_id() AND r.school_id IN (
        SELECT s.school_id FROM clusters_staffrole s
        WHERE s.user_id = who AND s.role = 'referrer'
          AND s.starts_on <= (now() AT TIME ZONE 'Europe/London')::date
          AND (s.ends_on IS NULL OR s.ends_on > (now() AT TIME ZONE 'Europe/London')::date))
    ORDER BY r.received_on DESC, r.reference DESC LIMIT 200;
$$;
REVOKE ALL ON FUNCTION ehs_school_referrals(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ehs_school_referrals(bigint) TO ehs_app;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0002_walls"), ("clusters", "0001_initial")]
    operations = [migrations.RunSQL(OWN_SCHOOL, "DROP FUNCTION ehs_school_referrals(bigint)")]
