"""One table of legal states: in the code, copied into the database, kept by a trigger."""

import pytest
from django.apps import apps
from django.db import connection

from cases.workflow import CASE
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.models import Transition
from cluster_ehs.core.workflow import WORKFLOWS


def test_the_database_has_what_the_code_says(db: None) -> None:
    said = {(w.table, w.column, s.source, s.target, s.actor) for w in WORKFLOWS.values() for s in w.steps}
    kept = set(Transition.objects.values_list("table_name", "column_name", "source", "target", "actor"))
    assert said == kept


@pytest.mark.parametrize("key", sorted(WORKFLOWS), ids=lambda k: k[0])
def test_every_workflow_is_guarded_and_names_real_states(db: None, key: tuple[str, str]) -> None:
    table, column = key
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = %s", [table, f"guard_{column}"]
        )
        assert cursor.fetchone()[0] == 1
    model = next(m for m in apps.get_models() if m._meta.db_table == table)
    states = {value for value, _ in model._meta.get_field(column).choices}
    steps = WORKFLOWS[key].steps
    assert {s.target for s in steps} == states
    assert {s.source for s in steps} - {""} <= states


def test_a_step_that_is_not_listed_is_refused_in_words() -> None:
    assert CASE.step("open", "closing").logged == "Closure asked for"
    with pytest.raises(Conflict, match=r"open.*closed"):
        CASE.step("open", "closed")
