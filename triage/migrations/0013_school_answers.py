"""A school with a sign-in of its own answers what the Cluster asks about a referral that it made.

By two functions and nothing else: of the child, the family and the case a school user reads nothing.
"""

from django.db import migrations

# Asked of whoever referred: what the police or a family brought is not asked of the school.
OF_SCHOOL = """
    FROM triage_question q JOIN referrals_referral r ON r.id = q.referral_id
    JOIN clusters_term t ON t.id = r.route_id AND t.code IN ('mainstream_school', 'specialist_setting')
    JOIN families_family f ON f.id = r.family_id AND NOT f.restricted
    JOIN clusters_cluster c ON c.id = q.cluster_id
    WHERE q.answered_at IS NULL AND q.to_user_id IS NULL AND r.status = 'to_screen'
      AND q.due_on >= (now() AT TIME ZONE 'Europe/London')::date
      AND r.school_id IN (
        SELECT s.school_id FROM clusters_staffrole s
        WHERE s.user_id = ehs_user_id() AND s.role = 'referrer'
          AND s.starts_on <= (now() AT TIME ZONE 'Europe/London')::date
          AND (s.ends_on IS NULL OR s.ends_on > (now() AT TIME ZONE 'Europe/London')::date))
"""
FIND = f"""
CREATE FUNCTION ehs_school_questions() RETURNS TABLE (
    id uuid, family_id uuid, cluster_id bigint, question text, reference text, cluster text, telephone text, due_on date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT q.id, q.family_id, q.cluster_id, q.text, r.reference::text, c.name::text, c.telephone::text, q.due_on
    {OF_SCHOOL} ORDER BY q.due_on, q.id LIMIT 50;
$$;
"""
ANSWER = f"""
CREATE FUNCTION ehs_school_answer(the_question uuid, words text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    UPDATE triage_question SET answer = words, answered_by_id = ehs_user_id(), answered_at = now(),
           answered_by_name = left(current_setting('ehs.actor', true), 120)
    WHERE words <> '' AND id = (SELECT q.id {OF_SCHOOL} AND q.id = the_question FOR UPDATE OF q);
    RETURN FOUND;
END $$;
"""  # noqa: S608 - put together from this file's own constants
SIGNATURES = ((FIND, "ehs_school_questions()"), (ANSWER, "ehs_school_answer(uuid, text)"))


class Migration(migrations.Migration):
    dependencies = [("triage", "0012_harm_flagged_again"), ("clusters", "0001_initial")]
    operations = [
        operation
        for sql, name in SIGNATURES
        for operation in (
            migrations.RunSQL(sql, f"DROP FUNCTION {name}"),
            migrations.RunSQL(
                f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {name} TO ehs_app",
                migrations.RunSQL.noop,
            ),
        )
    ]
