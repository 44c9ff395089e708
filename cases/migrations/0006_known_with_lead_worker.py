"""Known in another Cluster: also who leads the work there, so that the asker rings a person and not a switchboard."""

from django.db import migrations

# As in families 0004, and beside it: the lead worker of the open case and how to ring them, the Cluster's telephone
# when they have none or nobody leads. Of a restricted record nobody is named: ask the Cluster. What was merged into
# another record is not told twice. Everybody who is told leaves a trace in the record that they were told of.
KNOWN_ELSEWHERE = """
DROP FUNCTION ehs_known_elsewhere(text[], date, text, text);
CREATE FUNCTION ehs_known_elsewhere(tokens text[], born date, the_upn text, the_nhs_number text)
RETURNS TABLE (cluster_name text, telephone text, lead_worker text)
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
    SELECT array_agg(DISTINCT f.id) INTO found FROM families_person p JOIN families_family f ON f.id = p.family_id
    WHERE p.merged_into_id IS NULL
      AND (NOT f.cluster_id = ANY (ehs_ids('ehs.clusters')) OR f.id = ANY (ehs_uuids('ehs.hidden')))
      AND NOT f.id = ANY (ehs_uuids('ehs.granted'))
      AND ((the_upn <> '' AND p.upn = the_upn)
        OR (the_nhs_number <> '' AND p.nhs_number = the_nhs_number)
        OR (born IS NOT NULL AND needed > 0 AND p.birth_date = born AND needed <= (
              SELECT count(DISTINCT t.token) FROM families_persontoken t
              WHERE t.person_id = p.id AND t.kind IN ('f', 's') AND t.token = ANY (tokens))));
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
    FROM families_family f WHERE f.id = ANY (found);
    RETURN QUERY SELECT DISTINCT c.name::text, coalesce(nullif(w.telephone, ''), c.telephone)::text,
                        coalesce(w.name, '')::text
    FROM families_family f JOIN clusters_cluster c ON c.id = f.cluster_id
    LEFT JOIN cases_case k ON k.family_id = f.id AND k.status <> 'closed' AND NOT f.restricted
    LEFT JOIN cases_leadworker l ON l.case_id = k.id AND l.starts_on <= today AND (l.ends_on IS NULL OR l.ends_on > today)
    LEFT JOIN clusters_user w ON w.id = l.worker_id
    WHERE f.id = ANY (found)
    ORDER BY 1, 3;
END $$;
REVOKE ALL ON FUNCTION ehs_known_elsewhere(text[], date, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ehs_known_elsewhere(text[], date, text, text) TO ehs_app;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_loans"), ("families", "0008_duplicates_walls")]
    operations = [migrations.RunSQL(KNOWN_ELSEWHERE, migrations.RunSQL.noop)]
