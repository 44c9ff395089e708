"""A case is not closed without an outcome: held by the database when a transaction is committed (domain 2.9)."""

from django.db import migrations

from cluster_ehs.core.walls import wall

# Both run as the owner of the tables, so that no row policy hides what they count.
CLOSURE = """
CREATE FUNCTION ehs_closure_has_outcome() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    closure uuid := CASE WHEN TG_TABLE_NAME = 'outcomes_closure' THEN (to_jsonb(NEW) ->> 'id')::uuid
                         ELSE (to_jsonb(OLD) ->> 'closure_id')::uuid END;
BEGIN
    IF EXISTS (SELECT 1 FROM outcomes_closure c WHERE c.id = closure AND c.status = 'signed_off'
               AND NOT EXISTS (SELECT 1 FROM outcomes_closureoutcome o WHERE o.closure_id = c.id)) THEN
        RAISE EXCEPTION 'closure % is signed off without an outcome', closure USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
"""
CASE = """
CREATE FUNCTION ehs_closed_case_has_outcome() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    closed uuid;
BEGIN
    IF TG_TABLE_NAME = 'cases_case' THEN
        closed := (to_jsonb(NEW) ->> 'id')::uuid;
    ELSIF TG_TABLE_NAME = 'outcomes_closure' THEN
        closed := (to_jsonb(OLD) ->> 'case_id')::uuid;
    ELSIF TG_TABLE_NAME = 'triage_ending' THEN
        SELECT l.case_id INTO closed FROM cases_casereferral l WHERE l.referral_id = (to_jsonb(OLD) ->> 'referral_id')::uuid;
    ELSE
        SELECT l.case_id INTO closed FROM cases_casereferral l JOIN triage_ending e ON e.referral_id = l.referral_id
        WHERE e.id = (to_jsonb(OLD) ->> 'ending_id')::uuid;
    END IF;
    IF EXISTS (
        SELECT 1 FROM cases_case c WHERE c.id = closed AND c.status = 'closed' AND NOT c.imported AND (
            NOT EXISTS (SELECT 1 FROM outcomes_closure o WHERE o.case_id = c.id AND o.status = 'signed_off'
                        AND o.reopened_at IS NULL)
            OR EXISTS (SELECT 1 FROM cases_casereferral l WHERE l.case_id = c.id AND NOT EXISTS (
                SELECT 1 FROM triage_ending e WHERE e.referral_id = l.referral_id AND (e.outcome_not_recorded OR EXISTS (
                    SELECT 1 FROM triage_endingoutcome eo WHERE eo.ending_id = e.id))))
        )) THEN
        RAISE EXCEPTION 'case % is closed without a signed-off outcome', closed USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
"""


def at_commit(table: str, when: str, function: str) -> str:
    return (
        f"CREATE CONSTRAINT TRIGGER {function[4:]} AFTER {when} ON {table} DEFERRABLE INITIALLY DEFERRED "
        f"FOR EACH ROW EXECUTE FUNCTION {function}()"
    )


STATEMENTS = (
    CLOSURE,
    CASE,
    at_commit("outcomes_closure", "INSERT OR UPDATE OF status", "ehs_closure_has_outcome"),
    at_commit("outcomes_closureoutcome", "DELETE OR UPDATE OF closure_id", "ehs_closure_has_outcome"),
    # Thousands of imported cases pay nothing for a rule that is not theirs.
    at_commit("cases_case", "INSERT OR UPDATE OF status, imported", "ehs_closed_case_has_outcome").replace(
        "FOR EACH ROW", "FOR EACH ROW WHEN (NEW.status = 'closed' AND NOT NEW.imported)"
    ),
    at_commit("outcomes_closure", "DELETE OR UPDATE OF reopened_at, case_id", "ehs_closed_case_has_outcome"),
    at_commit("triage_ending", "DELETE OR UPDATE OF referral_id", "ehs_closed_case_has_outcome"),
    at_commit("triage_endingoutcome", "DELETE OR UPDATE OF ending_id", "ehs_closed_case_has_outcome"),
)


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0003_closing"), ("cases", "0002_walls"), ("triage", "0002_walls")]
    operations = [
        *wall("outcomes_closuregoal", parents={"closure_id": "outcomes_closure", "goal_id": "cases_goal"}),
        *[migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in STATEMENTS],
    ]
