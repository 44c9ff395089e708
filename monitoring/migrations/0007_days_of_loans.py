"""When cases were lent to a partner service that hands back, and when they were back: no more of a loan than that."""

from django.db import migrations

LOANS = """
CREATE FUNCTION ehs_loans(the_clusters bigint[], the_day date)
RETURNS TABLE (case_id uuid, partner_id bigint, lent_on date, back_on date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT l.case_id, l.partner_id, l.lent_on, l.back_on FROM cases_loan l
    WHERE l.lent_on <= the_day AND l.cluster_id = ANY (the_clusters)
      AND (l.cluster_id = ANY (ehs_ids('ehs.clusters')) OR ehs_on('ehs.sees_all'))
$$;
"""
GRANTS = (
    "REVOKE ALL ON FUNCTION ehs_loans(bigint[], date) FROM PUBLIC; "
    "GRANT EXECUTE ON FUNCTION ehs_loans(bigint[], date) TO ehs_app"
)


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0006_statutory_returns"), ("cases", "0005_loans")]
    operations = [
        migrations.RunSQL(LOANS, "DROP FUNCTION ehs_loans(bigint[], date)"),
        migrations.RunSQL(GRANTS, migrations.RunSQL.noop),
    ]
