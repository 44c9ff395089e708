-- == The plan of the city
CREATE FUNCTION pg_temp.u(text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5($1)::uuid $$;
CREATE FUNCTION pg_temp.h(text, int) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT mod(('x' || substr(md5($1), 1, 7))::bit(28)::int, $2) $$;
CREATE TEMP TABLE said (referrals int, families int, current_work int, closed int) ON COMMIT DROP;
INSERT INTO said SELECT %(referrals)s, %(referrals)s * 8 / 10, %(to_screen)s + %(waiting)s + %(open_cases)s,
                        %(referrals)s / 2 - %(open_cases)s;

-- == Clusters, schools, people who work
INSERT INTO clusters_cluster (name, prefix, telephone, email, postcodes, created_at)
SELECT 'Bench Cluster ' || lpad(k::text, 2, '0'), 'B' || lpad(k::text, 2, '0'), '', '', '', now()
FROM generate_series(1, %(clusters)s) k;
CREATE TEMP TABLE place ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY id)::int - 1 AS k, id AS cluster_id, prefix FROM clusters_cluster;
INSERT INTO clusters_school (name, urn, phase, register)
SELECT 'Bench School ' || (k * 14 + s), (900000 + k * 14 + s)::text,
       CASE WHEN s = 13 THEN 'secondary' ELSE 'primary' END, '{}'
FROM place, generate_series(0, 13) s;
CREATE TEMP TABLE school ON COMMIT DROP AS
SELECT id, (urn::int - 900000) / 14 AS k, mod(urn::int - 900000, 14) AS s FROM clusters_school WHERE urn ~ '^90';
INSERT INTO clusters_schoolmembership (starts_on, cluster_id, school_id)
SELECT date '2010-09-01', p.cluster_id, s.id FROM school s JOIN place p USING (k);
INSERT INTO clusters_user (password, name, email, telephone, is_active, is_staff, created_at, mails, digest)
SELECT %(password)s, 'Worker ' || k || '-' || w, 'w' || k || '-' || w || '@example.org', '', true, false, now(), 'once', true
FROM place, generate_series(0, 12) w
UNION ALL SELECT %(password)s, 'Manager', 'manager@example.org', '', true, false, now(), 'once', true;
CREATE TEMP TABLE worker ON COMMIT DROP AS
SELECT u.id, split_part(substr(email, 2), '-', 1)::int AS k, split_part(split_part(email, '@', 1), '-', 2)::int AS w
FROM clusters_user u WHERE email ~ '^w[0-9]';
CREATE UNIQUE INDEX ON worker (k, w);
INSERT INTO clusters_staffrole (role, post, funder, full_time_equivalent, capacity, starts_on, cluster_id, user_id)
SELECT CASE WHEN w = 0 THEN 'leader' ELSE 'practitioner' END,
       CASE WHEN w = 0 THEN '' WHEN w = 10 THEN 'childrens_therapist' WHEN w = 11 THEN 'adult_counsellor'
            WHEN w = 12 THEN 'attendance_officer' ELSE 'family_practitioner' END,
       'schools', 1, 14, date '2012-01-01', p.cluster_id, worker.id FROM worker JOIN place p USING (k)
UNION ALL SELECT 'manager', '', '', NULL, NULL, date '2012-01-01', NULL, id FROM clusters_user WHERE name = 'Manager';

-- == Which referral is what
CREATE TEMP TABLE ref ON COMMIT DROP AS
SELECT i, CASE WHEN i < families THEN i ELSE i - families + current_work END AS f,
       CASE WHEN i < %(to_screen)s THEN 'screen' WHEN i < %(to_screen)s + %(waiting)s THEN 'waiting' WHEN i < current_work THEN 'open'
            WHEN floor((i - current_work + 1) * closed::numeric / (referrals - current_work))
                 > floor((i - current_work) * closed::numeric / (referrals - current_work)) THEN 'closed' ELSE 'triage' END AS fate,
       current_date - CASE WHEN i < %(to_screen)s THEN mod(i / 23, 14) WHEN i < %(to_screen)s + %(waiting)s THEN 10 + mod(i, 80)
            WHEN i < current_work THEN 30 + mod(i, 150)
            ELSE 30 + (3620.0 * (i - current_work) / (referrals - current_work))::int END AS received
FROM said, generate_series(0, referrals - 1) i;
ALTER TABLE ref ADD k int, ADD cluster_id bigint, ADD family_id uuid, ADD id uuid, ADD decided date, ADD opened date, ADD closed date;
UPDATE ref SET k = mod(f, 23), family_id = pg_temp.u('family' || f), id = pg_temp.u('referral' || i), decided = received + 4,
    opened = received + 4 + mod(i, 40),
    closed = CASE WHEN fate = 'closed' THEN least(received + 44 + 60 + mod(i, 130), current_date - 1) END;
UPDATE ref SET opened = least(opened, current_date - 5), cluster_id = (SELECT cluster_id FROM place p WHERE p.k = ref.k);
UPDATE ref SET closed = greatest(closed, opened) WHERE closed IS NOT NULL;
CREATE UNIQUE INDEX ON ref (i);
CREATE INDEX ON ref (fate);
ANALYZE ref;

-- == Families and people
CREATE TEMP TABLE fam ON COMMIT DROP AS
SELECT f, mod(f, 23) AS k, p.cluster_id, p.prefix, pg_temp.u('family' || f) AS id, l.word AS last, s.word AS street
FROM said CROSS JOIN generate_series(0, families - 1) f JOIN place p ON p.k = mod(f, 23)
JOIN bench_last l ON l.n = pg_temp.h('last' || f, (SELECT count(*)::int FROM bench_last))
JOIN bench_street s ON s.n = pg_temp.h('street' || f, (SELECT count(*)::int FROM bench_street));
ANALYZE fam;
INSERT INTO families_family (id, reference, name, own_number, address, postcode, telephone, restricted, version, created_at, cluster_id)
SELECT id, prefix || '-F2020-' || lpad(f::text, 6, '0'), last, '', mod(f, 140) + 1 || ' ' || street, 'LS' || 7 + mod(f, 8) || ' ' || 1 + mod(f, 9) || 'AB',
       '', mod(f, 997) = 996, 1, now(), cluster_id FROM fam;
CREATE TEMP TABLE person ON COMMIT DROP AS
SELECT fam.f, fam.k, fam.cluster_id, fam.id AS family_id, fam.last, x AS n, pg_temp.u('person' || f || '-' || x) AS id, w.word AS first
FROM fam CROSS JOIN generate_series(0, 2) x
JOIN bench_first w ON w.n = pg_temp.h('first' || f || '-' || x, (SELECT count(*)::int FROM bench_first))
WHERE x < 2 OR mod(f, 2) = 0;
ANALYZE person;
ANALYZE school;
CREATE TEMP TABLE ethnicity ON COMMIT DROP AS
SELECT id, row_number() OVER (ORDER BY id) - 1 AS r FROM clusters_term WHERE vocabulary = 'ethnicity' AND parent_id IS NULL;
ANALYZE ethnicity;
INSERT INTO families_person (id, created_at, first_name, last_name, known_as, birth_date, is_child, in_household, parental_responsibility,
    involvement, gender, gender_words, interpreter_needed, year_group, upn, nhs_number, telephone, other_address, version, deceased, employment, support, cluster_id,
    ethnicity_id, family_id, first_language_id, relationship_id, school_id)
SELECT p.id, now(), first, last, '',
       coalesce(ref.received, current_date) - CASE WHEN n = 1 THEN 12000 + mod(p.f, 4000) ELSE 1900 + mod(p.f * 7 + n * 400, 3900) END,
       n <> 1, true, CASE WHEN n = 1 THEN true END, 'involved', CASE WHEN n = 1 OR mod(p.f, 2) = 0 THEN 'female' ELSE 'male' END, '', mod(p.f, 9) = 0,
       CASE WHEN n <> 1 THEN '4' ELSE '' END, '', '', '', '', 1, false, '', '', p.cluster_id, e.id, p.family_id, NULL, NULL,
       CASE WHEN n <> 1 THEN s.id END
FROM person p
LEFT JOIN school s ON s.k = p.k AND s.s = mod(p.f / 23, 14)
LEFT JOIN ref ON ref.i = p.f
LEFT JOIN ethnicity e ON e.r = mod(p.f, 20);

-- == Tokens of the search
INSERT INTO families_persontoken (kind, token, cluster_id, family_id, person_id)
SELECT DISTINCT t.kind, t.token, p.cluster_id, p.family_id, p.id
FROM person p CROSS JOIN LATERAL (VALUES (p.first), (p.last)) w (word) JOIN bench_token t ON t.word = w.word AND t.kind <> 'a'
UNION ALL
SELECT t.kind, t.token, fam.cluster_id, fam.id, NULL FROM fam JOIN bench_token t ON t.word = fam.last AND t.kind = 'f'
UNION ALL
SELECT 'a', t.token, fam.cluster_id, fam.id, NULL FROM fam JOIN bench_token t ON t.word = fam.street AND t.kind = 'a'
UNION ALL
SELECT 'a', (mod(f, 140) + 1)::text, cluster_id, id, NULL FROM fam;

-- == Referrals with reasons and stories
INSERT INTO referrals_referral (id, created_at, reference, status, received_on, year_group, channel, referrer_name, referrer_role,
    referrer_organisation, referrer_telephone, referrer_email, agreed, agreed_by, agreed_how, override_reason, imported, version, child_id,
    cluster_id, family_id, route_id, school_id)
SELECT ref.id, received, p.prefix || '-' || extract(year FROM received) || '-' || lpad(i::text, 6, '0'),
       CASE fate WHEN 'screen' THEN 'to_screen' WHEN 'waiting' THEN 'decided' WHEN 'open' THEN 'decided' ELSE 'ended' END,
       received, '4', 'online', 'Robin Example', 'Pastoral lead', 'Bench School', '', '', 'yes', '', '', '', false, 1, pg_temp.u('person' || f || '-0'),
       ref.cluster_id, ref.family_id, r.id, s.id
FROM ref JOIN place p USING (k) LEFT JOIN school s ON s.k = ref.k AND s.s = mod(ref.f / 23, 14)
JOIN (SELECT id, row_number() OVER (ORDER BY "order") - 1 AS r FROM clusters_term WHERE vocabulary = 'route') r
  ON r.r = CASE WHEN mod(i, 10) < 7 THEN 0 ELSE mod(i, 7) END;
INSERT INTO referrals_story (id, worrying, tried, going_well, family_wants, child_says, lives_at_home, who_else_helps, visiting_risks, notes, cluster_id, family_id, referral_id)
SELECT pg_temp.u('story' || i), n.word, 'Soft start.', 'Loves art.', 'Calm mornings.', '', '', '', '', '', cluster_id, family_id, id
FROM ref JOIN bench_note n ON n.n = mod(i, (SELECT count(*)::int FROM bench_note));
WITH reason AS (SELECT id, parent_id, row_number() OVER (ORDER BY "order") - 1 AS r, count(*) OVER () AS many
                FROM clusters_term WHERE vocabulary = 'reason' AND parent_id IS NOT NULL)
INSERT INTO referrals_referralreason (id, category_id, cluster_id, family_id, reason_id, referral_id)
SELECT pg_temp.u('reason' || i || '-' || x), reason.parent_id, cluster_id, family_id, reason.id, ref.id
FROM ref CROSS JOIN generate_series(0, 1) x JOIN reason ON reason.r = mod(i * 5 + x * 11, reason.many);

-- == Screening: decisions, offers, endings
INSERT INTO triage_meeting (id, kind, status, starts_at, place, created_at, cluster_id)
SELECT pg_temp.u('meeting' || k), 'screening', 'open', now() - interval '10 minutes', '', now(), cluster_id FROM place;
INSERT INTO triage_agendaitem (id, created_at, position, deferred_reason, cluster_id, family_id, referral_id, meeting_id)
SELECT pg_temp.u('item' || i), now(), i / 23 + 1, '', cluster_id, family_id, id, pg_temp.u('meeting' || k) FROM ref WHERE fate = 'screen';
INSERT INTO triage_decision (id, created_at, response, rationale, decided_on, decided_at, cluster_id, decided_by_id, family_id, referral_id)
SELECT pg_temp.u('decision' || i), decided, CASE fate WHEN 'triage' THEN 'passed_on' ELSE 'service' END, 'Fits.', decided, decided,
       ref.cluster_id, w.id, family_id, ref.id
FROM ref JOIN worker w ON w.k = ref.k AND w.w = 0 WHERE fate <> 'screen';
INSERT INTO triage_offer (id, created_at, status, priority, waiting_since, started_on, cluster_id, decision_id, family_id, person_id, service_id)
SELECT pg_temp.u('offer' || i), decided, CASE fate WHEN 'waiting' THEN 'waiting' ELSE 'started' END, 1 + mod(i, 3), decided,
       CASE fate WHEN 'waiting' THEN NULL ELSE opened END, cluster_id, pg_temp.u('decision' || i), family_id, NULL, s.id
FROM ref JOIN (SELECT id, row_number() OVER (ORDER BY "order") - 1 AS r FROM clusters_service WHERE cluster_id IS NULL AND retired_on IS NULL) s
  ON s.r = CASE WHEN fate = 'waiting' THEN mod(i, 4) ELSE 0 END
WHERE fate IN ('waiting', 'open', 'closed');
INSERT INTO triage_passingon (id, created_at, status, sent_on, return_expected, outcome, cluster_id, decision_id, family_id, partner_id)
SELECT pg_temp.u('passed' || i), decided, 'sent', decided, false, '', cluster_id, pg_temp.u('decision' || i), family_id, p.id
FROM ref JOIN (SELECT id, row_number() OVER (ORDER BY "order") - 1 AS r FROM clusters_partnerservice) p ON p.r = mod(i, 12)
WHERE fate = 'triage';
INSERT INTO triage_ending (id, created_at, "where", ended_on, outcome_not_recorded, cluster_id, family_id, referral_id)
SELECT pg_temp.u('ending' || i), coalesce(closed, decided), CASE fate WHEN 'triage' THEN 'triage' ELSE 'case' END, coalesce(closed, decided), false,
       cluster_id, family_id, id FROM ref WHERE fate IN ('triage', 'closed');
INSERT INTO triage_endingoutcome (id, created_at, outcome, cluster_id, ending_id, family_id)
SELECT pg_temp.u('outcome' || i), now(), CASE fate WHEN 'triage' THEN 'passed_on'
       ELSE (ARRAY['completed_full', 'completed_part', 'completed_nfa', 'family', 'moved'])[1 + mod(i, 5)] END, cluster_id, pg_temp.u('ending' || i), family_id
FROM ref WHERE fate IN ('triage', 'closed');

-- == Cases with lead workers, services and plans
CREATE TEMP TABLE work ON COMMIT DROP AS
SELECT ref.*, pg_temp.u('case' || i) AS case_id, w.id AS worker_id, coalesce(closed, current_date) AS until
FROM ref JOIN worker w ON w.k = ref.k AND w.w = 1 + mod(i / 23, 9) WHERE fate IN ('open', 'closed');
ANALYZE work;
INSERT INTO cases_case (id, created_at, reference, status, opened_on, closed_on, last_contact_on, next_step, next_step_on, review_due_on, imported, sessions_before, version, cluster_id, family_id)
SELECT case_id, opened, p.prefix || '-C' || extract(year FROM opened) || '-' || lpad(i::text, 6, '0'), CASE fate WHEN 'open' THEN 'open' ELSE 'closed' END,
       opened, closed, until - mod(i, 25), CASE fate WHEN 'open' THEN 'Visit on Tuesday' ELSE '' END, CASE fate WHEN 'open' THEN current_date + mod(i, 12) END,
       CASE fate WHEN 'open' THEN current_date - 10 + mod(i, 45) END, false, 0, 1, work.cluster_id, family_id
FROM work JOIN place p USING (k);
INSERT INTO cases_casereferral (id, created_at, case_id, cluster_id, family_id, referral_id)
SELECT pg_temp.u('link' || i), opened, case_id, cluster_id, family_id, id FROM work;
INSERT INTO cases_leadworker (id, created_at, starts_on, ends_on, handover, case_id, cluster_id, family_id, worker_id)
SELECT pg_temp.u('lead' || i), opened, opened, closed, '', case_id, cluster_id, family_id, worker_id FROM work;
INSERT INTO cases_caseservice (id, created_at, status, starts_on, ends_on, case_id, cluster_id, entitlement_id, family_id, offer_id, service_id, worker_id)
SELECT pg_temp.u('service' || i), opened, CASE fate WHEN 'open' THEN 'active' ELSE 'ended' END, opened, closed, case_id, work.cluster_id, e.id, family_id,
       pg_temp.u('offer' || i), s.id, worker_id
FROM work, clusters_service s, LATERAL (SELECT id FROM clusters_entitlement e WHERE e.service_id = s.id ORDER BY effective_from DESC LIMIT 1) e
WHERE s.code = 'family_support';
INSERT INTO cases_plan (id, created_at, agreed_on, version, case_id, cluster_id, family_id)
SELECT pg_temp.u('plan' || i), opened, opened, 1, case_id, cluster_id, family_id FROM work;
INSERT INTO cases_goal (id, created_at, position, words, different, baseline, target, status, ended_on, ended_reason, version, cluster_id, family_id, whose_id, plan_id)
SELECT pg_temp.u('goal' || i || '-' || g), opened, g, (ARRAY['Get to school without tears', 'Evenings without hitting'])[g], 'It is calm.', 2 + mod(i, 3), 8,
       CASE fate WHEN 'open' THEN 'live' ELSE 'achieved' END, closed, '', 1, cluster_id, family_id, pg_temp.u('person' || f || '-0'), pg_temp.u('plan' || i)
FROM work, generate_series(1, 2) g;
INSERT INTO cases_goalaction (id, created_at, what, who, by_when, cluster_id, family_id, goal_id)
SELECT pg_temp.u('action' || i || '-' || g), opened, 'Meet at the side door', 'School', opened + 30, cluster_id, family_id, pg_temp.u('goal' || i || '-' || g)
FROM work, generate_series(1, 2) g;
INSERT INTO cases_review (id, created_at, reviewed_on, took_part, decisions, next_due_on, author_id, cluster_id, family_id, plan_id)
SELECT pg_temp.u('review' || i), opened, least(opened + 42, until), '', 'Keep on.', until, worker_id, cluster_id, family_id, pg_temp.u('plan' || i) FROM work;

-- == Contacts, notes, who was there, scores
CREATE TEMP TABLE visit ON COMMIT DROP AS
SELECT i, c, pg_temp.u('contact' || i || '-' || c) AS id, case_id, cluster_id, family_id, worker_id, f,
       (opened + ((until - opened) * c) / 10)::timestamptz + interval '10 hours' AS at
FROM work, generate_series(0, 9) c
-- One open case of the measured worker has a thousand contacts: its chronology is measured.
UNION ALL
SELECT i, c, pg_temp.u('contact' || i || '-' || c), case_id, cluster_id, family_id, worker_id, f,
       opened::timestamptz + (until - opened) * interval '1 day' * c / 1000
FROM (SELECT work.* FROM work JOIN worker w ON w.id = work.worker_id
      WHERE fate = 'open' AND w.k = 0 AND w.w = 1 ORDER BY i LIMIT 1) one, generate_series(10, 999) c;
ANALYZE visit;
INSERT INTO cases_contact (id, created_at, session_kind, attendance, kind, at, minutes, child_seen, interpreter_language, professionals, private, author_id, case_id, cluster_id, family_id)
SELECT id, at, '', 'attended', (ARRAY['home_visit', 'school_visit', 'phone'])[1 + mod(i + c, 3)], at, 45, mod(c, 2) = 0, '', '', false, worker_id, case_id, cluster_id, family_id FROM visit;
INSERT INTO cases_contactnote (id, created_at, text, child_said, private, version, author_id, cluster_id, contact_id, family_id)
SELECT pg_temp.u('note' || i || '-' || c), at, n.word, '', false, 1, worker_id, cluster_id, visit.id, family_id
FROM visit JOIN bench_note n ON n.n = mod(i + c, (SELECT count(*)::int FROM bench_note));
INSERT INTO cases_contactperson (id, created_at, cluster_id, contact_id, family_id, person_id)
SELECT pg_temp.u('there' || i || '-' || c), at, cluster_id, id, family_id, pg_temp.u('person' || f || '-' || mod(c, 2)) FROM visit;
INSERT INTO cases_goalscore (id, created_at, score, scored_on, cluster_id, contact_id, family_id, goal_id)
SELECT pg_temp.u('score' || i || '-' || c || '-' || g), at, least(2 + c / 2 + mod(i, 3), 10), at::date, cluster_id, visit.id, family_id, pg_temp.u('goal' || i || '-' || g)
FROM visit, generate_series(1, 2) g WHERE mod(c, 2) = 0;

-- == Formulations of open cases, closures of closed ones, tasks
INSERT INTO formulation_formulation (id, created_at, number, made_on, setting, professionals, summary, version, author_id, case_id, cluster_id, family_id)
SELECT pg_temp.u('formulation' || i), opened, 1, opened, 'with_family', '', 'The worry is about mum, not about school.', 1, worker_id, case_id, cluster_id, family_id
FROM work WHERE fate = 'open';
INSERT INTO formulation_factor (id, created_at, p, text, position, cluster_id, family_id, formulation_id)
SELECT pg_temp.u('factor' || i || '-' || p), opened, p, 'Refuses the school gate three mornings in five', 0, cluster_id, family_id, pg_temp.u('formulation' || i)
FROM work, unnest(ARRAY['presenting', 'predisposing', 'precipitating', 'perpetuating', 'protective', 'predictive']) p WHERE fate = 'open';
INSERT INTO outcomes_closure (id, created_at, status, closed_on, family_view, unresolved, answered_at, answer, answered_by_id, asked_by_id, case_id, cluster_id, family_id, reopened_reason)
SELECT pg_temp.u('closure' || i), closed, 'signed_off', closed, '', '', closed, '', w.id, worker_id, case_id, work.cluster_id, family_id, ''
FROM work JOIN worker w ON w.k = work.k AND w.w = 0 WHERE fate = 'closed';
INSERT INTO outcomes_closureoutcome (id, created_at, outcome, closure_id, cluster_id, family_id)
SELECT pg_temp.u('closureoutcome' || i), closed, 'completed_full', pg_temp.u('closure' || i), cluster_id, family_id FROM work WHERE fate = 'closed';
INSERT INTO cases_task (id, created_at, what, due_on, case_id, cluster_id, family_id, owner_id)
SELECT pg_temp.u('task' || i), now(), 'Book the interpreter', current_date - 3 + mod(i, 12), case_id, cluster_id, family_id, worker_id
FROM work WHERE fate = 'open' AND mod(i, 3) = 0;
