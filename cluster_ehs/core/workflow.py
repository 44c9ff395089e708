"""States and the one table of legal changes between them.

Each app lists its own in `workflow.py`. `migrate` copies them into the database, where a trigger
refuses any other change, also from `update()` and raw SQL.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.models import Transition


@dataclass(frozen=True)
class Step:
    """A legal change of state: from, to, who may, what is logged, who is told.

    actor: when set, the database lets only this named actor take the step.
    """

    source: str
    target: str
    who: str
    logged: str
    told: str = ""
    actor: str = ""


@dataclass(frozen=True)
class Workflow:
    table: str
    steps: tuple[Step, ...]
    column: str = "status"
    by_pair: dict[tuple[str, str], Step] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_pair", {(s.source, s.target): s for s in self.steps})
        WORKFLOWS[(self.table, self.column)] = self

    def step(self, source: str, target: str) -> Step:
        """The step from one state to another; raises Conflict when there is none."""
        try:
            return self.by_pair[(source, target)]
        except KeyError:
            raise Conflict(
                f"This is now “{source or 'new'}” and cannot become “{target}”. Load the page again."
            ) from None


WORKFLOWS: dict[tuple[str, str], Workflow] = {}


def copy_to_database(workflows: Iterable[Workflow] | None = None) -> None:
    """Make the transition table say what the code says. Runs as the owner, from `migrate`."""
    chosen = list(WORKFLOWS.values() if workflows is None else workflows)
    Transition.objects.all().delete()
    Transition.objects.bulk_create(
        Transition(table_name=w.table, column_name=w.column, source=s.source, target=s.target, actor=s.actor)
        for w in chosen
        for s in w.steps
    )
