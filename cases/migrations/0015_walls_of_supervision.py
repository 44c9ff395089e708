"""The walls around supervision, and how often each post has it to begin with.

A case's part is read by who wrote it, by the supervisor of the session, by leaders of the Cluster, by those who work on
that case today, and by named readers: never by whoever merely was in the same group. What is about a worker is read by
its author and that worker. Both histories are their author's.
"""

from datetime import date

from django.db import migrations

from cluster_ehs.core.walls import GRANTED, TEXT, USER, WRITES, cluster_wall, history_trigger, policies, wall

FUNCTIONS = """
CREATE FUNCTION ehs_my_cases() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT coalesce(array_agg(DISTINCT m.case_id), '{}') FROM (
        SELECT l.case_id FROM cases_leadworker l WHERE l.worker_id = ehs_user_id() AND l.ends_on IS NULL
        UNION ALL
        SELECT s.case_id FROM cases_caseservice s WHERE s.worker_id = ehs_user_id() AND s.status = 'active') m;
$$;
CREATE FUNCTION ehs_my_leads() RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT coalesce(array_agg(DISTINCT r.cluster_id), '{}') FROM clusters_staffrole r
    WHERE r.user_id = ehs_user_id() AND r.role = 'leader'
      AND r.starts_on <= (now() AT TIME ZONE 'Europe/London')::date
      AND (r.ends_on IS NULL OR r.ends_on > (now() AT TIME ZONE 'Europe/London')::date);
$$;
CREATE FUNCTION ehs_my_supervisions() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT coalesce(array_agg(s.id), '{}') FROM cases_supervision s WHERE s.supervisor_id = ehs_user_id();
$$;
-- How many cases were discussed, those that the reader may not see too: a number, and nothing else.
CREATE FUNCTION ehs_cases_supervised(the_sessions uuid[]) RETURNS TABLE (session uuid, cases integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT p.supervision_id, count(*)::integer FROM cases_supervisioncase p
    WHERE p.supervision_id = ANY (the_sessions) AND p.cluster_id = ANY (ehs_ids('ehs.clusters'))
    GROUP BY p.supervision_id;
$$;
"""
NAMES = ("ehs_my_cases()", "ehs_my_leads()", "ehs_my_supervisions()", "ehs_cases_supervised(uuid[])")

PART = (
    f"({TEXT}) AND (author_id = {USER} OR supervision_id = ANY ((SELECT ehs_my_supervisions())::uuid[]) "
    "OR cluster_id = ANY ((SELECT ehs_my_leads())::bigint[]) OR case_id = ANY ((SELECT ehs_my_cases())::uuid[]) "
    f"OR {{family}} = ANY ({GRANTED}))"
)
ABOUT_A_WORKER = f"author_id = {USER} OR worker_id = {USER}"
BY_THE_AUTHOR = f"author_id = {USER} AND cluster_id = ANY ({WRITES})"


def same(table: str, column: str, parent: str, *, family: bool = False) -> str:
    """A key that holds the Cluster, and for a family's row the family, together with its parent's."""
    keys = "family_id, cluster_id" if family else "cluster_id"
    return (
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_same FOREIGN KEY ({column}, {keys}) "
        f"REFERENCES {parent} (id, {keys}) ON UPDATE CASCADE DEFERRABLE INITIALLY IMMEDIATE"
    )


# Each plan is discussed in group supervision, progress often weekly [P]: every two weeks where families are visited,
# every four where clinical supervision stands beside it.
EVERY = {
    "family_practitioner": 2,
    "targeted_services_worker": 2,
    "attendance_officer": 4,
    "childrens_therapist": 4,
    "adult_counsellor": 4,
}


def set_intervals(apps, schema_editor):
    model = apps.get_model("cases", "SupervisionInterval")
    for post, weeks in EVERY.items():
        model.objects.create(post=post, weeks=weeks, effective_from=date(2020, 1, 1))


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_supervision")]
    operations = [
        migrations.RunSQL(FUNCTIONS, "; ".join(f"DROP FUNCTION {name}" for name in NAMES)),
        *(
            migrations.RunSQL(
                f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {name} TO ehs_app",
                migrations.RunSQL.noop,
            )
            for name in NAMES
        ),
        *cluster_wall("cases_supervision"),
        *cluster_wall("cases_supervisee"),
        *cluster_wall("cases_clinicalsession"),
        *wall(
            "cases_supervisioncase",
            reads=PART,
            parents={"case_id": "cases_case"},
            parent_of=True,
            private="private",
        ),
        *(
            migrations.RunSQL(sql, migrations.RunSQL.noop)
            for sql in (
                *policies("cases_supervisionnote", reads=ABOUT_A_WORKER, writes=BY_THE_AUTHOR),
                history_trigger("cases_supervisionnote", family="", private="private"),
                same("cases_supervisee", "supervision_id", "cases_supervision"),
                same("cases_supervisionnote", "supervision_id", "cases_supervision"),
                same("cases_supervisioncase", "supervision_id", "cases_supervision"),
                same("cases_task", "supervision_case_id", "cases_supervisioncase", family=True),
            )
        ),
        migrations.RunPython(set_intervals, migrations.RunPython.noop),
    ]
