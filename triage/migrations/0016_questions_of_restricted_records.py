# ruff: noqa: S608 - put together from this file's own constants
"""A record that became restricted closes the link to a question about it, as it does the family's page."""

from django.db import migrations, models

# As 0008, and nothing of a family that became restricted since the question was asked.
OPEN = """AND EXISTS (SELECT 1 FROM families_family f WHERE f.id = q.family_id AND (NOT f.restricted OR q.while_restricted))"""
FIND = f"""
CREATE OR REPLACE FUNCTION ehs_question(digest text) RETURNS TABLE (
    id uuid, family_id uuid, cluster_id bigint, question text, reference text, cluster text, telephone text, due_on date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT q.id, q.family_id, q.cluster_id, q.text, r.reference::text, c.name::text, c.telephone::text, q.due_on
    FROM triage_question q JOIN referrals_referral r ON r.id = q.referral_id JOIN clusters_cluster c ON c.id = q.cluster_id
    WHERE digest <> '' AND q.token_digest = digest AND q.answered_at IS NULL
      AND r.status = 'to_screen' AND q.due_on >= (now() AT TIME ZONE 'Europe/London')::date
      {OPEN};
$$;
"""
ANSWER = f"""
CREATE OR REPLACE FUNCTION ehs_question_answer(digest text, who text, words text, most integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    UPDATE triage_question q SET tries = q.tries + 1
    WHERE digest <> '' AND q.token_digest = digest AND q.answered_at IS NULL;
    UPDATE triage_question q SET answer = words, answered_by_name = left(who, 120), answered_at = now()
    WHERE digest <> '' AND words <> '' AND q.token_digest = digest AND q.answered_at IS NULL AND q.tries <= most
      AND q.due_on >= (now() AT TIME ZONE 'Europe/London')::date
      AND EXISTS (SELECT 1 FROM referrals_referral r WHERE r.id = q.referral_id AND r.status = 'to_screen')
      {OPEN};
    RETURN FOUND;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("triage", "0015_off_the_agenda")]
    operations = [
        migrations.AddField("question", "while_restricted", models.BooleanField(db_default=False, default=False)),
        migrations.RunSQL(FIND, migrations.RunSQL.noop),
        migrations.RunSQL(ANSWER, migrations.RunSQL.noop),
    ]
