"""What a school reads of the referrals it made: reference, day, and one of five plain words. Nothing else leaves this.

A referral that the family, the police or somebody else made is none of the school's, also when the child goes there.
"""

from django.db import migrations

OWN_SCHOOL = """
CREATE OR REPLACE FUNCTION ehs_school_referrals(who bigint)
RETURNS TABLE (reference text, received_on date, state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    WITH mine AS (
        SELECT s.school_id FROM clusters_staffrole s JOIN clusters_user u ON u.id = s.user_id AND u.is_active
        WHERE who = ehs_user_id() AND s.user_id = who AND s.role = 'referrer'
          AND s.starts_on <= (now() AT TIME ZONE 'Europe/London')::date
          AND (s.ends_on IS NULL OR s.ends_on > (now() AT TIME ZONE 'Europe/London')::date)),
    lines AS (
        SELECT r.reference::text, r.received_on,
               CASE WHEN r.status = 'ended' OR c.status = 'closed' THEN 'Ended'
                    WHEN r.status = 'to_screen' AND EXISTS (
                        SELECT 1 FROM triage_agendaitem i WHERE i.referral_id = r.id) THEN 'At screening'
                    WHEN r.status = 'to_screen' THEN 'Received'
                    WHEN c.id IS NULL AND EXISTS (
                        SELECT 1 FROM triage_decision d JOIN triage_offer o ON o.decision_id = d.id
                        WHERE d.referral_id = r.id AND o.status = 'waiting') THEN 'Waiting'
                    ELSE 'Being helped' END
        FROM referrals_referral r
        JOIN families_family f ON f.id = r.family_id AND NOT f.restricted
        JOIN clusters_term t ON t.id = r.route_id AND t.code IN ('mainstream_school', 'specialist_setting')
        LEFT JOIN cases_casereferral l ON l.referral_id = r.id
        LEFT JOIN cases_case c ON c.id = l.case_id
        WHERE r.school_id IN (SELECT school_id FROM mine)
        UNION ALL
        SELECT i.reference::text, (i.received_at AT TIME ZONE 'Europe/London')::date, 'Received'
        FROM referrals_intake i
        WHERE i.state = 'new' AND i.source = 'online' AND i.payload ->> 'route' = 'mainstream_school' AND i.proven
          AND i.school_id IN (SELECT school_id FROM mine))
    SELECT * FROM lines ORDER BY 2 DESC, 1 DESC LIMIT 200;
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0006_known_with_lead_worker"),
        ("referrals", "0010_feed_and_merges"),
        ("triage", "0004_meetings_that_repeat"),
    ]
    operations = [migrations.RunSQL(OWN_SCHOOL, migrations.RunSQL.noop)]
