# ruff: noqa: S608 - put together from this file's own constants
"""The family's page: the actor that opens it reads and writes no table at all, only what these functions hand out.

Each function starts from the two things that the browser brings, the link and the key of the visit, and works out
itself whose page it is. Whoever was withdrawn, expired, restricted or taken out is out with the next request.
"""

from django.db import migrations

from cluster_ehs.core.walls import ON_AGENDA, RECORD, SUPERVISED, SUPERVISED_CASES, guard_states, wall

MERGED = "(merged_into_id IS NULL OR (SELECT ehs_on('ehs.merged')))"
# As before, without the family: what it may see of these tables is columns of some rows, which no policy can say.
READS = {
    "cases_case": f"{RECORD} OR id = ANY ({SUPERVISED_CASES})",
    "cases_caseservice": f"{RECORD} OR worker_id = ANY ({SUPERVISED})",
    **dict.fromkeys(
        ("cases_leadworker", "cases_plan", "cases_goal", "cases_goalaction", "cases_goalagreement", "cases_goalscore"),
        RECORD,
    ),
    "outcomes_exitplan": RECORD,
    "families_family": f"({ON_AGENDA}) AND {MERGED}",
    "families_person": f"({ON_AGENDA}) AND {MERGED}",
}
TODAY = "(now() AT TIME ZONE 'Europe/London')::date"

# A closed case keeps its page for 13 months, or until two weeks after the last follow-up was answered.
LIVE = f"""
CREATE FUNCTION ehs_family_live(the_link uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT EXISTS (
        SELECT 1 FROM cases_familylink l
        JOIN families_person p ON p.id = l.person_id AND p.family_id = l.family_id AND p.merged_into_id IS NULL
          AND NOT p.deceased AND p.involvement <> 'not_to_be'
        JOIN families_family f ON f.id = l.family_id AND f.merged_into_id IS NULL
          AND (NOT f.restricted OR l.while_restricted)
        JOIN cases_case c ON c.id = l.case_id AND c.family_id = l.family_id
        WHERE l.id = the_link AND l.withdrawn_at IS NULL AND l.expires_on >= {TODAY}
          AND (c.closed_on IS NULL OR {TODAY} <= c.closed_on + interval '13 months' AND NOT EXISTS (
              SELECT 1 FROM outcomes_followup u WHERE u.case_id = c.id AND u.months = 12
              AND u.status IN ('done', 'not_reached') AND u.ended_on < {TODAY} - 14)));
$$;
"""
DOOR = """
CREATE FUNCTION ehs_family_door(token text) RETURNS TABLE (
    id uuid, family_id uuid, cluster_id bigint, case_id uuid, language text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT l.id, l.family_id, l.cluster_id, l.case_id, l.language::text FROM cases_familylink l
    WHERE l.token_digest = token AND ehs_family_live(l.id);
$$;
"""
# Counted before it is compared, under the row's lock, so that guesses at the same moment all count. A device that has
# opened the link before is not counted with the others: nobody else can use up the family's own tries.
TRY = """
CREATE FUNCTION ehs_family_try(the_link uuid, key text, most integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    known boolean := EXISTS (SELECT 1 FROM outcomes_familyvisit v WHERE v.link_id = the_link AND v.digest = key);
    code text;
BEGIN
    IF NOT ehs_family_live(the_link) THEN
        RETURN NULL;
    END IF;
    IF known THEN
        SELECT l.code_digest INTO code FROM cases_familylink l WHERE l.id = the_link;
        RETURN code;
    END IF;
    UPDATE cases_familylink l
    SET tries = CASE WHEN l.tries_since IS NULL OR l.tries_since < now() - interval '1 hour' THEN 1 ELSE l.tries + 1 END,
        tries_since = CASE WHEN l.tries_since IS NULL OR l.tries_since < now() - interval '1 hour' THEN now()
                           ELSE l.tries_since END
    WHERE l.id = the_link AND (l.tries_since IS NULL OR l.tries_since < now() - interval '1 hour' OR l.tries < most)
    RETURNING l.code_digest INTO code;
    RETURN code;
END $$;
"""
OPEN = """
CREATE FUNCTION ehs_family_open(the_link uuid, code text, key text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO outcomes_familyvisit (id, created_at, cluster_id, family_id, link_id, digest, until)
    SELECT gen_random_uuid(), now(), l.cluster_id, l.family_id, l.id, key, now() + interval '20 minutes'
    FROM cases_familylink l WHERE l.id = the_link AND l.code_digest = code AND ehs_family_live(l.id);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE cases_familylink SET tries = 0 WHERE id = the_link AND tries > 0;
    RETURN true;
END $$;
"""
VISITOR = """
CREATE FUNCTION ehs_family_visitor(token text, key text) RETURNS TABLE (
    link_id uuid, family_id uuid, cluster_id bigint, case_id uuid, person_id uuid, name text, language text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT l.id, l.family_id, l.cluster_id, l.case_id, l.person_id,
           coalesce(nullif(p.known_as, ''), nullif(p.first_name, ''), p.last_name)::text, l.language::text
    FROM cases_familylink l JOIN outcomes_familyvisit v ON v.link_id = l.id
    JOIN families_person p ON p.id = l.person_id
    WHERE l.token_digest = token AND v.digest = key AND v.left_at IS NULL AND v.until > now() AND ehs_family_live(l.id);
$$;
"""
LEAVE = """
CREATE FUNCTION ehs_family_leave(token text, key text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    UPDATE outcomes_familyvisit v SET left_at = now() FROM cases_familylink l
    WHERE l.id = v.link_id AND l.token_digest = token AND v.digest = key AND v.left_at IS NULL;
$$;
"""
# The goals of the whole family, the own ones, and those of others that were shared by name.
GOALS = """
CREATE FUNCTION ehs_family_goals(the_link uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT g.id FROM cases_familylink l JOIN cases_plan p ON p.case_id = l.case_id AND p.family_id = l.family_id
    JOIN cases_goal g ON g.plan_id = p.id
    WHERE l.id = the_link AND (g.whose_id IS NULL OR g.whose_id = l.person_id OR g.id = ANY (l.shared_goals));
$$;
"""
# An address that somebody must not be told stands in no text of the page, wherever a worker wrote it. When one of a
# family's is withheld, all of them are.
MASKED = f"""
CREATE FUNCTION ehs_family_masked(the_family uuid, page jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$
DECLARE
    said text := page::text;
    word text;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM families_flag f WHERE f.family_id = the_family AND f.kind = 'address_not_shared'
                   AND (f.ends_on IS NULL OR f.ends_on > {TODAY})) THEN
        RETURN page;
    END IF;
    FOR word IN
        SELECT trim(w) FROM (
            SELECT f.address FROM families_family f WHERE f.id = the_family
            UNION SELECT f.postcode FROM families_family f WHERE f.id = the_family
            UNION SELECT p.other_address FROM families_person p WHERE p.family_id = the_family
            UNION SELECT split_part(f.address, ',', 1) FROM families_family f WHERE f.id = the_family
            UNION SELECT split_part(p.other_address, ',', 1) FROM families_person p WHERE p.family_id = the_family
        ) addresses (w) WHERE length(trim(w)) > 4 ORDER BY length(w) DESC
    LOOP
        word := trim(both '"' from to_jsonb(word)::text);
        word := regexp_replace(word, '([][\\\\.^$*+?(){{}}|])', '\\\\\\1', 'g');
        said := regexp_replace(said, regexp_replace(word, '\\s+', '\\\\s*', 'g'), '…', 'gi');
    END LOOP;
    RETURN said::jsonb;
END $$;
"""
# All that a visit is shown. Left out on purpose: every person but the one who reads, addresses, contacts and notes,
# next steps, handovers, reasons, decisions of meetings, what others say of a goal, whoever is in therapy.
PAGE = f"""
CREATE FUNCTION ehs_family_page(token text, key text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    v record;
    hidden boolean;
    shown jsonb;
BEGIN
    SELECT * INTO v FROM ehs_family_visitor(token, key);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE outcomes_familyvisit SET until = least(now() + interval '20 minutes', created_at + interval '2 hours')
    WHERE digest = key;
    hidden := EXISTS (SELECT 1 FROM families_flag f WHERE f.family_id = v.family_id AND f.kind = 'address_not_shared'
                      AND (f.ends_on IS NULL OR f.ends_on > {TODAY}));
    SELECT jsonb_build_object(
        'name', v.name, 'family', f.name, 'closed_on', c.closed_on, 'review_on', c.review_due_on,
        'cluster', jsonb_build_object('name', k.name, 'telephone', k.telephone, 'email', k.email),
        'lead', (SELECT jsonb_build_object('name', u.name, 'telephone', u.telephone) FROM cases_leadworker w
                 JOIN clusters_user u ON u.id = w.worker_id
                 WHERE w.case_id = c.id AND w.starts_on <= {TODAY} AND (w.ends_on IS NULL OR w.ends_on > {TODAY})
                 ORDER BY w.starts_on DESC LIMIT 1),
        'helpers', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', u.name, 'telephone', u.telephone,
                        'service', s.name) ORDER BY s."order", u.name), '[]')
                    FROM cases_caseservice a JOIN clusters_service s ON s.id = a.service_id
                    JOIN clusters_user u ON u.id = a.worker_id
                    WHERE a.case_id = c.id AND a.status = 'active'
                      AND (s.kind NOT IN ('childrens_therapy', 'adult_counselling') OR a.person_id = v.person_id)
                      AND NOT EXISTS (SELECT 1 FROM cases_leadworker w WHERE w.case_id = c.id
                                      AND w.worker_id = a.worker_id AND w.ends_on IS NULL)),
        'goals', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'id', g.id, 'words', g.words, 'different', g.different, 'first', g.baseline, 'target', g.target,
                'live', g.status = 'live', 'ended_on', g.ended_on,
                'scores', (SELECT coalesce(jsonb_agg(jsonb_build_object('score', s.score, 'on', s.scored_on,
                              'itself', s.given_by_id IS NOT NULL) ORDER BY s.scored_on, s.created_at), '[]')
                           FROM cases_goalscore s WHERE s.goal_id = g.id),
                'today', (SELECT s.score FROM cases_goalscore s WHERE s.goal_id = g.id
                          AND s.given_by_id = v.person_id AND s.scored_on = {TODAY}),
                'agrees', a.agrees, 'says', a.words,
                'actions', (SELECT coalesce(jsonb_agg(jsonb_build_object('what', d.what, 'who', d.who,
                               'by_when', d.by_when, 'done', d.done_on IS NOT NULL) ORDER BY d.created_at), '[]')
                            FROM cases_goalaction d WHERE d.goal_id = g.id)
                ) ORDER BY g.status <> 'live', g.position, g.created_at), '[]')
            FROM cases_goal g LEFT JOIN cases_goalagreement a ON a.goal_id = g.id AND a.person_id = v.person_id
            WHERE g.id IN (SELECT ehs_family_goals(v.link_id)) AND g.status IN ('live', 'achieved')),
        'ahead', (SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY t.at), '[]') FROM (
                SELECT m.held_at AS at, m.kind, '' AS worker, CASE WHEN hidden THEN '' ELSE m.place END AS place
                FROM cases_casemeeting m
                WHERE m.case_id = c.id AND m.kind IN ('taf', 'family_group') AND m.held_at > now()
                  AND m.recorded_at IS NULL AND m.not_held = ''
                  AND (NOT EXISTS (SELECT 1 FROM cases_meetingattendee a
                                   WHERE a.meeting_id = m.id AND a.person_id IS NOT NULL)
                       OR EXISTS (SELECT 1 FROM cases_meetingattendee a
                                  WHERE a.meeting_id = m.id AND a.person_id = v.person_id))
                UNION ALL
                SELECT p.at, p.kind, u.name, CASE WHEN hidden OR p.kind = 'home_visit' THEN '' ELSE p.place END
                FROM cases_plannedsession p JOIN clusters_user u ON u.id = p.worker_id
                LEFT JOIN cases_caseservice a ON a.id = p.case_service_id
                LEFT JOIN clusters_service s ON s.id = a.service_id
                WHERE p.case_id = c.id AND p.at > now() AND p.withdrawn_at IS NULL AND p.contact_id IS NULL
                  AND p.kind IN ('home_visit', 'phone', 'video', 'session', 'meeting', 'accompanied')
                  AND (s.id IS NULL OR s.kind NOT IN ('childrens_therapy', 'adult_counselling')
                       OR a.person_id = v.person_id)
                ORDER BY 1 LIMIT 6) t),
        'exit_plan', (SELECT jsonb_build_object('in_place', e.in_place, 'wider_family', e.wider_family,
                'community', e.community, 'school', e.school, 'if_things_slip', e.if_things_slip,
                'back_in_touch', e.back_in_touch, 'who_stays', e.who_stays)
            FROM outcomes_closure o JOIN outcomes_exitplan e ON e.closure_id = o.id
            WHERE o.case_id = c.id AND o.status = 'signed_off' AND o.reopened_at IS NULL AND c.closed_on IS NOT NULL
            ORDER BY o.created_at DESC LIMIT 1),
        'follow_up', (SELECT jsonb_build_object('id', u.id, 'months', u.months) FROM outcomes_followup u
            WHERE u.case_id = c.id AND u.status = 'due' AND u.due_on <= {TODAY} + 14 ORDER BY u.due_on LIMIT 1)
    ) INTO shown
    FROM cases_case c JOIN families_family f ON f.id = c.family_id JOIN clusters_cluster k ON k.id = c.cluster_id
    WHERE c.id = v.case_id;
    IF shown -> 'exit_plan' <> 'null' THEN
        UPDATE outcomes_exitplan e SET shared_with_family_on = {TODAY} FROM outcomes_closure o
        WHERE o.id = e.closure_id AND o.case_id = v.case_id AND o.status = 'signed_off' AND o.reopened_at IS NULL
          AND e.shared_with_family_on IS NULL;
    END IF;
    RETURN ehs_family_masked(v.family_id, shown);
END $$;
"""
# One score a day for each person and goal: the last one counts.
SCORE = f"""
CREATE FUNCTION ehs_family_score(token text, key text, the_goal uuid, the_score integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE v record;
BEGIN
    SELECT * INTO v FROM ehs_family_visitor(token, key);
    IF NOT FOUND OR the_score NOT BETWEEN 0 AND 10 THEN
        RETURN false;
    END IF;
    INSERT INTO cases_goalscore (id, created_at, cluster_id, family_id, goal_id, given_by_id, score, scored_on)
    SELECT gen_random_uuid(), now(), v.cluster_id, v.family_id, g.id, v.person_id, the_score, {TODAY}
    FROM cases_goal g WHERE g.id = the_goal AND g.status = 'live' AND g.id IN (SELECT ehs_family_goals(v.link_id))
    ON CONFLICT (goal_id, given_by_id, scored_on) DO UPDATE SET score = excluded.score;
    RETURN FOUND;
END $$;
"""
AGREE = """
CREATE FUNCTION ehs_family_agree(token text, key text, the_goal uuid, does boolean, why text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE v record;
BEGIN
    SELECT * INTO v FROM ehs_family_visitor(token, key);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO cases_goalagreement (id, created_at, cluster_id, family_id, goal_id, person_id, agrees, words,
                                     by_itself_at)
    SELECT gen_random_uuid(), now(), v.cluster_id, v.family_id, g.id, v.person_id, does, left(trim(why), 300), now()
    FROM cases_goal g WHERE g.id = the_goal AND g.status = 'live' AND g.id IN (SELECT ehs_family_goals(v.link_id))
    ON CONFLICT (goal_id, person_id) DO UPDATE SET agrees = excluded.agrees, words = excluded.words,
        by_itself_at = excluded.by_itself_at;
    RETURN FOUND;
END $$;
"""
# The family's own answer to a follow-up that is due. said: things, words, slipped, wants_help, scores by goal.
FOLLOW_UP = f"""
CREATE FUNCTION ehs_family_follow_up(token text, key text, which uuid, said jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE v record;
BEGIN
    SELECT * INTO v FROM ehs_family_visitor(token, key);
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE outcomes_followup SET status = 'done', ended_on = {TODAY}, how = 'page', by_person_id = v.person_id,
        things = (said ->> 'things')::smallint, words = left(coalesce(said ->> 'words', ''), 4000),
        slipped = left(coalesce(said ->> 'slipped', ''), 4000), wants_help = coalesce(said ->> 'wants_help', ''),
        social_care = 'unknown'
    WHERE id = which AND case_id = v.case_id AND family_id = v.family_id AND status = 'due' AND due_on <= {TODAY} + 14;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO outcomes_followupscore (id, created_at, cluster_id, family_id, follow_up_id, goal_id, score)
    SELECT gen_random_uuid(), now(), v.cluster_id, v.family_id, which, s.key::uuid, s.value::smallint
    FROM jsonb_each_text(coalesce(said -> 'scores', '{{}}')) s
    WHERE s.key::uuid IN (SELECT ehs_family_goals(v.link_id));
    RETURN true;
END $$;
"""
# As 0008: that the family opened its page is nothing written in the case.
WRITTEN = """
CREATE OR REPLACE FUNCTION ehs_written_since_reopening(the_case uuid) RETURNS TABLE (table_name text, number bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT h.table_name, count(DISTINCT h.row_id)
    FROM cases_case c
    JOIN LATERAL (SELECT max(e.at) AS at FROM core_event e WHERE e.family_id = c.family_id
                  AND e.kind = 'case.reopened' AND e.about = 'cases.case:' || c.id) opened ON true
    JOIN core_change h ON h.family_id = c.family_id AND h.at > opened.at
    WHERE c.id = the_case
      AND (c.cluster_id = ANY (ehs_ids('ehs.clusters')) AND NOT c.family_id = ANY (ehs_uuids('ehs.hidden'))
           OR c.family_id = ANY (ehs_uuids('ehs.granted')))
      AND (h.table_name ~ '^(cases|formulation|outcomes)_'
           OR h.table_name IN ('families_storedfile', 'triage_stepup', 'triage_letter'))
      AND h.table_name NOT IN ('outcomes_familyvisit', 'cases_familylink')
    GROUP BY h.table_name ORDER BY h.table_name;
$$;
"""
OPEN_TO_THE_PROGRAM = {
    "ehs_family_door(text)": DOOR,
    "ehs_family_try(uuid, text, integer)": TRY,
    "ehs_family_open(uuid, text, text)": OPEN,
    "ehs_family_visitor(text, text)": VISITOR,
    "ehs_family_leave(text, text)": LEAVE,
    "ehs_family_page(text, text)": PAGE,
    "ehs_family_score(text, text, uuid, integer)": SCORE,
    "ehs_family_agree(text, text, uuid, boolean, text)": AGREE,
    "ehs_family_follow_up(text, text, uuid, jsonb)": FOLLOW_UP,
}
WITHIN = {
    "ehs_family_live(uuid)": LIVE,
    "ehs_family_goals(uuid)": GOALS,
    "ehs_family_masked(uuid, jsonb)": MASKED,
}
BEFORE = ("ehs_family_link(text)", "ehs_family_link_try(uuid, integer)", "ehs_family_link_opened(uuid, text)")


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
        ("outcomes", "0013_follow_ups_and_visits"),
        ("cases", "0024_family_link_of_a_person"),
        ("families", "0011_why_not_involved"),
    ]
    operations = [
        *wall("outcomes_familyvisit", parents={"link_id": "cases_familylink"}),
        *wall(
            "outcomes_followup",
            parents={"case_id": "cases_case", "closure_id": "outcomes_closure", "by_person_id": "families_person"},
            parent_of=True,
        ),
        *wall("outcomes_followupscore", parents={"follow_up_id": "outcomes_followup", "goal_id": "cases_goal"}),
        *wall("outcomes_followuptry", parents={"follow_up_id": "outcomes_followup"}),
        guard_states("outcomes_followup"),
        *functions(),
        *(
            migrations.RunSQL(
                f"ALTER POLICY reads ON {table} USING ("
                + reads.format(family="id" if table == "families_family" else "family_id")
                + ")",
                migrations.RunSQL.noop,
            )
            for table, reads in READS.items()
        ),
        migrations.RunSQL(WRITTEN, migrations.RunSQL.noop),
        # A link that is nobody's in particular opens nothing any more.
        migrations.RunSQL(
            "UPDATE cases_familylink SET withdrawn_at = now() WHERE person_id IS NULL AND withdrawn_at IS NULL",
            migrations.RunSQL.noop,
        ),
        *(migrations.RunSQL(f"DROP FUNCTION {name}", migrations.RunSQL.noop) for name in BEFORE),
    ]
