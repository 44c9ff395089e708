"""The history is sealed as it grows: a salted digest of each entry, and a chain over them (`core.chain`).

The digest of an entry stands beside it, not in it, so that a person's entries can be disposed of with their salt and
the chain still holds. Links and seals are written by `ehs_seal()` alone.
"""

from django.db import migrations

NONE = migrations.RunSQL.noop
WHOSE = ("id", "at", "actor", "user_id", "cluster_id", "family_id")
CHANGE = ("request_id", "table_name", "row_id", "operation", "private_to", "before", "after")
SOURCES = (
    (1, "core_change", (*WHOSE, *CHANGE)),
    (2, "core_event", (*WHOSE, "kind", "text", "about")),
    (3, "core_look", (*WHOSE, "page")),
)
TABLES = """
CREATE TABLE core_seal (
    seq bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    entries integer NOT NULL,
    -- The highest entry sealed so far, of each source.
    upto bigint[] NOT NULL,
    previous bytea NOT NULL,
    digest bytea NOT NULL
);
CREATE TABLE core_link (
    source smallint NOT NULL,
    entry bigint NOT NULL,
    seal bigint NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (source, entry)
);
CREATE INDEX link_seal ON core_link (seal);
REVOKE ALL ON core_link FROM ehs_app;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON core_seal FROM ehs_app;
"""
# The digest covers every column; numbers and moments as text that no setting of the session changes.
DIGEST = """
ALTER TABLE {table} ADD COLUMN salt uuid NOT NULL DEFAULT gen_random_uuid();
CREATE FUNCTION ehs_digest(e {table}) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(uuid_send(e.salt) || convert_to(jsonb_build_array({columns})::text, 'UTF8'))
$$;
"""
# What a seal says: the one before it, itself, and the digests of its entries in order.
SEAL = """
CREATE FUNCTION ehs_seal_digest(previous bytea, seq bigint, at timestamptz, upto bigint[]) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256(previous || int8send(ehs_seal_digest.seq) || convert_to(extract(epoch FROM at)::text
        || upto::text, 'UTF8') || coalesce((SELECT string_agg(int2send(l.source) || int8send(l.entry) || l.digest, ''::bytea
                                       ORDER BY l.source, l.entry)
                     FROM core_link l WHERE l.seal = ehs_seal_digest.seq), ''))
$$;
CREATE FUNCTION ehs_seal() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    last core_seal;
    -- Below these every transaction has ended: what is not sealed there never will be.
    settled bigint[];
    number bigint;
    highest bigint[];
    counted integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('ehs_seal')) THEN
        RETURN NULL;
    END IF;
    SELECT * INTO last FROM core_seal ORDER BY seq DESC LIMIT 1;
    SELECT s.upto INTO settled FROM core_seal s
        WHERE s.at < clock_timestamp() - interval '20 minutes' ORDER BY s.seq DESC LIMIT 1;
    settled := coalesce(settled, '{{0,0,0}}');
    number := coalesce(last.seq, 0) + 1;
    INSERT INTO core_link (source, entry, seal, digest)
{unsealed};
    GET DIAGNOSTICS counted = ROW_COUNT;
    IF counted = 0 THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(greatest(coalesce(last.upto[n], 0),
                              coalesce((SELECT max(entry) FROM core_link WHERE source = n AND seal = number), 0))
                     ORDER BY n)
        INTO highest FROM generate_series(1, 3) n;
    INSERT INTO core_seal (seq, at, entries, upto, previous, digest)
    SELECT number, now, counted, highest, before, ehs_seal_digest(before, number, now, highest)
    FROM (SELECT clock_timestamp() AS now, coalesce(last.digest, ''::bytea) AS before) x;
    RETURN number;
END $$;
REVOKE ALL ON FUNCTION ehs_seal() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ehs_seal() TO ehs_app;
"""
UNSEALED = """    SELECT {number}::smallint, e.id, number, ehs_digest(e) FROM {table} e
    WHERE e.id > settled[{number}] AND NOT EXISTS (
        SELECT FROM core_link l WHERE l.source = {number} AND l.entry = e.id)"""


def columns(names: tuple[str, ...]) -> str:
    return ", ".join("extract(epoch FROM e.at)" if name == "at" else f"e.{name}" for name in names)


class Migration(migrations.Migration):
    dependencies = [("core", "0007_looks_at_what_has_no_family")]
    operations = [
        migrations.RunSQL(TABLES, NONE),
        *(migrations.RunSQL(DIGEST.format(table=table, columns=columns(names)), NONE) for _, table, names in SOURCES),
        migrations.RunSQL(
            SEAL.format(
                unsealed="\n    UNION ALL\n".join(UNSEALED.format(number=n, table=table) for n, table, _ in SOURCES)
            ),
            NONE,
        ),
    ]
