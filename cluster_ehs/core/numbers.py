"""Numbers that several apps show on one page, counted in one statement.

numbers.count("duplicates", lambda request: DuplicatePair.objects.filter(…))   # once, from apps.py
numbers.of(request, "duplicates")                                              # in the selector of a slot
"""

from collections.abc import Callable

from django.db.models import Count, QuerySet, Sum, Value
from django.http import HttpRequest

Rows = Callable[[HttpRequest], QuerySet | None]
_COUNTED: dict[str, tuple[Rows, Count | Sum]] = {}


def count(name: str, rows: Rows, *, sum_of: str = "") -> None:
    """Count these rows, or add up a column, whenever a number is asked for; None where the reader is shown none."""
    _COUNTED[name] = rows, Sum(sum_of) if sum_of else Count("pk")


def of(request: HttpRequest, name: str) -> int:
    """How many there are. The first that is asked for on a page reads them all."""
    kept: dict[str, int] | None = request.__dict__.get("_numbers")
    if kept is None:
        kept = request.__dict__["_numbers"] = _read(request)
    return kept.get(name) or 0


def _read(request: HttpRequest) -> dict[str, int]:
    asked = ((name, rows(request), what) for name, (rows, what) in _COUNTED.items())
    parts = [
        rows.order_by().annotate(_name=Value(name)).values("_name").annotate(_n=what).values_list("_name", "_n")
        for name, rows, what in asked
        if rows is not None
    ]
    if not parts:
        return {}
    return dict(parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0])
