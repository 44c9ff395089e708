"""What a feed may ask and do, and the walls around rows that could not be taken.

A feed reads no family. It may ask which child of a Cluster has a number and a birth date that it names itself, never of
a restricted family, and it may say that what it brought became the referral which it has just made.
"""

from django.db import migrations

from cluster_ehs.core.walls import history_trigger

ONLY_THE_FEED = """
CREATE FUNCTION ehs_only_the_feed() RETURNS void LANGUAGE plpgsql STABLE SET search_path = public AS $$
BEGIN
    IF current_setting('ehs.actor', true) IS DISTINCT FROM 'feed' THEN
        RAISE EXCEPTION 'this is for a feed' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;
"""
CHILDREN = """
CREATE FUNCTION ehs_feed_children(in_cluster bigint, with_upn text, with_nhs text, born date)
RETURNS TABLE (person uuid, family uuid, first_name text, last_name text, known_as text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$
BEGIN
    PERFORM ehs_only_the_feed();
    RETURN QUERY
    SELECT p.id, p.family_id, p.first_name::text, p.last_name::text, p.known_as::text
    FROM families_person p JOIN families_family f ON f.id = p.family_id
    WHERE p.cluster_id = in_cluster AND p.is_child AND p.birth_date = born AND NOT f.restricted
      AND (with_upn <> '' AND p.upn = with_upn OR with_nhs <> '' AND p.nhs_number = with_nhs)
      AND (with_upn = '' OR p.upn IN ('', with_upn)) AND (with_nhs = '' OR p.nhs_number IN ('', with_nhs))
    LIMIT 3;
END $$;
"""
HAS = """
CREATE FUNCTION ehs_feed_has(which uuid, words jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public AS $$
BEGIN
    PERFORM ehs_only_the_feed();
    RETURN EXISTS (SELECT 1 FROM referrals_intake i WHERE i.id = which AND i.payload = words);
END $$;
"""
LINK = """
CREATE FUNCTION ehs_feed_link(which uuid, to_referral uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    PERFORM ehs_only_the_feed();
    UPDATE referrals_intake i SET state = 'linked', referral_id = r.id, family_id = r.family_id
    FROM referrals_referral r
    WHERE i.id = which AND i.state = 'new' AND r.id = to_referral AND r.cluster_id = i.cluster_id
      AND r.family_id = ANY (ehs_uuids('ehs.granted'));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this cannot be linked' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;
"""
NAMES = "ehs_feed_children(bigint, text, text, date), ehs_feed_has(uuid, jsonb), ehs_feed_link(uuid, uuid)"
# No Cluster is known of such a row, so any leader sees to it.
LEADERS = "(SELECT ehs_leads_any())"
STATEMENTS = (
    ONLY_THE_FEED,
    CHILDREN,
    HAS,
    LINK,
    f"REVOKE ALL ON FUNCTION {NAMES} FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION {NAMES} TO ehs_app",
    "ALTER TABLE referrals_intakereject ENABLE ROW LEVEL SECURITY",
    f"CREATE POLICY reads ON referrals_intakereject FOR SELECT USING ({LEADERS})",
    "CREATE POLICY adds ON referrals_intakereject FOR INSERT "
    "WITH CHECK ((SELECT current_setting('ehs.actor', true)) = 'feed' AND settled_by_id IS NULL)",
    f"CREATE POLICY changes ON referrals_intakereject FOR UPDATE USING ({LEADERS}) WITH CHECK ({LEADERS})",
    "CREATE POLICY removes ON referrals_intakereject FOR DELETE USING (false)",
    history_trigger("referrals_intakereject", family=""),
)


class Migration(migrations.Migration):
    dependencies = [("referrals", "0007_rejected_rows"), ("families", "0001_initial")]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in STATEMENTS]
