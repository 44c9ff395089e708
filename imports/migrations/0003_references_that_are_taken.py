"""Which references a Cluster has used, whoever reads their records: a number is taken once [ADR 0025].

It tells numbers and nothing of what stands behind them. For the importer and the leaders who look at a sheet first.
"""

from django.db import migrations

REFERENCES = """
CREATE FUNCTION ehs_import_references(of_cluster bigint) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF of_cluster = ANY (ehs_led()) OR ehs_user_id() IS NULL
       AND current_setting('ehs.actor', true) = 'importer' AND of_cluster = ANY (ehs_ids('ehs.writes')) THEN
        RETURN QUERY SELECT r.reference::text FROM referrals_referral r WHERE r.cluster_id = of_cluster;
    END IF;
END $$;
REVOKE ALL ON FUNCTION ehs_import_references(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ehs_import_references(bigint) TO ehs_app;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0002_walls"),
        ("referrals", "0014_known_to_somebody_here"),
        ("families", "0014_closed_to_a_sheet"),
    ]
    operations = [migrations.RunSQL(REFERENCES, "DROP FUNCTION ehs_import_references(bigint)")]
