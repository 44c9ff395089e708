# ruff: noqa: S608 - put together from constants of our own
# squawk: ban-drop-function: only the disposal calls it, which is replaced within the same transaction
"""A family is also known by days of birth, numbers in another spelling, its street and its postcode.

They are taken out of others' words, and of the history of those words, but nothing is found by them: a day or a
postcode alone does not say that a draft or an entry is about this family. What another family has too stays theirs.
"""

from importlib import import_module

from django.db import migrations

NONE = migrations.RunSQL.noop
earlier = import_module("keeping.migrations.0002_walls_and_the_right_to_dispose")
SIGNS = r"""
CREATE FUNCTION ehs_signs_of(gone uuid[]) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH people AS (SELECT * FROM families_person WHERE family_id = ANY (gone)),
    households AS (SELECT * FROM families_family WHERE id = ANY (gone)),
    days AS (
        SELECT DISTINCT birth_date AS day FROM people p WHERE NOT EXISTS (
            SELECT FROM families_person o WHERE o.family_id <> ALL (gone) AND o.birth_date = p.birth_date)),
    streets AS (
        SELECT DISTINCT btrim(split_part(replace(x, E'\n', ','), ',', 1)) AS street
        FROM (SELECT address FROM households UNION SELECT other_address FROM people) s (x)),
    words AS (
        SELECT to_char(day, form) AS word FROM days, unnest(ARRAY['YYYY-MM-DD', 'DD/MM/YYYY', 'FMDD/FMMM/YYYY',
            'DD.MM.YYYY', 'DD-MM-YYYY', 'DD/MM/YY', 'FMDD FMMonth YYYY', 'FMDD FMMon YYYY']) form
        UNION SELECT street FROM streets WHERE street ~ '\d' AND street ~ '[[:alpha:]]{3}' AND NOT EXISTS (
            SELECT FROM families_family o WHERE o.id <> ALL (gone) AND lower(o.address) LIKE lower(street) || '%')),
    digits AS (
        SELECT DISTINCT regexp_replace(regexp_replace(x, '\D', '', 'g'), '^(0044|44)', '0') AS number
        FROM (SELECT telephone FROM households UNION SELECT telephone FROM people) t (x)),
    theirs AS (
        SELECT regexp_replace(regexp_replace(x, '\D', '', 'g'), '^(0044|44)', '0') AS number
        FROM (SELECT telephone FROM families_family WHERE id <> ALL (gone)
              UNION SELECT telephone FROM families_person WHERE family_id <> ALL (gone)) t (x)),
    postcodes AS (
        SELECT DISTINCT upper(replace(postcode, ' ', '')) AS code FROM households h
        WHERE length(postcode) BETWEEN 5 AND 8 AND NOT EXISTS (SELECT FROM families_family o WHERE o.id <> ALL (gone)
            AND upper(replace(o.postcode, ' ', '')) = upper(replace(h.postcode, ' ', '')))),
    patterns AS (
        SELECT regexp_replace(word, '([][\\.*+?^${}()|])', '\\\1', 'g') AS pattern FROM words
        UNION SELECT '(?:(?:\+|00)44[ ()-]*|\(?0)' || array_to_string(regexp_split_to_array(substr(number, 2), ''), '[ ()-]*')
        FROM digits WHERE number ~ '^0\d{9,10}$' AND number NOT IN (SELECT number FROM theirs)
        UNION SELECT left(code, -3) || ' ?' || right(code, 3) FROM postcodes WHERE code ~ '^[A-Z0-9]+$')
    SELECT '(?<!\w)(?:' || string_agg(pattern, '|' ORDER BY length(pattern) DESC) || ')(?!\w)' FROM patterns
    WHERE pattern <> '';
$$;
"""
_OF_NOBODY = (
    "OR e.family_id IS NULL AND ehs_speaks_of(concat_ws(' ', e.row_id, e.before::text, e.after::text), keys, words);"
)
_OR_A_SIGN = """OR e.family_id IS NULL AND (
            ehs_speaks_of(concat_ws(' ', e.row_id, e.before::text, e.after::text), keys, words)
            OR EXISTS (SELECT FROM keeping_place p WHERE p.table_name = e.table_name
                       AND concat_ws(' ', e.before ->> p.column_name, e.after ->> p.column_name) ~* signs));"""
FORGET = (
    earlier.FORGET.partition("CREATE FUNCTION ehs_speaks_of")[0]
    .replace("keys text[], words text)", "keys text[], words text, signs text DEFAULT NULL)")
    .replace(_OF_NOBODY, _OR_A_SIGN)
)
DISPOSE = (
    earlier.DISPOSE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    .replace("    words text;\n", "    words text;\n    signs text;\n")
    .replace(
        "    words := ehs_words_of(gone);\n", "    words := ehs_words_of(gone);\n    signs := ehs_signs_of(gone);\n"
    )
    .replace("USING words;", "USING concat_ws('|', words, signs);")
    .replace("ehs_forget_history(which, gone, keys, words)", "ehs_forget_history(which, gone, keys, words, signs)")
)


class Migration(migrations.Migration):
    dependencies = [("keeping", "0004_documents_given_in_part")]
    operations = [
        migrations.RunSQL(SIGNS, NONE),
        migrations.RunSQL("DROP FUNCTION ehs_forget_history(uuid, uuid[], text[], text)", NONE),
        migrations.RunSQL(FORGET, NONE),
        migrations.RunSQL(DISPOSE, NONE),
        *(
            migrations.RunSQL(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC", NONE)
            for name in ("ehs_signs_of(uuid[])", "ehs_forget_history(uuid, uuid[], text[], text, text)")
        ),
    ]
