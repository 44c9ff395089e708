"""The walls around what is still to be matched: added to from outside, read by its Cluster, nobody else."""

from django.db import migrations

from cluster_ehs.core.walls import CLUSTERS, GRANTED, HIDDEN, WRITES, guard_states, history_trigger

# A leader of any Cluster sees to what has no Cluster yet.
LEADS_ANY = """
CREATE FUNCTION ehs_leads_any() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT EXISTS (SELECT 1 FROM clusters_staffrole r JOIN clusters_user u ON u.id = r.user_id AND u.is_active
        WHERE r.user_id = ehs_user_id() AND r.role = 'leader'
          AND r.starts_on <= (now() AT TIME ZONE 'Europe/London')::date
          AND (r.ends_on IS NULL OR r.ends_on > (now() AT TIME ZONE 'Europe/London')::date));
$$;
"""
# The giver no longer sees it afterwards, so no UPDATE of its own could write this.
TO_ANOTHER = """
CREATE FUNCTION ehs_pass_intake(which uuid, to_cluster bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    UPDATE referrals_intake SET cluster_id = to_cluster
    WHERE id = which AND state = 'new'
      AND (cluster_id = ANY (ehs_ids('ehs.writes')) OR cluster_id IS NULL AND ehs_leads_any());
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this cannot be passed on' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;
"""
NO_CLUSTER = "cluster_id IS NULL AND (SELECT ehs_leads_any())"


def sees(clusters: str) -> str:
    linked = f"family_id IS NULL OR NOT family_id = ANY ({HIDDEN})"
    return f"cluster_id = ANY ({clusters}) AND ({linked}) OR family_id = ANY ({GRANTED}) OR {NO_CLUSTER}"


FROM_OUTSIDE = "(SELECT current_setting('ehs.actor', true)) IN ('public form', 'feed') AND state = 'new'"
STATEMENTS = (
    LEADS_ANY,
    TO_ANOTHER,
    "REVOKE ALL ON FUNCTION ehs_pass_intake(uuid, bigint), ehs_leads_any() FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION ehs_pass_intake(uuid, bigint), ehs_leads_any() TO ehs_app",
    "ALTER TABLE referrals_intake ENABLE ROW LEVEL SECURITY",
    f"CREATE POLICY reads ON referrals_intake FOR SELECT USING ({sees(CLUSTERS)})",
    f"CREATE POLICY adds ON referrals_intake FOR INSERT WITH CHECK ({FROM_OUTSIDE} OR {sees(WRITES)})",
    f"CREATE POLICY changes ON referrals_intake FOR UPDATE USING ({sees(WRITES)}) WITH CHECK ({sees(WRITES)})",
    "CREATE POLICY removes ON referrals_intake FOR DELETE USING (false)",
    "ALTER TABLE referrals_intake ADD CONSTRAINT referrals_intake_same_cluster FOREIGN KEY (family_id, cluster_id) "
    "REFERENCES families_family (id, cluster_id) ON UPDATE CASCADE DEFERRABLE INITIALLY IMMEDIATE",
    "ALTER TABLE referrals_intake ADD CONSTRAINT referrals_intake_referral_id_same_family "
    "FOREIGN KEY (referral_id, family_id, cluster_id) REFERENCES referrals_referral (id, family_id, cluster_id) "
    "ON UPDATE CASCADE DEFERRABLE INITIALLY IMMEDIATE",
    history_trigger("referrals_intake"),
)


class Migration(migrations.Migration):
    dependencies = [("referrals", "0004_intake")]
    operations = [
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in STATEMENTS),
        guard_states("referrals_intake", "state"),
    ]
