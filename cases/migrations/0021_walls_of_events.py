"""The walls around groups, drop-ins and school consultations, and a count of those whom a reader may not see."""

from django.db import migrations

from cluster_ehs.core.walls import RECORD, cluster_wall, wall

# An event, its leaders, its sessions and whoever came to them are of one Cluster.
SAME_CLUSTER = tuple(
    f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_same_cluster FOREIGN KEY ({column}, cluster_id) "
    f"REFERENCES {parent} (id, cluster_id) ON DELETE CASCADE DEFERRABLE INITIALLY IMMEDIATE"
    for table, column, parent in (
        ("cases_eventleader", "event_id", "cases_event"),
        ("cases_eventsession", "event_id", "cases_event"),
        ("cases_eventperson", "event_id", "cases_event"),
        ("cases_eventattendance", "session_id", "cases_eventsession"),
    )
)

# Somebody of a restricted family counts without being named: of each event who is linked (no session), of each
# session how many came, did not come, sent apologies.
COUNT = """
CREATE FUNCTION ehs_counts_of_events(the_events uuid[])
RETURNS TABLE (event_id uuid, session_id uuid, status text, people bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT p.event_id, NULL::uuid, 'linked', count(*) FROM cases_eventperson p
    WHERE p.event_id = ANY (the_events) AND p.cluster_id = ANY (ehs_ids('ehs.clusters')) GROUP BY p.event_id
    UNION ALL
    SELECT s.event_id, s.id, a.status, count(*)
    FROM cases_eventsession s JOIN cases_eventattendance a ON a.session_id = s.id
    WHERE s.event_id = ANY (the_events) AND s.cluster_id = ANY (ehs_ids('ehs.clusters'))
    GROUP BY s.event_id, s.id, a.status;
$$;
REVOKE ALL ON FUNCTION ehs_counts_of_events(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ehs_counts_of_events(uuid[]) TO ehs_app;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0020_events_and_family_group_conferences")]
    operations = [
        *cluster_wall("cases_event"),
        *cluster_wall("cases_eventleader"),
        *cluster_wall("cases_eventsession"),
        *wall("cases_eventperson", reads=RECORD, parents={"person_id": "families_person"}),
        *wall("cases_eventattendance", reads=RECORD, parents={"person_id": "families_person"}),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in SAME_CLUSTER),
        migrations.RunSQL(COUNT, "DROP FUNCTION ehs_counts_of_events(uuid[])"),
    ]
