"""The walls of surveys: an answer is written by one function, read by figures, and leads back to no family."""

from django.db import migrations

from cluster_ehs.core.walls import SEES_ALL, TEXT, wall

ANSWERS = f"""
ALTER TABLE outcomes_surveyanswer ENABLE ROW LEVEL SECURITY;
CREATE POLICY reads ON outcomes_surveyanswer FOR SELECT USING ({SEES_ALL});
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON outcomes_surveyanswer FROM ehs_app;
"""  # noqa: S608 - no value from outside

# Looked up before anybody is acting: it says that there is such a link, and of which survey.
DOOR = """
CREATE FUNCTION ehs_survey_door(digest text) RETURNS TABLE (id uuid, survey_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT i.id, i.survey_id FROM outcomes_surveyinvitation i JOIN outcomes_survey s ON s.id = i.survey_id
    WHERE i.token_digest = digest AND i.state = 'sent' AND s.ended_at IS NULL
      AND s.answer_until >= (now() AT TIME ZONE 'Europe/London')::date;
$$;
"""
# A try is counted before its code is compared, under the row's lock: guesses at the same moment all count.
TRY = """
CREATE FUNCTION ehs_survey_try(invitation uuid, most integer) RETURNS text
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    UPDATE outcomes_surveyinvitation i SET tries = i.tries + 1
    WHERE i.id = invitation AND i.tries < most AND i.state = 'sent'
    RETURNING i.code_digest;
$$;
"""
# The one way an answer comes in: by the code of its link, or entered by who writes in the family's Cluster. The
# invitation keeps that it was answered; the answer keeps neither family nor moment.
ANSWER = """
CREATE FUNCTION ehs_survey_answer(invitation uuid, proof text, given jsonb, share boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    asked outcomes_surveyinvitation%ROWTYPE;
BEGIN
    SELECT i.* INTO asked FROM outcomes_surveyinvitation i JOIN outcomes_survey s ON s.id = i.survey_id
    WHERE i.id = invitation AND s.ended_at IS NULL
      AND (proof = '' OR s.answer_until >= (now() AT TIME ZONE 'Europe/London')::date)
    FOR UPDATE OF i;
    IF NOT FOUND OR asked.state NOT IN ('drawn', 'sent') THEN
        RETURN false;
    END IF;
    IF proof = '' THEN
        IF NOT (asked.cluster_id = ANY (ehs_ids('ehs.writes')) AND NOT asked.family_id = ANY (ehs_uuids('ehs.hidden'))
                OR asked.family_id = ANY (ehs_uuids('ehs.granted'))) THEN
            RETURN false;
        END IF;
    ELSIF asked.state <> 'sent' OR asked.code_digest <> proof THEN
        RETURN false;
    END IF;
    INSERT INTO outcomes_surveyanswer (id, survey_id, stratum_id, answers)
    VALUES (gen_random_uuid(), asked.survey_id, asked.stratum_id, given);
    UPDATE outcomes_surveyinvitation SET state = 'answered', token_digest = NULL, code_digest = '', tries = 0
    WHERE id = asked.id;
    IF share THEN
        INSERT INTO outcomes_sharedanswer (id, created_at, cluster_id, family_id, survey_id, answers)
        VALUES (gen_random_uuid(), now(), asked.cluster_id, asked.family_id, asked.survey_id, given);
    END IF;
    RETURN true;
END $$;
"""
FUNCTIONS = (
    (DOOR, "ehs_survey_door(text)"),
    (TRY, "ehs_survey_try(uuid, integer)"),
    (ANSWER, "ehs_survey_answer(uuid, text, jsonb, boolean)"),
)


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0015_surveys")]
    operations = [
        *wall("outcomes_surveyinvitation"),
        *wall("outcomes_sharedanswer", reads=TEXT),
        migrations.RunSQL(ANSWERS, migrations.RunSQL.noop),
        *(
            migrations.RunSQL(
                f"{sql}REVOKE ALL ON FUNCTION {name} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {name} TO ehs_app;",
                f"DROP FUNCTION {name}",
            )
            for sql, name in FUNCTIONS
        ),
    ]
