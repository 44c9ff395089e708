"""Numbers that several apps show on one page, counted in one statement, and those of all Clusters in one more.

numbers.count("duplicates", lambda request: DuplicatePair.objects.filter(…))   # once, from apps.py
numbers.of(request, "duplicates")                                              # in the selector of a slot
"""

from collections.abc import Callable
from contextlib import nullcontext

from django.db.models import Count, QuerySet, Sum, Value
from django.http import HttpRequest

from cluster_ehs.core import scope

Rows = Callable[[HttpRequest], QuerySet | None]
_COUNTED: dict[str, tuple[Rows, Count | Sum, bool]] = {}


def count(name: str, rows: Rows, *, sum_of: str = "", of_all: bool = False) -> None:
    """Count these rows, or add up a column, whenever a number is asked for; None where the reader is shown none.

    of_all: counted in the scope of figures, which shows a manager the rows of every Cluster.
    """
    _COUNTED[name] = rows, Sum(sum_of) if sum_of else Count("pk"), of_all


def of(request: HttpRequest, name: str) -> int:
    """How many there are. The first that is asked for on a page reads them all, or all of all Clusters."""
    of_all = _COUNTED[name][2]
    kept: dict[bool, dict[str, int]] = request.__dict__.setdefault("_numbers", {})
    if of_all not in kept:
        kept[of_all] = _read(request, of_all=of_all)
    return kept[of_all].get(name) or 0


def _read(request: HttpRequest, *, of_all: bool) -> dict[str, int]:
    asked = ((name, rows(request), what) for name, (rows, what, which) in _COUNTED.items() if which is of_all)
    parts = [
        rows.order_by().annotate(_name=Value(name)).values("_name").annotate(_n=what).values_list("_name", "_n")
        for name, rows, what in asked
        if rows is not None
    ]
    if not parts:
        return {}
    with scope.figures() if of_all else nullcontext():
        return dict(parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0])
