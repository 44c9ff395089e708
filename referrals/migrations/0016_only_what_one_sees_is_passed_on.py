"""Only what somebody sees is passed on to another Cluster: as 0005, and not what the leaders alone read (0014)."""

from django.db import migrations

TO_ANOTHER = """
CREATE OR REPLACE FUNCTION ehs_pass_intake(which uuid, to_cluster bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    UPDATE referrals_intake SET cluster_id = to_cluster
    WHERE id = which AND state = 'new'
      AND (cluster_id = ANY (ehs_ids('ehs.writes'))
           AND (coalesce(payload ->> 'restricted', '') <> 'true' OR cluster_id = ANY (ehs_led()))
           AND (family_id IS NULL OR NOT family_id = ANY (ehs_uuids('ehs.hidden')))
           OR cluster_id IS NULL AND ehs_leads_any());
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this cannot be passed on' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0015_changes_of_notifications")]
    operations = [migrations.RunSQL(TO_ANOTHER, migrations.RunSQL.noop)]
