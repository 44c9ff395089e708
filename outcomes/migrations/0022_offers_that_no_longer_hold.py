"""An offer to another Cluster ends when the family takes its agreement back, or when the record becomes restricted.

Both were looked at when it was offered and never again: the letter went on lying there for every leader, and was accepted
into a record that all the workers there read. An offer that one leader there may open stays, and what they make of it
is restricted too.
"""

from django.db import migrations

# As 0006, and it waits for whoever is restricting the record or withdrawing the agreement at this moment.
SEND = """
CREATE OR REPLACE FUNCTION ehs_send_transfer(the_transfer uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    who bigint := ehs_user_id();
    sent outcomes_transfer%ROWTYPE;
    closed boolean;
BEGIN
    SELECT * INTO sent FROM outcomes_transfer t WHERE t.id = the_transfer AND t.status = 'offered'
      AND t.offered_by_id = who AND NOT t.family_id = ANY (ehs_uuids('ehs.hidden'))
      AND t.cluster_id = ANY (ehs_ids('ehs.writes'));
    IF NOT FOUND OR sent.to_cluster_id = sent.cluster_id OR NOT EXISTS (SELECT 1 FROM clusters_staffrole r WHERE r.user_id = who AND r.role = 'leader'
    AND r.cluster_id = sent.cluster_id AND r.starts_on <= (now() AT TIME ZONE 'Europe/London')::date
    AND (r.ends_on IS NULL OR r.ends_on > (now() AT TIME ZONE 'Europe/London')::date)) THEN
        RETURN false;
    END IF;
    SELECT f.restricted INTO closed FROM families_family f WHERE f.id = sent.family_id FOR SHARE;
    PERFORM 1 FROM families_agreement a WHERE a.id = sent.agreement_id AND a.withdrawn_on IS NULL FOR SHARE;
    IF NOT FOUND OR closed AND sent.for_user_id IS NULL THEN
        RETURN false;
    END IF;
    INSERT INTO outcomes_incomingtransfer (id, cluster_id, from_cluster_id, for_user_id, restricted, status, letter,
                                           offered_by_name, offered_at)
    VALUES (sent.id, sent.to_cluster_id, sent.cluster_id, sent.for_user_id, closed, 'offered', sent.letter,
            current_setting('ehs.actor', true), sent.offered_at);
    RETURN true;
END $$;
"""
# The arrived side first, as who answers it does.
ENDS = """
CREATE FUNCTION ehs_offer_no_longer_holds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    restricts boolean := TG_TABLE_NAME = 'families_family';
    key uuid := (to_jsonb(NEW) ->> 'id')::uuid;
    arrived record;
BEGIN
    FOR arrived IN
        SELECT i.id, i.for_user_id, t.cluster_id, t.family_id
        FROM outcomes_incomingtransfer i JOIN outcomes_transfer t ON t.id = i.id
        WHERE i.status = 'offered' AND (restricts AND t.family_id = key OR NOT restricts AND t.agreement_id = key)
        FOR UPDATE OF i
    LOOP
        IF restricts AND arrived.for_user_id IS NOT NULL THEN
            UPDATE outcomes_incomingtransfer SET restricted = true WHERE id = arrived.id;
        ELSE
            UPDATE outcomes_incomingtransfer SET status = 'withdrawn', letter = NULL WHERE id = arrived.id;
            UPDATE outcomes_transfer SET status = 'withdrawn' WHERE id = arrived.id;
            INSERT INTO core_event (at, actor, user_id, cluster_id, family_id, kind, text, about)
            VALUES (clock_timestamp(), coalesce(current_setting('ehs.actor', true), ''), ehs_user_id(),
                    arrived.cluster_id, arrived.family_id, 'transfer',
                    CASE WHEN restricts THEN 'Transfer withdrawn: the record became restricted'
                         ELSE 'Transfer withdrawn: the family withdrew its agreement' END,
                    'outcomes.transfer:' || arrived.id);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
"""
ON_FAMILY = """
CREATE TRIGGER offers_end AFTER UPDATE OF restricted ON families_family FOR EACH ROW
WHEN (NEW.restricted AND NOT OLD.restricted) EXECUTE FUNCTION ehs_offer_no_longer_holds()
"""
ON_AGREEMENT = """
CREATE TRIGGER offers_end AFTER UPDATE OF withdrawn_on ON families_agreement FOR EACH ROW
WHEN (NEW.withdrawn_on IS NOT NULL AND OLD.withdrawn_on IS NULL) EXECUTE FUNCTION ehs_offer_no_longer_holds()
"""


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0021_who_moved_out")]
    operations = [
        migrations.RunSQL(SEND, migrations.RunSQL.noop),
        migrations.RunSQL(ENDS, "DROP FUNCTION ehs_offer_no_longer_holds()"),
        migrations.RunSQL(ON_FAMILY, "DROP TRIGGER offers_end ON families_family"),
        migrations.RunSQL(ON_AGREEMENT, "DROP TRIGGER offers_end ON families_agreement"),
    ]
