"""Which families a disposal will remove, so that they can be written down outside the database."""

from django.db import migrations

FAMILIES = """
CREATE FUNCTION ehs_disposal_families(which uuid) RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE its AS (
        SELECT f.id FROM families_family f JOIN keeping_disposal d ON d.family_key = f.id
        WHERE d.id = which AND d.status = 'confirmed' AND (SELECT current_setting('ehs.actor', true)) = 'disposal'
        UNION SELECT f.id FROM families_family f JOIN its ON f.merged_into_id = its.id)
    SELECT array_agg(id ORDER BY id) FROM its;
$$;
"""


class Migration(migrations.Migration):
    dependencies = (("keeping", "0005_more_signs_of_a_family"),)
    operations = (
        migrations.RunSQL(FAMILIES, "DROP FUNCTION ehs_disposal_families(uuid)"),
        migrations.RunSQL("REVOKE ALL ON FUNCTION ehs_disposal_families(uuid) FROM PUBLIC", migrations.RunSQL.noop),
        migrations.RunSQL("GRANT EXECUTE ON FUNCTION ehs_disposal_families(uuid) TO ehs_app", migrations.RunSQL.noop),
    )
