"""Entries of the history that a lawful disposal removed: their links stay, and an entry of the history vouches for them.

A mark counts for nothing by itself. What was marked together is bound by the digest that stands in the sealed entry
which says that it was disposed of (`core.chain`).
"""

from django.db import migrations

DISPOSED = """
CREATE TABLE core_disposed (
    source smallint NOT NULL,
    entry bigint NOT NULL,
    -- The core_event that says so.
    proof bigint NOT NULL,
    PRIMARY KEY (source, entry),
    FOREIGN KEY (source, entry) REFERENCES core_link (source, entry)
);
CREATE INDEX disposed_proof ON core_disposed (proof);
REVOKE ALL ON core_disposed FROM ehs_app;
-- Over the digests of what was disposed of together, in order.
CREATE FUNCTION ehs_disposed_digest(the_proof bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(coalesce(string_agg(int2send(l.source) || int8send(l.entry) || l.digest, ''::bytea
                                             ORDER BY l.source, l.entry), ''::bytea)), 'hex')
    FROM core_disposed d JOIN core_link l ON l.source = d.source AND l.entry = d.entry WHERE d.proof = the_proof;
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0008_chain")]
    operations = [migrations.RunSQL(DISPOSED, migrations.RunSQL.noop)]
