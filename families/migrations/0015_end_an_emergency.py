"""An opening in an emergency may end before its four hours: by whoever opened it, a leader of the Cluster, a manager."""

from django.db import migrations

# As ehs_break_glass, which writes the access and its event: managers, who alone are told of a restricted record, write
# no row of a family. `ehs_act_as` counts the last moment in, so it ends just before this one.
END_EMERGENCY = """
CREATE FUNCTION ehs_end_emergency(the_access uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    who bigint := ehs_user_id();
    today date := (now() AT TIME ZONE 'Europe/London')::date;
    an_access families_emergencyaccess%ROWTYPE;
BEGIN
    SELECT * INTO an_access FROM families_emergencyaccess e
    WHERE e.id = the_access AND now() BETWEEN e.starts_at AND e.ends_at
      AND (e.user_id = who OR EXISTS (
          SELECT 1 FROM clusters_staffrole r WHERE r.user_id = who
          AND (r.role = 'manager' OR r.role = 'leader' AND r.cluster_id = e.cluster_id)
          AND r.starts_on <= today AND (r.ends_on IS NULL OR r.ends_on > today)))
    FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE families_emergencyaccess SET ends_at = greatest(starts_at, now() - interval '2 microseconds')
        + interval '1 microsecond' WHERE id = an_access.id;
    INSERT INTO core_event (at, actor, user_id, cluster_id, family_id, kind, text, about)
    SELECT clock_timestamp(), current_setting('ehs.actor', true), who, an_access.cluster_id, an_access.family_id,
           'family.break_glass',
           CASE WHEN an_access.user_id = who THEN 'Closed the record again before the four hours of the emergency were over'
           ELSE 'Ended early what ' || u.name || ' had opened in an emergency' END,
           'families.family:' || an_access.family_id
    FROM clusters_user u WHERE u.id = an_access.user_id;
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION ehs_end_emergency(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ehs_end_emergency(uuid) TO ehs_app;
"""


class Migration(migrations.Migration):
    dependencies = [("families", "0014_closed_to_a_sheet")]
    operations = [migrations.RunSQL(END_EMERGENCY, migrations.RunSQL.noop)]
