# ruff: noqa: S608 - put together from this file's own constants
"""What waits for somebody on the family's page, and the one way in which they answer it.

As with the page itself: each function starts from the link and the key of the visit, and works out whose they are.
"""

from django.db import migrations

TODAY = "(now() AT TIME ZONE 'Europe/London')::date"

# Measures that this person may answer with nobody there: agreed with them or with the family together and open to the
# page; or asked in every case, when it may be sent by a link and no question is about a risk. What counsellor or
# therapist agreed is theirs. A closed case is asked what belongs to its end for four weeks.
ASKED = f"""
CREATE FUNCTION ehs_family_asked(the_link uuid) RETURNS TABLE (
    instrument_id bigint, code text, name text, agreed_id uuid, subject uuid, service_id uuid, author_id bigint,
    begins date, weeks integer, at_start boolean, last_on date, had_end boolean, ending date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT i.id, i.code::text, i.name::text, a.agreed_id, a.subject, s.id, CASE WHEN s.id IS NOT NULL THEN a.agreed_by END,
           a.begins, coalesce(a.weeks, i.every_weeks)::integer, i.at_start, m.last_on, coalesce(m.had_end, false),
           CASE WHEN NOT i.at_end THEN NULL WHEN c.closed_on IS NOT NULL THEN c.closed_on
                WHEN c.status = 'closing' THEN (
                    SELECT max(o.created_at AT TIME ZONE 'Europe/London')::date FROM outcomes_closure o
                    WHERE o.case_id = c.id AND o.status = 'asked') END
    FROM cases_familylink l
    JOIN cases_case c ON c.id = l.case_id AND c.family_id = l.family_id
    JOIN families_person p ON p.id = l.person_id
    JOIN LATERAL (
        SELECT g.instrument_id, g.id AS agreed_id, g.person_id AS subject, g.agreed_by_id AS agreed_by,
               g.starts_on AS begins, g.every_weeks AS weeks
        FROM outcomes_agreedmeasure g
        WHERE g.case_id = c.id AND g.ends_on IS NULL AND g.by_itself AND (g.person_id IS NULL OR g.person_id = p.id)
        UNION ALL
        SELECT e.id, NULL, p.id, NULL, c.opened_on, NULL FROM outcomes_instrument e
        WHERE e.every_case_from <= c.opened_on AND e.by_link
          AND (e.who = 'family' OR e.who = 'adult' AND NOT p.is_child OR e.who = 'young' AND p.is_child)
          AND NOT EXISTS (SELECT 1 FROM outcomes_item q WHERE q.instrument_id = e.id AND q.above IS NOT NULL)
          AND NOT EXISTS (SELECT 1 FROM outcomes_agreedmeasure g WHERE g.case_id = c.id AND g.instrument_id = e.id
                          AND g.ends_on IS NULL AND (g.person_id IS NULL OR g.person_id = p.id))
    ) a ON true
    JOIN outcomes_instrument i ON i.id = a.instrument_id AND i.in_use AND i.kind = 'items' AND i.who <> 'carer'
      AND (NOT i.licence_needed OR EXISTS (
          SELECT 1 FROM outcomes_instrumentlicence n WHERE n.instrument_id = i.id AND n.starts_on <= {TODAY}
          AND (n.ends_on IS NULL OR n.ends_on >= {TODAY})))
    LEFT JOIN LATERAL (
        SELECT k.id FROM cases_caseservice k JOIN clusters_service v ON v.id = k.service_id
        WHERE k.case_id = c.id AND k.worker_id = a.agreed_by AND k.status = 'active'
          AND v.kind IN ('childrens_therapy', 'adult_counselling') ORDER BY k.starts_on DESC LIMIT 1
    ) s ON true
    LEFT JOIN LATERAL (
        SELECT max(x.taken_on) AS last_on, bool_or(x.occasion = 'end') AS had_end FROM outcomes_measure x
        JOIN outcomes_instrument xi ON xi.id = x.instrument_id
        WHERE x.case_id = c.id AND xi.code = i.code
          AND (x.person_id IS NOT DISTINCT FROM a.subject OR a.agreed_id IS NULL AND x.person_id IS NULL)
    ) m ON true
    WHERE l.id = the_link AND (c.closed_on IS NULL OR i.at_end AND {TODAY} <= c.closed_on + 28)
      AND NOT EXISTS (SELECT 1 FROM outcomes_measure x WHERE x.case_id = c.id AND x.instrument_id = i.id
                      AND x.answerer_id = p.id AND x.how = 'link' AND x.taken_on = {TODAY});
$$;
"""
# A family answers a survey once, and a grown-up for it; only one that it was asked.
SURVEYS = f"""
CREATE FUNCTION ehs_family_surveys(the_link uuid) RETURNS TABLE (id uuid, survey_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT i.id, i.survey_id FROM cases_familylink l
    JOIN families_person p ON p.id = l.person_id AND NOT p.is_child
    JOIN outcomes_surveyinvitation i ON i.family_id = l.family_id AND i.state = 'sent'
    JOIN outcomes_survey s ON s.id = i.survey_id AND s.ended_at IS NULL AND s.answer_until >= {TODAY}
    WHERE l.id = the_link;
$$;
"""
TASKS = """
CREATE FUNCTION ehs_family_tasks(token text, key text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE v record;
BEGIN
    SELECT * INTO v FROM ehs_family_visitor(token, key);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE outcomes_familyvisit SET until = least(now() + interval '20 minutes', created_at + interval '2 hours')
    WHERE digest = key;
    RETURN jsonb_build_object(
        'measures', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'instrument', a.instrument_id, 'code', a.code, 'name', a.name, 'agreed', a.agreed_id,
                'private', a.service_id IS NOT NULL, 'begins', a.begins, 'weeks', a.weeks, 'start', a.at_start,
                'last', a.last_on, 'had_end', a.had_end, 'ending', a.ending) ORDER BY a.name, a.subject), '[]')
            FROM ehs_family_asked(v.link_id) a),
        'surveys', (SELECT coalesce(jsonb_agg(jsonb_build_object('invitation', s.id, 'survey', s.survey_id)
                ORDER BY s.survey_id), '[]') FROM ehs_family_surveys(v.link_id) s));
END $$;
"""
# said: answers, total, estimated, band, alarming, occasion, risk, told. An answer about safety flags the child's
# referral as a worker's worry would: above all else until somebody answers it.
MEASURE = f"""
CREATE FUNCTION ehs_family_measure(token text, key text, which bigint, the_agreement uuid, said jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    v record;
    a record;
    made uuid := gen_random_uuid();
    flagged referrals_referral%ROWTYPE;
    again boolean;
BEGIN
    SELECT * INTO v FROM ehs_family_visitor(token, key);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    -- Two answers at the same moment: the second waits here, and finds that it was answered.
    PERFORM 1 FROM cases_familylink WHERE id = v.link_id FOR UPDATE;
    SELECT * INTO a FROM ehs_family_asked(v.link_id)
    WHERE instrument_id = which AND agreed_id IS NOT DISTINCT FROM the_agreement;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    INSERT INTO outcomes_measure (id, created_at, cluster_id, family_id, case_id, case_service_id, instrument_id,
        person_id, answerer_id, answered_by, occasion, taken_on, how, private, author_id, reason)
    VALUES (made, now(), v.cluster_id, v.family_id, v.case_id, a.service_id, which, a.subject, v.person_id, 'family',
        said ->> 'occasion', {TODAY}, 'link', a.service_id IS NOT NULL, a.author_id, '');
    INSERT INTO outcomes_measureresult (id, created_at, cluster_id, family_id, measure_id, answers, total, estimated,
        band, alarming, private, author_id)
    VALUES (gen_random_uuid(), now(), v.cluster_id, v.family_id, made, said -> 'answers', (said ->> 'total')::numeric,
        (said ->> 'estimated')::boolean, said ->> 'band', (said ->> 'alarming')::boolean, a.service_id IS NOT NULL,
        a.author_id);
    IF NOT (said ->> 'risk')::boolean THEN
        RETURN jsonb_build_object('measure', made, 'author', a.author_id);
    END IF;
    INSERT INTO outcomes_measurerisk (id, created_at, cluster_id, family_id, measure_id, done, told)
    VALUES (gen_random_uuid(), now(), v.cluster_id, v.family_id, made, '', left(said ->> 'told', 200));
    SELECT r.* INTO flagged FROM referrals_referral r JOIN cases_casereferral k ON k.referral_id = r.id
    WHERE k.case_id = v.case_id ORDER BY r.received_on DESC, r.id DESC LIMIT 1 FOR UPDATE OF r;
    again := flagged.harm_flagged_at IS NOT NULL;
    IF flagged.id IS NOT NULL AND NOT (again
        AND NOT EXISTS (SELECT 1 FROM triage_harmanswer h WHERE h.referral_id = flagged.id AND NOT h.superseded)
        AND NOT EXISTS (SELECT 1 FROM triage_stepup u WHERE u.referral_id = flagged.id AND NOT u.superseded)) THEN
        UPDATE triage_harmanswer SET superseded = true WHERE referral_id = flagged.id AND NOT superseded;
        UPDATE triage_stepup SET superseded = true WHERE referral_id = flagged.id AND NOT superseded;
        UPDATE referrals_referral SET harm_flagged_at = now(), harm_flagged_by_id = NULL, version = version + 1
        WHERE id = flagged.id;
    ELSE
        flagged.id := NULL;
    END IF;
    RETURN jsonb_build_object('measure', made, 'author', a.author_id, 'referral', flagged.id, 'again', again,
        'restricted', (SELECT f.restricted FROM families_family f WHERE f.id = v.family_id),
        'named', (SELECT coalesce(jsonb_agg(n.user_id), '[]') FROM families_namedreader n WHERE n.family_id = v.family_id));
END $$;
"""
SURVEY = """
CREATE FUNCTION ehs_family_survey(token text, key text, invitation uuid, given jsonb, share boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    v record;
    proof text;
BEGIN
    SELECT * INTO v FROM ehs_family_visitor(token, key);
    IF NOT FOUND OR NOT EXISTS (SELECT 1 FROM ehs_family_surveys(v.link_id) s WHERE s.id = invitation) THEN
        RETURN false;
    END IF;
    SELECT i.code_digest INTO proof FROM outcomes_surveyinvitation i WHERE i.id = invitation;
    RETURN proof <> '' AND ehs_survey_answer(invitation, proof, given, share);
END $$;
"""
OPEN_TO_THE_PROGRAM = {
    "ehs_family_tasks(text, text)": TASKS,
    "ehs_family_measure(text, text, bigint, uuid, jsonb)": MEASURE,
    "ehs_family_survey(text, text, uuid, jsonb, boolean)": SURVEY,
}
WITHIN = {"ehs_family_asked(uuid)": ASKED, "ehs_family_surveys(uuid)": SURVEYS}


def functions() -> list[migrations.RunSQL]:
    made = []
    for name, sql in {**WITHIN, **OPEN_TO_THE_PROGRAM}.items():
        rights = f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC;"
        if name in OPEN_TO_THE_PROGRAM:
            rights += f"GRANT EXECUTE ON FUNCTION {name} TO ehs_app;"
        made.append(migrations.RunSQL(sql + rights, f"DROP FUNCTION {name}"))
    return made


class Migration(migrations.Migration):
    dependencies = [
        ("outcomes", "0017_answers_of_the_family_itself"),
        ("triage", "0013_school_answers"),
    ]
    operations = functions()
