"""A change of what came in from outside opens nothing that was closed, and may be asked whose it is.

As 0011, but that `restricted` stays once it was said: a sender that leaves it out of a later change (a new telephone
number, say) would have shown the entry, its earlier texts and its history to every worker of the Cluster.
"""

from django.db import migrations

CHANGE = """
CREATE OR REPLACE FUNCTION ehs_feed_change(which uuid, words jsonb, fears boolean, at_school bigint, at_cluster bigint)
RETURNS TABLE (outcome text, newly_feared boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    old referrals_intake;
BEGIN
    PERFORM ehs_only_the_feed();
    SELECT * INTO old FROM referrals_intake i WHERE i.id = which FOR UPDATE;
    IF old.payload ->> 'restricted' = 'true' THEN
        words := words || '{"restricted": true}';
    END IF;
    newly_feared := fears AND NOT old.harm;
    IF NOT newly_feared AND (old.payload = words OR EXISTS (
        SELECT 1 FROM referrals_intakeversion v WHERE v.intake_id = which AND (v.payload = words
            OR old.payload ->> 'restricted' = 'true' AND v.payload - 'restricted' = words - 'restricted')
    )) THEN
        outcome := 'same';
        RETURN NEXT;
        RETURN;
    END IF;
    INSERT INTO referrals_intakeversion (id, intake_id, payload, harm, school_id, received_at, replaced_at)
    VALUES (gen_random_uuid(), which, old.payload, old.harm, old.school_id, coalesce(old.changed_at, old.received_at),
            clock_timestamp());
    UPDATE referrals_intake i SET
        payload = words, harm = old.harm OR fears, changed_at = clock_timestamp(),
        school_id = coalesce(at_school, old.school_id), cluster_id = coalesce(old.cluster_id, at_cluster),
        state = CASE WHEN old.state = 'discarded' THEN 'new' ELSE old.state END,
        reason = CASE WHEN old.state = 'discarded' THEN '' ELSE old.reason END,
        to_look_at = old.to_look_at OR old.state = 'linked'
    WHERE i.id = which;
    IF newly_feared AND old.state = 'linked' THEN
        UPDATE referrals_referral r SET harm_flagged_at = now(), version = r.version + 1
        WHERE r.id = old.referral_id AND r.harm_flagged_at IS NULL;
    END IF;
    outcome := CASE WHEN old.state = 'linked' THEN 'linked' ELSE 'waits' END;
    RETURN NEXT;
END $$;
"""
# For the program that brings a change: whose entry it would change, and whether only leaders read it.
WHOSE = """
CREATE FUNCTION ehs_feed_whose(which uuid) RETURNS TABLE (cluster_id bigint, restricted boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$
BEGIN
    PERFORM ehs_only_the_feed();
    RETURN QUERY SELECT i.cluster_id, coalesce(i.payload ->> 'restricted' = 'true', false)
    FROM referrals_intake i WHERE i.id = which;
END $$;
REVOKE ALL ON FUNCTION ehs_feed_whose(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ehs_feed_whose(uuid) TO ehs_app;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0014_known_to_somebody_here")]
    operations = [
        migrations.RunSQL(CHANGE, migrations.RunSQL.noop),
        migrations.RunSQL(WHOSE, "DROP FUNCTION ehs_feed_whose(uuid)"),
    ]
