"""The walls around who was at a meeting and around forums; meetings written before count as recorded."""

from django.db import migrations

from cluster_ehs.core.walls import TEXT, cluster_wall, wall

# A forum and its cases are of one Cluster, so is everybody who is named at it.
SAME_CLUSTER = (
    "ALTER TABLE cases_casemeeting ADD CONSTRAINT cases_casemeeting_forum_same_cluster "
    "FOREIGN KEY (forum_id, cluster_id) REFERENCES cases_forum (id, cluster_id) DEFERRABLE INITIALLY IMMEDIATE",
    "ALTER TABLE cases_forumattendee ADD CONSTRAINT cases_forumattendee_same_cluster "
    "FOREIGN KEY (forum_id, cluster_id) REFERENCES cases_forum (id, cluster_id) ON DELETE CASCADE "
    "DEFERRABLE INITIALLY IMMEDIATE",
    "ALTER TABLE cases_casemeeting ADD CONSTRAINT cases_casemeeting_follows_same_family FOREIGN KEY "
    "(follows_id, family_id, cluster_id) REFERENCES cases_casemeeting (id, family_id, cluster_id) ON UPDATE CASCADE "
    "DEFERRABLE INITIALLY IMMEDIATE",
)

# A restricted case counts without being named.
COUNT = """
CREATE FUNCTION ehs_cases_of_forum(the_forum uuid) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT count(*)::integer FROM cases_casemeeting m
    WHERE m.forum_id = the_forum AND m.cluster_id = ANY (ehs_ids('ehs.clusters'));
$$;
REVOKE ALL ON FUNCTION ehs_cases_of_forum(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ehs_cases_of_forum(uuid) TO ehs_app;
"""

RECORDED = """
UPDATE cases_casemeeting SET recorded_at = held_at, recorded_by_id = author_id
WHERE attendees <> '' AND held_at <= now()
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_meetings_and_who_was_there")]
    operations = [
        *cluster_wall("cases_forum"),
        *cluster_wall("cases_forumattendee"),
        *wall(
            "cases_meetingattendee",
            reads=TEXT,
            parents={"meeting_id": "cases_casemeeting", "person_id": "families_person"},
        ),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in SAME_CLUSTER),
        migrations.RunSQL(COUNT, "DROP FUNCTION ehs_cases_of_forum(uuid)"),
        migrations.RunSQL(RECORDED, migrations.RunSQL.noop),
    ]
