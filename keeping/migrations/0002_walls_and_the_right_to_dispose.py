# ruff: noqa: S608 - put together from constants of our own
"""The walls of retention, and the one way by which a family is disposed of.

The program's role may delete no history and change no disposal. It can ask for one in the name of whoever is acting;
a second person answers through `ehs_answer_disposal`; only then does `ehs_dispose` do anything, and it does all of it
in one transaction: rows, names in others' words, drafts, notices, and the payload of the history, whose digests stay.
"""

from django.db import migrations

from cluster_ehs.core.walls import CLUSTERS, RECORD, SEES_ALL, TEXT, USER, WRITES, wall

NONE = migrations.RunSQL.noop
ACTOR = "(SELECT current_setting('ehs.actor', true)) = 'disposal'"
TABLES = f"""
ALTER TABLE keeping_disposal ENABLE ROW LEVEL SECURITY;
CREATE POLICY reads ON keeping_disposal FOR SELECT USING ({SEES_ALL} OR cluster_id = ANY ({CLUSTERS}) OR {ACTOR});
CREATE POLICY adds ON keeping_disposal FOR INSERT WITH CHECK (
    cluster_id = ANY ({WRITES}) AND asked_by_id = {USER} AND status = 'asked' AND step = 'waiting');
REVOKE UPDATE, DELETE, TRUNCATE ON keeping_disposal FROM ehs_app;
ALTER TABLE keeping_disposedfile ENABLE ROW LEVEL SECURITY;
CREATE POLICY reads ON keeping_disposedfile FOR SELECT USING ({ACTOR});
CREATE POLICY removes ON keeping_disposedfile FOR DELETE USING ({ACTOR});
REVOKE INSERT, UPDATE, TRUNCATE ON keeping_disposedfile FROM ehs_app;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON keeping_place FROM ehs_app;
REVOKE UPDATE, DELETE, TRUNCATE ON keeping_retentionrule FROM ehs_app;
"""
PROPOSALS = """
INSERT INTO keeping_retentionrule (kind, years, starts_on, source, why, set_at) VALUES
    ('triaged', 6, '2020-01-01', 'Proposal of this service: six years, as for most records of councils',
     'No help was given, so only what explains the decision is kept', now()),
    ('served', 25, '2020-01-01', 'Proposal of this service: 25th birthday of the youngest child, as Bath and North East Somerset',
     'A child may ask as an adult what was done for the family', now());
"""
# The second person: a manager, or a leader of the Cluster, and not whoever asked.
ANSWER = """
CREATE FUNCTION ehs_answer_disposal(which uuid, yes boolean) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    found keeping_disposal;
    who bigint := ehs_user_id();
    today date := (now() AT TIME ZONE 'Europe/London')::date;
BEGIN
    SELECT * INTO found FROM keeping_disposal WHERE id = which FOR UPDATE;
    IF found.id IS NULL OR found.status <> 'asked' THEN
        RETURN 'answered';
    END IF;
    IF NOT EXISTS (SELECT FROM clusters_staffrole r JOIN clusters_user u ON u.id = r.user_id AND u.is_active
                   WHERE r.user_id = who AND r.starts_on <= today AND (r.ends_on IS NULL OR r.ends_on > today)
                     AND (r.role = 'manager' OR r.role = 'leader' AND r.cluster_id = found.cluster_id)) THEN
        RETURN 'role';
    END IF;
    IF yes AND who = found.asked_by_id THEN
        RETURN 'same';
    END IF;
    IF yes AND ehs_disposal_held(found.family_key) THEN
        RETURN 'held';
    END IF;
    UPDATE keeping_disposal SET status = CASE WHEN yes THEN 'confirmed' ELSE 'refused' END,
        answered_by_id = who, answered_at = now(), family_key = CASE WHEN yes THEN family_key END
    WHERE id = which;
    RETURN '';
END $$;
"""
HELD = """
CREATE FUNCTION ehs_disposal_held(family uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM keeping_hold h WHERE h.family_id = family AND h.ended_at IS NULL
        AND (h.until IS NULL OR h.until > (now() AT TIME ZONE 'Europe/London')::date))
      OR EXISTS (SELECT FROM cases_case c WHERE c.family_id = family AND c.status <> 'closed')
      OR EXISTS (SELECT FROM referrals_referral r WHERE r.family_id = family
        AND NOT EXISTS (SELECT FROM triage_ending e WHERE e.referral_id = r.id));
$$;
"""
LEASE = """
CREATE FUNCTION ehs_lease_disposal(seconds integer) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE keeping_disposal SET leased_until = clock_timestamp() + make_interval(secs => seconds), tries = tries + 1
    WHERE id = (SELECT id FROM keeping_disposal WHERE status = 'confirmed'
                AND (leased_until IS NULL OR leased_until < clock_timestamp())
                AND current_setting('ehs.actor', true) = 'disposal'
                ORDER BY answered_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id;
$$;
"""
# The family's names and numbers as one expression. A name that others here bear too is only taken out together with
# its other half, and not at all where somebody of another family has both: that is a third person's.
WORDS = r"""
CREATE FUNCTION ehs_words_of(gone uuid[]) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH people AS (SELECT * FROM families_person WHERE family_id = ANY (gone)),
    households AS (SELECT * FROM families_family WHERE id = ANY (gone)),
    others AS (
        SELECT lower(x) AS word FROM families_person p, unnest(ARRAY[p.first_name, p.last_name, p.known_as]) x
        WHERE p.family_id <> ALL (gone)
        UNION SELECT lower(name) FROM families_family WHERE id <> ALL (gone)
        UNION SELECT lower(x) FROM clusters_user u, regexp_split_to_table(u.name, '\s+') x
        UNION SELECT lower(x) FROM clusters_school s, regexp_split_to_table(s.name, '\s+') x
        UNION SELECT lower(x) FROM clusters_cluster s, regexp_split_to_table(s.name, '\s+') x),
    both_names AS (
        SELECT x || ' ' || p.last_name AS word FROM people p, unnest(ARRAY[p.first_name, p.known_as]) x
        WHERE x <> '' AND p.last_name <> '' AND NOT EXISTS (
            SELECT FROM families_person o WHERE o.family_id <> ALL (gone)
            AND lower(o.last_name) = lower(p.last_name) AND lower(x) IN (lower(o.first_name), lower(o.known_as)))),
    singles AS (
        SELECT x AS word FROM people p, unnest(ARRAY[p.first_name, p.last_name, p.known_as]) x
        UNION SELECT name FROM households),
    words AS (
        SELECT word FROM both_names
        UNION SELECT word FROM singles WHERE length(word) > 1 AND lower(word) NOT IN (SELECT word FROM others)
        UNION SELECT 'the ' || name || ' family' FROM households
        UNION SELECT x FROM people p, unnest(ARRAY[p.upn, p.nhs_number, p.telephone, p.other_address]) x
        UNION SELECT x FROM households h, unnest(ARRAY[h.address, h.telephone]) x
        UNION SELECT reference FROM referrals_referral WHERE family_id = ANY (gone)
        UNION SELECT reference FROM cases_case WHERE family_id = ANY (gone))
    SELECT '(?<!\w)(' || string_agg(regexp_replace(word, '([][\\.*+?^${}()|])', '\\\1', 'g'), '|' ORDER BY length(word) DESC)
        || ')(?!\w)' FROM words WHERE length(btrim(word)) > 1;
$$;
"""
# Marks and removes what the history says of the family; adds the entry that vouches for it. Returns how many.
FORGET = """
CREATE FUNCTION ehs_forget_history(which uuid, gone uuid[], keys text[], words text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    found keeping_disposal;
    proof_ bigint;
    changes bigint[];
    events bigint[];
    looks bigint[];
BEGIN
    SELECT * INTO found FROM keeping_disposal WHERE id = which;
    SELECT coalesce(array_agg(e.id), '{}') INTO changes FROM core_change e WHERE e.family_id = ANY (gone)
        OR e.family_id IS NULL AND ehs_speaks_of(concat_ws(' ', e.row_id, e.before::text, e.after::text), keys, words);
    SELECT coalesce(array_agg(e.id), '{}') INTO events FROM core_event e WHERE e.kind NOT LIKE 'disposal.%'
        AND (e.family_id = ANY (gone)
             OR e.family_id IS NULL AND ehs_speaks_of(concat_ws(' ', e.text, e.about), keys, words));
    SELECT coalesce(array_agg(e.id), '{}') INTO looks FROM core_look e WHERE e.family_id = ANY (gone);
    IF cardinality(changes) + cardinality(events) + cardinality(looks) = 0 THEN
        RETURN 0;
    END IF;
    proof_ := nextval(pg_get_serial_sequence('core_event', 'id'));
    INSERT INTO core_disposed (source, entry, proof) SELECT l.source, l.entry, proof_ FROM core_link l
    WHERE l.source = 1 AND l.entry = ANY (changes) OR l.source = 2 AND l.entry = ANY (events)
       OR l.source = 3 AND l.entry = ANY (looks);
    DELETE FROM core_change WHERE id = ANY (changes);
    DELETE FROM core_event WHERE id = ANY (events);
    DELETE FROM core_look WHERE id = ANY (looks);
    INSERT INTO core_event (id, at, actor, user_id, cluster_id, family_id, kind, text, about)
    VALUES (proof_, clock_timestamp(), 'disposal', NULL, found.cluster_id, NULL, 'disposal.history',
        format('Removed the history of %s: %s entries, digest %s', found.reference,
               cardinality(changes) + cardinality(events) + cardinality(looks), ehs_disposed_digest(proof_)),
        'keeping.disposal:' || which);
    RETURN cardinality(changes) + cardinality(events) + cardinality(looks);
END $$;
CREATE FUNCTION ehs_speaks_of(said text, keys text[], words text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(said ~* words, false) OR EXISTS (
        SELECT FROM regexp_matches(said, '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', 'g') m
        WHERE m[1] = ANY (keys));
$$;
"""
DISPOSE = """
CREATE FUNCTION ehs_dispose(which uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    found keeping_disposal;
    gone uuid[];
    keys text[] := '{}';
    more text[];
    drafts uuid[];
    words text;
    one record;
    n bigint;
    counts_ jsonb := '{}';
BEGIN
    IF current_setting('ehs.actor', true) IS DISTINCT FROM 'disposal' THEN
        RAISE EXCEPTION 'only the disposal disposes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT * INTO found FROM keeping_disposal WHERE id = which FOR UPDATE;
    IF found.status = 'done' THEN
        RETURN;
    END IF;
    IF found.id IS NULL OR found.status <> 'confirmed' OR found.answered_by_id IS NULL
        OR found.answered_by_id = found.asked_by_id THEN
        RAISE EXCEPTION 'no disposal that two people agreed to' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF found.step <> 'waiting' THEN
        RETURN;
    END IF;
    IF ehs_disposal_held(found.family_key) THEN
        RAISE EXCEPTION 'the family is on hold or in the work' USING ERRCODE = 'insufficient_privilege';
    END IF;
    WITH RECURSIVE its AS (
        SELECT found.family_key AS id UNION SELECT f.id FROM families_family f JOIN its ON f.merged_into_id = its.id)
    SELECT array_agg(id) INTO gone FROM its;
    PERFORM FROM families_family WHERE id = ANY (gone) FOR UPDATE;
    words := ehs_words_of(gone);
    -- What is known of the family up to now is sealed, so that its digests stay in the chain.
    PERFORM pg_advisory_xact_lock(hashtext('ehs_seal'));
    PERFORM ehs_seal();
    SET CONSTRAINTS ALL DEFERRED;

    SELECT array_agg(id::text) INTO keys FROM unnest(gone) id;
    FOR one IN SELECT c.table_name, bool_or(k.column_name = 'id' AND k.data_type = 'uuid') AS keyed
        FROM information_schema.columns c
        JOIN information_schema.tables b USING (table_schema, table_name)
        JOIN information_schema.columns k USING (table_schema, table_name)
        WHERE c.table_schema = 'public' AND c.column_name = 'family_id' AND b.table_type = 'BASE TABLE'
          AND c.table_name NOT IN ('core_change', 'core_event', 'core_look')
        GROUP BY 1 ORDER BY 1
    LOOP
        IF one.keyed THEN
            EXECUTE format('SELECT array_agg(id::text) FROM %I WHERE family_id = ANY ($1)', one.table_name)
                INTO more USING gone;
            keys := keys || coalesce(more, '{}');
        END IF;
    END LOOP;

    -- Contents of files, those of drafts too: removed from the store after this transaction.
    SELECT array_agg(id) INTO drafts FROM core_draft
        WHERE ehs_speaks_of(concat_ws(' ', key, title, url, data::text), keys, words);
    INSERT INTO keeping_disposedfile (disposal_id, path)
    SELECT which, path FROM families_storedfile WHERE family_id = ANY (gone)
    UNION SELECT which, m[1] FROM core_draft, regexp_matches(data::text, 'families/[0-9a-f]{2}/[0-9a-f]{32}', 'g') m
        WHERE id = ANY (drafts) AND NOT EXISTS (SELECT FROM families_storedfile s WHERE s.path = m[1]);
    GET DIAGNOSTICS n = ROW_COUNT; counts_ := counts_ || jsonb_build_object('files', n);
    DELETE FROM core_draft WHERE id = ANY (drafts);
    GET DIAGNOSTICS n = ROW_COUNT; counts_ := counts_ || jsonb_build_object('core_draft', n);
    DELETE FROM core_once WHERE ehs_speaks_of(concat_ws(' ', key, result::text), keys, words);
    GET DIAGNOSTICS n = ROW_COUNT; counts_ := counts_ || jsonb_build_object('core_once', n);
    DELETE FROM core_message WHERE ehs_speaks_of(concat_ws(' ', key, subject, url, body), keys, words);
    DELETE FROM families_previewjob WHERE path IN (SELECT path FROM keeping_disposedfile WHERE disposal_id = which);
    DELETE FROM families_duplicatepair WHERE one_id::text = ANY (keys) OR two_id::text = ANY (keys);
    GET DIAGNOSTICS n = ROW_COUNT; counts_ := counts_ || jsonb_build_object('families_duplicatepair', n);
    DELETE FROM families_persontocheck WHERE person_id::text = ANY (keys);
    DELETE FROM referrals_intakeversion WHERE intake_id::text = ANY (keys);
    GET DIAGNOSTICS n = ROW_COUNT; counts_ := counts_ || jsonb_build_object('referrals_intakeversion', n);
    -- Files of returns are kept for two weeks and can be made anew; one about this Cluster may hold its children.
    DELETE FROM monitoring_returnfile f USING monitoring_returnrun r
        WHERE r.id = f.run_id AND r.cluster_ids @> to_jsonb(found.cluster_id);
    UPDATE monitoring_returnrun SET status = 'removed'
        WHERE status = 'done' AND cluster_ids @> to_jsonb(found.cluster_id);

    FOR one IN SELECT DISTINCT c.table_name FROM information_schema.columns c
        JOIN information_schema.tables b USING (table_schema, table_name)
        WHERE c.table_schema = 'public' AND c.column_name = 'family_id' AND b.table_type = 'BASE TABLE'
          AND c.table_name NOT IN ('core_change', 'core_event', 'core_look') ORDER BY 1
    LOOP
        EXECUTE format('DELETE FROM %I WHERE family_id = ANY ($1)', one.table_name) USING gone;
        GET DIAGNOSTICS n = ROW_COUNT;
        IF n > 0 THEN
            counts_ := counts_ || jsonb_build_object(one.table_name, n);
        END IF;
    END LOOP;
    DELETE FROM families_family WHERE id = ANY (gone);
    GET DIAGNOSTICS n = ROW_COUNT; counts_ := counts_ || jsonb_build_object('families_family', n);

    FOR one IN SELECT p.table_name, p.column_name, c.udt_name FROM keeping_place p
        JOIN information_schema.columns c ON c.table_schema = 'public' AND c.table_name = p.table_name
         AND c.column_name = p.column_name
    LOOP
        EXECUTE format('UPDATE %I SET %I = regexp_replace(%I::text, $1, ''[removed]'', ''gi'')::%I WHERE %I::text ~* $1',
            one.table_name, one.column_name, one.column_name, one.udt_name, one.column_name) USING words;
        GET DIAGNOSTICS n = ROW_COUNT;
        IF n > 0 THEN
            counts_ := counts_ || jsonb_build_object(one.table_name || '.' || one.column_name, n);
        END IF;
    END LOOP;
    SET CONSTRAINTS ALL IMMEDIATE;
    counts_ := counts_ || jsonb_build_object('history', ehs_forget_history(which, gone, keys, words));
    UPDATE keeping_disposal SET step = 'files', counts = counts_ WHERE id = which;
END $$;
"""
# What was written about the family while it was being removed goes too: a look, a notice, a draft.
DONE = """
CREATE FUNCTION ehs_disposal_done(which uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    found keeping_disposal;
    late bigint;
BEGIN
    IF current_setting('ehs.actor', true) IS DISTINCT FROM 'disposal' THEN
        RAISE EXCEPTION 'only the disposal disposes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT * INTO found FROM keeping_disposal WHERE id = which FOR UPDATE;
    IF found.id IS NULL OR found.status <> 'confirmed' OR found.step <> 'files' THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM keeping_disposedfile WHERE disposal_id = which) THEN
        RAISE EXCEPTION 'files are still to be removed';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('ehs_seal'));
    PERFORM ehs_seal();
    DELETE FROM core_message WHERE family_id = found.family_key;
    DELETE FROM core_draft WHERE concat_ws(' ', key, url, data::text) LIKE '%' || found.family_key || '%';
    late := ehs_forget_history(which, ARRAY[found.family_key], ARRAY[found.family_key::text], NULL);
    found.counts := found.counts || jsonb_build_object('history', (found.counts ->> 'history')::bigint + late);
    UPDATE keeping_disposal SET status = 'done', step = 'done', family_key = NULL, leased_until = NULL,
        counts = found.counts, done_at = now(),
        digest = encode(sha256(convert_to(jsonb_build_array(found.id, found.reference, found.cluster_id, found.rule,
            found.ended_on, found.due_on, found.asked_by_id, extract(epoch FROM found.asked_at), found.answered_by_id,
            extract(epoch FROM found.answered_at), found.counts, extract(epoch FROM now()))::text, 'UTF8')), 'hex')
    WHERE id = which RETURNING * INTO found;
    INSERT INTO core_event (at, actor, user_id, cluster_id, family_id, kind, text, about)
    VALUES (clock_timestamp(), 'disposal', NULL, found.cluster_id, NULL, 'disposal.done',
        format('Disposed of %s. Digest of the certificate: %s', found.reference, found.digest),
        'keeping.disposal:' || which);
END $$;
"""
INNER = ("ehs_words_of(uuid[])", "ehs_forget_history(uuid, uuid[], text[], text)")
OUTER = (
    "ehs_disposal_held(uuid)",
    "ehs_answer_disposal(uuid, boolean)",
    "ehs_lease_disposal(integer)",
    "ehs_dispose(uuid)",
    "ehs_disposal_done(uuid)",
)


class Migration(migrations.Migration):
    dependencies = [
        ("keeping", "0001_retention_and_disposal"),
        ("core", "0009_disposed_entries"),
        ("monitoring", "0006_statutory_returns"),
        ("outcomes", "0016_walls_of_surveys"),
    ]
    operations = [
        *wall("keeping_retentionreview", reads=TEXT, parent_of=True),
        *wall("keeping_hold", reads=RECORD, parents={"review_id": "keeping_retentionreview"}),
        *(
            migrations.RunSQL(sql, NONE)
            for sql in (TABLES, PROPOSALS, HELD, ANSWER, LEASE, WORDS, FORGET, DISPOSE, DONE)
        ),
        *(migrations.RunSQL(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC", NONE) for name in (*INNER, *OUTER)),
        *(migrations.RunSQL(f"GRANT EXECUTE ON FUNCTION {name} TO ehs_app", NONE) for name in OUTER),
    ]
