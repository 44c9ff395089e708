"""The walls of what is planned, of handovers and interpreters; and what a clinical supervisor keeps reading.

A therapist who gave a service up wrote sessions in a case that is no longer theirs. Whoever supervises the therapist
reads those sessions all the same, so the case that they stand in must be there to be joined.
"""

from django.db import migrations

from cluster_ehs.core.walls import RECORD, SUPERVISED, TEXT, USER, guard_states, wall

# The handover of therapy or counselling: both workers, who wrote it, and their clinical supervisors.
HANDOVER = (
    f"({TEXT}) AND (NOT private OR author_id = {USER} OR from_worker_id = {USER} OR to_worker_id = {USER}) "
    f"OR from_worker_id = ANY ({SUPERVISED}) OR to_worker_id = ANY ({SUPERVISED}) OR author_id = ANY ({SUPERVISED})"
)

# As triage 0003, and with the cases in which a supervised worker wrote a contact.
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
    JOIN families_family f ON f.id = n.family_id AND f.restricted WHERE n.user_id = who;
    SELECT array_agg(f.id) INTO my_hidden FROM families_family f WHERE f.restricted AND f.id <> ALL (named);
    SELECT coalesce(array_agg(e.family_id), '{}') INTO broken_glass FROM families_emergencyaccess e
    WHERE e.user_id = who AND now() BETWEEN e.starts_at AND e.ends_at;
    SELECT array_agg(s.worker_id) INTO my_supervised FROM clusters_clinicalsupervision s
    WHERE s.supervisor_id = who AND s.starts_on <= today AND (s.ends_on IS NULL OR s.ends_on > today)
      AND EXISTS (SELECT 1 FROM clusters_staffrole r WHERE r.user_id = who AND r.role = 'clinical_supervisor'
                  AND r.starts_on <= today AND (r.ends_on IS NULL OR r.ends_on > today));
    IF EXISTS (SELECT 1 FROM clusters_staffrole r WHERE r.user_id = who AND r.role = 'panel_guest'
               AND r.starts_on <= today AND (r.ends_on IS NULL OR r.ends_on > today)) THEN
        SELECT coalesce(array_agg(DISTINCT m.id), '{}') INTO my_meetings
        FROM triage_meeting m JOIN triage_attendee a ON a.meeting_id = m.id AND a.user_id = who
        WHERE now() BETWEEN m.starts_at - interval '1 hour' AND m.starts_at + interval '1 day';
        SELECT coalesce(array_agg(DISTINCT i.family_id), '{}') INTO my_agenda
        FROM triage_agendaitem i WHERE i.meeting_id = ANY (my_meetings)
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
    dependencies = [("cases", "0008_sessions_handovers_interpreters"), ("triage", "0003_acting")]
    operations = [
        *wall(
            "cases_servicehandover",
            reads=HANDOVER,
            parents={"case_service_id": "cases_caseservice"},
            private="private",
        ),
        *wall(
            "cases_plannedsession",
            reads=TEXT,
            parents={
                "case_id": "cases_case",
                "case_service_id": "cases_caseservice",
                "contact_id": "cases_contact",
            },
            parent_of=True,
        ),
        *wall(
            "cases_interpreterbooking",
            reads=RECORD,
            parents={
                "case_id": "cases_case",
                "person_id": "families_person",
                "planned_id": "cases_plannedsession",
                "meeting_id": "cases_casemeeting",
                "contact_id": "cases_contact",
            },
        ),
        guard_states("cases_interpreterbooking"),
        migrations.RunSQL(ACT_AS, migrations.RunSQL.noop),
    ]
