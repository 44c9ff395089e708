"""A feed's question names no record that has been merged into another."""

from django.db import migrations

CHILDREN = """
CREATE OR REPLACE FUNCTION ehs_feed_children(in_cluster bigint, with_upn text, with_nhs text, born date)
RETURNS TABLE (person uuid, family uuid, first_name text, last_name text, known_as text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$
BEGIN
    PERFORM ehs_only_the_feed();
    RETURN QUERY
    SELECT p.id, p.family_id, p.first_name::text, p.last_name::text, p.known_as::text
    FROM families_person p JOIN families_family f ON f.id = p.family_id
    WHERE p.cluster_id = in_cluster AND p.is_child AND p.birth_date = born
      AND p.merged_into_id IS NULL AND f.merged_into_id IS NULL AND NOT f.restricted
      AND (with_upn <> '' AND p.upn = with_upn OR with_nhs <> '' AND p.nhs_number = with_nhs)
      AND (with_upn = '' OR p.upn IN ('', with_upn)) AND (with_nhs = '' OR p.nhs_number IN ('', with_nhs))
    LIMIT 3;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0009_public_form_and_feeds"), ("families", "0008_duplicates_walls")]
    operations = [migrations.RunSQL(CHILDREN, migrations.RunSQL.noop)]
