"""What was opened in an emergency is never made longer, nor handed to another reader: whoever needs more asks again.

The wall lets everybody who sees a row change it, so the reader could have moved the end of the own opening. A merge
may move it to the family that is kept.
"""

from django.db import migrations

NO_LONGER = """
CREATE FUNCTION ehs_emergency_no_longer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.ends_at > OLD.ends_at OR NEW.user_id <> OLD.user_id THEN
        RAISE EXCEPTION 'an opening in an emergency is not made longer, nor handed on'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER no_longer BEFORE UPDATE ON families_emergencyaccess FOR EACH ROW
    EXECUTE FUNCTION ehs_emergency_no_longer();
"""
UNDO = """
DROP TRIGGER no_longer ON families_emergencyaccess;
DROP FUNCTION ehs_emergency_no_longer();
"""


class Migration(migrations.Migration):
    dependencies = [("families", "0015_end_an_emergency")]
    operations = [migrations.RunSQL(NO_LONGER, UNDO)]
