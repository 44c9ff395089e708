# ruff: noqa: S608 - put together from this file's own constants
"""The family's page shows less of the others: their own scores, a service of theirs, visits where they live.

As 0014, but for these. A score that somebody gave alone is that person's, as what they say of a goal is. A service that
a Cluster added and that is one person's may say by its name alone what it is about. Whoever lives elsewhere is not
told when the worker is at the family's home, and nobody where the worker goes along to.
"""

from django.db import migrations

TODAY = "(now() AT TIME ZONE 'Europe/London')::date"
PAGE = f"""
CREATE OR REPLACE FUNCTION ehs_family_page(token text, key text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    v record;
    hidden boolean;
    lives_there boolean;
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
    lives_there := EXISTS (SELECT 1 FROM families_person p WHERE p.id = v.person_id AND p.in_household);
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
                      AND (a.person_id = v.person_id OR s.kind IN ('family_support', 'attendance_support')
                           OR s.kind = 'other' AND a.person_id IS NULL)
                      AND NOT EXISTS (SELECT 1 FROM cases_leadworker w WHERE w.case_id = c.id
                                      AND w.worker_id = a.worker_id AND w.ends_on IS NULL)),
        'goals', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'id', g.id, 'words', g.words, 'different', g.different, 'first', g.baseline, 'target', g.target,
                'live', g.status = 'live', 'ended_on', g.ended_on,
                'scores', (SELECT coalesce(jsonb_agg(jsonb_build_object('score', s.score, 'on', s.scored_on,
                              'itself', s.given_by_id IS NOT NULL) ORDER BY s.scored_on, s.created_at), '[]')
                           FROM cases_goalscore s WHERE s.goal_id = g.id
                             AND (s.given_by_id IS NULL OR s.given_by_id = v.person_id)),
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
                SELECT p.at, p.kind, u.name, CASE WHEN hidden OR p.kind IN ('home_visit', 'accompanied') THEN ''
                       ELSE p.place END
                FROM cases_plannedsession p JOIN clusters_user u ON u.id = p.worker_id
                LEFT JOIN cases_caseservice a ON a.id = p.case_service_id
                LEFT JOIN clusters_service s ON s.id = a.service_id
                WHERE p.case_id = c.id AND p.at > now() AND p.withdrawn_at IS NULL AND p.contact_id IS NULL
                  AND p.kind IN ('home_visit', 'phone', 'video', 'session', 'meeting', 'accompanied')
                  AND (a.person_id = v.person_id OR lives_there AND (
                       s.id IS NULL OR s.kind IN ('family_support', 'attendance_support')
                       OR s.kind = 'other' AND a.person_id IS NULL))
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


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0018_what_the_family_is_asked")]
    operations = [migrations.RunSQL(PAGE, migrations.RunSQL.noop)]
