"""Who reads a row: the row policies answer, by acting as each person in turn.

With the rights of the caller, so that the policies hold in it; afterwards the caller acts again. It tells keys of people
and yes or no, nothing of the row. A table without policies cannot be asked about.
"""

from django.db import migrations

WHO_READS = """
CREATE FUNCTION ehs_who_reads(questions jsonb) RETURNS TABLE (user_id bigint, reads boolean[])
LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    asker bigint := ehs_user_id();
    ask text;
BEGIN
    IF asker IS NULL OR EXISTS (
        SELECT 1 FROM jsonb_to_recordset(questions) q("table" text) WHERE NOT EXISTS (
            SELECT 1 FROM pg_class c WHERE c.oid = to_regclass(q."table") AND c.relrowsecurity)) THEN
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
    dependencies = [("families", "0011_why_not_involved")]
    operations = [
        migrations.RunSQL(WHO_READS, migrations.RunSQL.noop),
        migrations.RunSQL(
            "REVOKE ALL ON FUNCTION ehs_who_reads(jsonb) FROM PUBLIC; "
            "GRANT EXECUTE ON FUNCTION ehs_who_reads(jsonb) TO ehs_app",
            migrations.RunSQL.noop,
        ),
    ]
