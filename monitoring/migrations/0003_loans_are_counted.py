"""Which referrals' cases were lent to a partner service that hands back: numbers need no more of a loan than that."""

from django.db import migrations

# The loan itself holds free text, which nobody reads who counts every Cluster.
LENT = """
CREATE FUNCTION ehs_lent(the_clusters bigint[], the_day date) RETURNS TABLE (referral_id uuid, partner_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT DISTINCT r.referral_id, l.partner_id
    FROM cases_loan l JOIN cases_casereferral r ON r.case_id = l.case_id
    WHERE l.lent_on <= the_day AND l.cluster_id = ANY (the_clusters)
      AND (l.cluster_id = ANY (ehs_ids('ehs.clusters')) OR ehs_on('ehs.sees_all'))
$$;
"""
GRANTS = (
    "REVOKE ALL ON FUNCTION ehs_lent(bigint[], date) FROM PUBLIC; "
    "GRANT EXECUTE ON FUNCTION ehs_lent(bigint[], date) TO ehs_app"
)


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0002_finished_reports_stay"), ("cases", "0005_loans")]
    operations = [
        migrations.RunSQL(LENT, "DROP FUNCTION ehs_lent(bigint[], date)"),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
