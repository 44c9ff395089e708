"""What was taken off an agenda is no guest's any more.

As 0026, which went by the meeting alone: a referral that was put off because a guest knows the family, or until the
referrer has answered, was read by that guest until the day after.
"""

from django.db import migrations

ACT_AS = """
CREATE OR REPLACE FUNCTION ehs_act_as(who bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Europe/London')::date;
    who_name text;
    my_clusters bigint[];
    named uuid[];
    my_hidden uuid[];
    broken_glass uuid[];
    my_supervised bigint[];
    my_meetings uuid[] := '{}';
    my_agenda uuid[] := '{}';
BEGIN
    SELECT u.name INTO who_name FROM clusters_user u WHERE u.id = who AND u.is_active;
    IF who_name IS NULL THEN
        PERFORM ehs_set_scope('', NULL, '{}', '{}', false, '{}', '{}', '{}', '{}', '{}');
        RETURN;
    END IF;
    SELECT array_agg(DISTINCT r.cluster_id) INTO my_clusters FROM clusters_staffrole r
    WHERE r.user_id = who AND r.role IN ('practitioner', 'leader')
      AND r.starts_on <= today AND (r.ends_on IS NULL OR r.ends_on > today);
    SELECT coalesce(array_agg(n.family_id), '{}') INTO named FROM families_namedreader n
    JOIN families_family f ON f.id = n.family_id AND f.restricted AND f.cluster_id = ANY (my_clusters)
    WHERE n.user_id = who;
    SELECT array_agg(f.id) INTO my_hidden FROM families_family f WHERE f.restricted AND f.id <> ALL (named);
    SELECT coalesce(array_agg(e.family_id), '{}') INTO broken_glass FROM families_emergencyaccess e
    WHERE e.user_id = who AND now() BETWEEN e.starts_at AND e.ends_at
      AND EXISTS (SELECT 1 FROM clusters_staffrole r WHERE r.user_id = who
                  AND r.role IN ('practitioner', 'leader', 'manager', 'clinical_supervisor')
                  AND r.starts_on <= today AND (r.ends_on IS NULL OR r.ends_on > today));
    SELECT array_agg(s.worker_id) INTO my_supervised FROM clusters_clinicalsupervision s
    WHERE s.supervisor_id = who AND s.starts_on <= today AND (s.ends_on IS NULL OR s.ends_on > today)
      AND EXISTS (SELECT 1 FROM clusters_staffrole r WHERE r.user_id = who AND r.role = 'clinical_supervisor'
                  AND r.starts_on <= today AND (r.ends_on IS NULL OR r.ends_on > today));
    IF EXISTS (SELECT 1 FROM clusters_staffrole r WHERE r.user_id = who AND r.role = 'panel_guest'
               AND r.starts_on <= today AND (r.ends_on IS NULL OR r.ends_on > today)) THEN
        SELECT coalesce(array_agg(DISTINCT m.id), '{}') INTO my_meetings
        FROM triage_meeting m JOIN triage_attendee a ON a.meeting_id = m.id AND a.user_id = who
        JOIN clusters_staffrole r ON r.user_id = who AND r.role = 'panel_guest' AND r.cluster_id = m.cluster_id
          AND r.starts_on <= today AND (r.ends_on IS NULL OR r.ends_on > today)
        WHERE now() BETWEEN m.starts_at - interval '1 hour' AND m.starts_at + interval '1 day';
        SELECT coalesce(array_agg(DISTINCT i.family_id), '{}') INTO my_agenda
        FROM triage_agendaitem i WHERE i.meeting_id = ANY (my_meetings) AND i.deferred_at IS NULL
          AND i.family_id <> ALL (coalesce(my_hidden, '{}'));
    END IF;
    PERFORM ehs_set_scope(who_name, who, my_clusters, my_clusters, false, my_hidden, named || broken_glass,
                          my_agenda, '{}', my_supervised);
    PERFORM set_config('ehs.meetings', my_meetings::text, true);
    IF my_supervised IS NOT NULL THEN
        PERFORM set_config('ehs.supervised_cases', coalesce((
            SELECT array_agg(DISTINCT held.case_id) FROM (
                SELECT s.case_id FROM cases_caseservice s WHERE s.worker_id = ANY (my_supervised)
                UNION ALL
                SELECT c.case_id FROM cases_contact c WHERE c.author_id = ANY (my_supervised)) held),
            '{}')::text, true);
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0026_named_while_they_work_here"), ("triage", "0015_off_the_agenda")]
    operations = [migrations.RunSQL(ACT_AS, migrations.RunSQL.noop)]
