"""The two narrow doors in the walls: known in another Cluster, and break glass. Each leaves a trace by itself."""

from django.db import migrations

# Tells that a child is known, and whom to ask; nothing of the record. A name alone is not enough: it takes a
# number, or a birth date with the name, so that nobody fishes. What the asker can read is left out.
KNOWN_ELSEWHERE = """
CREATE FUNCTION ehs_known_elsewhere(tokens text[], born date, the_upn text, the_nhs_number text)
RETURNS TABLE (cluster_name text, telephone text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    who bigint := ehs_user_id();
    who_name text := coalesce(nullif(current_setting('ehs.actor', true), ''), '');
    today date := (now() AT TIME ZONE 'Europe/London')::date;
    needed integer := least(2, cardinality(tokens));
    found uuid[];
BEGIN
    IF NOT EXISTS (SELECT 1 FROM clusters_staffrole r WHERE r.user_id = who AND r.role IN ('practitioner', 'leader')
                   AND r.starts_on <= today AND (r.ends_on IS NULL OR r.ends_on > today)) THEN
        RETURN;
    END IF;
    SELECT array_agg(DISTINCT p.family_id) INTO found FROM families_person p
    WHERE (the_upn <> '' AND p.upn = the_upn)
       OR (the_nhs_number <> '' AND p.nhs_number = the_nhs_number)
       OR (born IS NOT NULL AND needed > 0 AND p.birth_date = born AND needed <= (
              SELECT count(DISTINCT t.token) FROM families_persontoken t
              WHERE t.person_id = p.id AND t.kind IN ('f', 's') AND t.token = ANY (tokens)));
    INSERT INTO core_event (at, actor, user_id, cluster_id, family_id, kind, text, about)
    SELECT clock_timestamp(), who_name, who, r.cluster_id, NULL, 'search.city', 'Asked where a child is known', ''
    FROM clusters_staffrole r WHERE r.user_id = who AND r.role IN ('practitioner', 'leader')
      AND r.starts_on <= today AND (r.ends_on IS NULL OR r.ends_on > today)
    ORDER BY r.id LIMIT 1;
    IF found IS NULL THEN
        RETURN;
    END IF;
    -- The record itself shows who was told of it.
    INSERT INTO core_event (at, actor, user_id, cluster_id, family_id, kind, text, about)
    SELECT clock_timestamp(), who_name, who, f.cluster_id, f.id, 'family.known_elsewhere',
           'Was told that the child is known here, and whom to ask', 'families.family:' || f.id
    FROM families_family f WHERE f.id = ANY (found)
      AND (NOT f.cluster_id = ANY (ehs_ids('ehs.clusters')) OR f.id = ANY (ehs_uuids('ehs.hidden')))
      AND NOT f.id = ANY (ehs_uuids('ehs.granted'));
    RETURN QUERY SELECT DISTINCT c.name::text, c.telephone::text
    FROM families_family f JOIN clusters_cluster c ON c.id = f.cluster_id
    WHERE f.id = ANY (found)
      AND (NOT f.cluster_id = ANY (ehs_ids('ehs.clusters')) OR f.id = ANY (ehs_uuids('ehs.hidden')))
      AND NOT f.id = ANY (ehs_uuids('ehs.granted'))
    ORDER BY 1;
END $$;
"""

# Opens one record to one worker for four hours. Whoever has no post that works with families gets nothing.
BREAK_GLASS = """
CREATE FUNCTION ehs_break_glass(the_family uuid, the_reason text)
RETURNS TABLE (access_id uuid, in_cluster bigint, is_restricted boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    who bigint := ehs_user_id();
    today date := (now() AT TIME ZONE 'Europe/London')::date;
    a_family families_family%ROWTYPE;
    new_id uuid := gen_random_uuid();
BEGIN
    IF length(trim(the_reason)) < 10 OR NOT EXISTS (
        SELECT 1 FROM clusters_staffrole r WHERE r.user_id = who
        AND r.role IN ('practitioner', 'leader', 'manager', 'clinical_supervisor')
        AND r.starts_on <= today AND (r.ends_on IS NULL OR r.ends_on > today)) THEN
        RETURN;
    END IF;
    SELECT * INTO a_family FROM families_family f WHERE f.id = the_family;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    INSERT INTO families_emergencyaccess (id, cluster_id, family_id, user_id, reason, starts_at, ends_at)
    VALUES (new_id, a_family.cluster_id, a_family.id, who, trim(the_reason), now(), now() + interval '4 hours');
    INSERT INTO core_event (at, actor, user_id, cluster_id, family_id, kind, text, about)
    VALUES (clock_timestamp(), current_setting('ehs.actor', true), who, a_family.cluster_id, a_family.id,
            'family.break_glass', 'Opened the record in an emergency: ' || trim(the_reason),
            'families.family:' || a_family.id);
    RETURN QUERY SELECT new_id, a_family.cluster_id, a_family.restricted;
END $$;

-- From a reference said on the telephone to the record that it names; nothing else of it.
CREATE FUNCTION ehs_family_of_reference(the_reference text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT f.id FROM families_family f WHERE f.reference = upper(trim(the_reference)) LIMIT 1;
$$;
"""

NAMES = {
    "ehs_known_elsewhere": "(text[], date, text, text)",
    "ehs_break_glass": "(uuid, text)",
    "ehs_family_of_reference": "(text)",
}


class Migration(migrations.Migration):
    dependencies = [("families", "0003_search_by_address"), ("core", "0004_kept_drafts")]
    operations = [
        migrations.RunSQL(KNOWN_ELSEWHERE, migrations.RunSQL.noop),
        migrations.RunSQL(BREAK_GLASS, migrations.RunSQL.noop),
        *[
            migrations.RunSQL(
                f"REVOKE ALL ON FUNCTION {name}{arguments} FROM PUBLIC; "
                f"GRANT EXECUTE ON FUNCTION {name}{arguments} TO ehs_app",
                migrations.RunSQL.noop,
            )
            for name, arguments in NAMES.items()
        ],
    ]
