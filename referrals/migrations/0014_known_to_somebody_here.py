"""What came in from outside and must not be read by somebody who works here: its Cluster's leaders alone read it.

The sender says so (`restricted` in what was sent). It holds from the first moment, for the text, its earlier versions
and its history, and for as long as the entry is kept; the referral that it becomes is in a restricted record.
"""

from django.db import migrations

from cluster_ehs.core.walls import CLUSTERS, GRANTED, HIDDEN, TRACE, WRITES

LED = """
CREATE FUNCTION ehs_led() RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT coalesce(array_agg(DISTINCT r.cluster_id), '{}') FROM clusters_staffrole r
    JOIN clusters_user u ON u.id = r.user_id AND u.is_active
    WHERE r.user_id = ehs_user_id() AND r.role = 'leader'
      AND r.starts_on <= (now() AT TIME ZONE 'Europe/London')::date
      AND (r.ends_on IS NULL OR r.ends_on > (now() AT TIME ZONE 'Europe/London')::date);
$$;
REVOKE ALL ON FUNCTION ehs_led() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ehs_led() TO ehs_app;
"""
LEADS_IT = "cluster_id = ANY ((SELECT ehs_led())::bigint[])"
OPEN = "coalesce(payload ->> 'restricted', '') <> 'true'"
OPEN_BEFORE_AND_AFTER = (
    "coalesce(before -> 'payload' ->> 'restricted', '') <> 'true' "
    "AND coalesce(after -> 'payload' ->> 'restricted', '') <> 'true'"
)


def sees(clusters: str) -> str:
    linked = f"family_id IS NULL OR NOT family_id = ANY ({HIDDEN})"
    return (
        f"cluster_id = ANY ({clusters}) AND ({linked}) AND ({OPEN} OR {LEADS_IT}) "
        f"OR family_id = ANY ({GRANTED}) OR cluster_id IS NULL AND (SELECT ehs_leads_any())"
    )


FAMILY = "coalesce(family_id, '00000000-0000-0000-0000-000000000000'::uuid)"
STATEMENTS = (
    LED,
    f"ALTER POLICY reads ON referrals_intake USING ({sees(CLUSTERS)})",
    f"ALTER POLICY changes ON referrals_intake USING ({sees(WRITES)}) WITH CHECK ({sees(WRITES)})",
    f"ALTER POLICY reads ON core_change USING (({TRACE.format(family=FAMILY)}) AND "
    f"(table_name <> 'referrals_intake' OR {LEADS_IT} OR {OPEN_BEFORE_AND_AFTER}))",
)


class Migration(migrations.Migration):
    dependencies = [("referrals", "0013_corrected_translations"), ("core", "0003_walls")]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in STATEMENTS]
