# ruff: noqa: S608 - put together from this file's own constants
"""A hidden address stands in no text of the family's page, nor does a part of it: a flat, a street without its number.

As 0014, which looked for the whole address, its first part and the postcode. A town that ends an address is left: it
is in the Cluster's name too, and says where nobody is.
"""

from django.db import migrations

TODAY = "(now() AT TIME ZONE 'Europe/London')::date"
MASKED = f"""
CREATE OR REPLACE FUNCTION ehs_family_masked(the_family uuid, page jsonb) RETURNS jsonb
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
        WITH addresses (address) AS (
            SELECT f.address FROM families_family f WHERE f.id = the_family
            UNION SELECT p.other_address FROM families_person p WHERE p.family_id = the_family
        ), parts (part, number, parts) AS (
            SELECT trim(p.part), p.number, count(*) OVER (PARTITION BY a.address)
            FROM addresses a, regexp_split_to_table(a.address, ',') WITH ORDINALITY p (part, number)
        )
        SELECT trim(w) FROM (
            SELECT address FROM addresses
            UNION SELECT f.postcode FROM families_family f WHERE f.id = the_family
            UNION SELECT part FROM parts WHERE part ~ '\\d' OR number < parts.parts
            UNION SELECT regexp_replace(part, '^\\W*\\d+\\w?\\W+', '') FROM parts WHERE part ~ '\\d'
        ) words (w) WHERE length(trim(w)) > 4 ORDER BY length(w) DESC
    LOOP
        word := trim(both '"' from to_jsonb(word)::text);
        word := regexp_replace(word, '([][\\\\.^$*+?(){{}}|])', '\\\\\\1', 'g');
        said := regexp_replace(said, regexp_replace(word, '\\s+', '\\\\s*', 'g'), '…', 'gi');
    END LOOP;
    RETURN said::jsonb;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0019_less_of_the_others")]
    operations = [migrations.RunSQL(MASKED, migrations.RunSQL.noop)]
