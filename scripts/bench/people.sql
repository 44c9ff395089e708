CREATE FUNCTION pg_temp.u(text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5($1)::uuid $$;
CREATE FUNCTION pg_temp.h(text, int) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT mod(('x' || substr(md5($1), 1, 7))::bit(28)::int, $2) $$;
INSERT INTO clusters_cluster (name, prefix, telephone, email, postcodes, created_at)
SELECT 'Bench Cluster ' || lpad(k::text, 2, '0'), 'B' || lpad(k::text, 2, '0'), '0113 496 00' || lpad(k::text, 2, '0'), '', '', now()
FROM generate_series(1, %(clusters)s) k;
CREATE TEMP TABLE place ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY id)::int - 1 AS k, id AS cluster_id, prefix FROM clusters_cluster;
INSERT INTO clusters_user (password, name, email, telephone, is_active, is_staff, created_at, mails, digest)
VALUES ('!', 'Everywhere Example', 'everywhere@example.org', '', true, false, now(), 'once', true),
       ('!', 'One Cluster Example', 'one@example.org', '', true, false, now(), 'once', true);
INSERT INTO clusters_staffrole (role, post, funder, full_time_equivalent, capacity, starts_on, cluster_id, user_id)
SELECT 'practitioner', 'family_practitioner', 'schools', 1, 14, date '2012-01-01', p.cluster_id, u.id
FROM place p, clusters_user u WHERE u.email = 'everywhere@example.org' OR (u.email = 'one@example.org' AND p.k = 0);
CREATE TEMP TABLE fam ON COMMIT DROP AS
SELECT f, p.cluster_id, p.prefix, pg_temp.u('family' || f) AS id, l.word AS last, s.word AS street
FROM generate_series(0, %(people)s / 3) f JOIN place p ON p.k = mod(f, %(clusters)s)
JOIN bench_last l ON l.n = pg_temp.h('last' || f, (SELECT count(*)::int FROM bench_last))
JOIN bench_street s ON s.n = pg_temp.h('street' || f, (SELECT count(*)::int FROM bench_street));
ANALYZE fam;
INSERT INTO families_family (id, reference, name, own_number, address, postcode, telephone, restricted, version, created_at, cluster_id)
SELECT id, prefix || '-F2020-' || lpad(f::text, 6, '0'), last, '', mod(f, 140) + 1 || ' ' || street,
       'LS' || 7 + mod(f, 8) || ' ' || 1 + mod(f, 9) || 'AB', '', mod(f, 997) = 996, 1, now(), cluster_id FROM fam;
CREATE TEMP TABLE person ON COMMIT DROP AS
SELECT fam.f, fam.cluster_id, fam.id AS family_id, fam.last, x AS n, pg_temp.u('person' || f || '-' || x) AS id, w.word AS first
FROM fam CROSS JOIN generate_series(0, 2) x
JOIN bench_first w ON w.n = pg_temp.h('first' || f || '-' || x, (SELECT count(*)::int FROM bench_first))
WHERE f * 3 + x < %(people)s;
ANALYZE person;
INSERT INTO families_person (id, created_at, first_name, last_name, known_as, birth_date, is_child, in_household, parental_responsibility,
    involvement, gender, gender_words, interpreter_needed, year_group, upn, nhs_number, telephone, other_address, version, deceased, employment, support, cluster_id, family_id)
SELECT id, now(), first, last, '', current_date - CASE WHEN n = 1 THEN 12000 + mod(f, 4000) ELSE 1000 + mod(f * 7 + n * 400, 5000) END,
       n <> 1, true, NULL, 'involved', 'unknown', '', false, '', CASE WHEN n = 0 THEN 'Z' || lpad(f::text, 12, '0') ELSE '' END, '', '', '', 1, false, '', '',
       cluster_id, family_id FROM person;
INSERT INTO families_persontoken (kind, token, cluster_id, family_id, person_id)
SELECT DISTINCT t.kind, t.token, p.cluster_id, p.family_id, p.id FROM person p JOIN bench_token t ON t.word IN (p.first, p.last) AND t.kind <> 'a'
UNION ALL SELECT t.kind, t.token, fam.cluster_id, fam.id, NULL FROM fam JOIN bench_token t ON t.word = fam.last AND t.kind = 'f'
UNION ALL SELECT 'a', t.token, fam.cluster_id, fam.id, NULL FROM fam JOIN bench_token t ON t.word = fam.street AND t.kind = 'a'
UNION ALL SELECT 'a', (mod(f, 140) + 1)::text, cluster_id, id, NULL FROM fam;
