# ruff: noqa: S608 - put together from this file's own constants
"""A hidden address is read by those who read the record's words, and by nobody else, whatever statement asks.

A row policy opens a row or does not: it cannot leave out one column of it. So the program's role loses the right to
read the columns and reads two views instead, which ask the policies' questions and one more. The data stays where it
is, in every row, as do history, merges, back-ups and disposal (docs/adr/0024).

The program of before reads the columns: web and worker are stopped before this migration and started after it.
"""

from django.db import migrations

from cluster_ehs.core.walls import ON_AGENDA, RECORD, SEES_ALL, TEXT, columns_not_read

NOT_MERGED = "(merged_into_id IS NULL OR (SELECT ehs_on('ehs.merged')))"
# Owner and back-up read the table itself, and so the views too.
ANY_ROW = "NOT (SELECT row_security_active('{table}'))"
# One address flag of today hides every address of the family from all who are not its workers.
VIEW = """
CREATE VIEW {table}address WITH (security_barrier) AS
SELECT id, {columns} FROM {table} WHERE {any_row} OR {not_merged} AND (({text}) OR ({seen}) AND NOT EXISTS (
    SELECT 1 FROM families_flag flag WHERE flag.family_id = {table}.{family} AND flag.kind = 'address_not_shared'
    AND (flag.ends_on IS NULL OR flag.ends_on > (now() AT TIME ZONE 'Europe/London')::date)))
"""
# It bypasses the policies by itself, so nobody writes through it.
READ_ONLY = "REVOKE ALL ON {table}address FROM PUBLIC, ehs_app; GRANT SELECT ON {table}address TO ehs_app"
TABLES = {"families_family": ("id", ("address", "postcode")), "families_person": ("family_id", ("other_address",))}


def views() -> list[migrations.RunSQL]:
    made = []
    for table, (family, columns) in TABLES.items():
        view = VIEW.format(
            table=table,
            columns=", ".join(columns),
            any_row=ANY_ROW.format(table=table),
            not_merged=NOT_MERGED,
            text=TEXT.format(family=family),
            seen=ON_AGENDA.format(family=family),
            family=family,
        )
        made += [
            migrations.RunSQL(view, f"DROP VIEW {table}address"),
            migrations.RunSQL(READ_ONLY.format(table=table), migrations.RunSQL.noop),
            columns_not_read(table, *columns),
        ]
    return made


# The words of an address in the search: for those who look families up, not for those who count them.
TOKENS = RECORD.replace(SEES_ALL, f"{SEES_ALL} AND kind <> 'a'").format(family="family_id")

# As before, and of the two views too.
WHO_READS = """
CREATE OR REPLACE FUNCTION ehs_who_reads(questions jsonb) RETURNS TABLE (user_id bigint, reads boolean[])
LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    asker bigint := ehs_user_id();
    ask text;
BEGIN
    IF asker IS NULL OR EXISTS (
        SELECT 1 FROM jsonb_to_recordset(questions) q("table" text) WHERE NOT EXISTS (
            SELECT 1 FROM pg_class c WHERE c.oid = to_regclass(q."table")
            AND (c.relrowsecurity OR c.relkind = 'v' AND c.reloptions @> '{security_barrier=true}'))) THEN
        RAISE EXCEPTION 'a person asks, of a table with row policies';
    END IF;
    SELECT string_agg(format('EXISTS (SELECT 1 FROM %I t WHERE t.%I = %L::uuid)', q."table", q."column", q.id), ', ')
    INTO ask FROM jsonb_to_recordset(questions) q("table" text, "column" text, id text);
    FOR user_id IN SELECT u.id FROM clusters_user u WHERE u.is_active AND u.email IS NOT NULL ORDER BY u.name, u.id LOOP
        PERFORM ehs_act_as(user_id);
        EXECUTE 'SELECT ARRAY[' || ask || ']' INTO reads;
        CONTINUE WHEN NOT true = ANY (reads);
        RETURN NEXT;
    END LOOP;
    PERFORM ehs_act_as(asker);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("families", "0012_who_reads")]
    operations = [
        *views(),
        migrations.RunSQL(f"ALTER POLICY reads ON families_persontoken USING ({TOKENS})", migrations.RunSQL.noop),
        migrations.RunSQL(WHO_READS, migrations.RunSQL.noop),
    ]
