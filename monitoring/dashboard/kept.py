"""The dashboard's numbers kept for some minutes in the shared cache: counts per Cluster, nothing about a family.

The key says all that the numbers depend on: the definition, which Clusters, which days, and the day of asking.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from cluster_ehs.core import scope
from monitoring.asking import Asked
from monitoring.dashboard import counting
from monitoring.dashboard.counting import Number, Numbers, Point
from monitoring.dashboard.figures import BY_KEY

# Raised when a figure is counted differently, so that nothing is shown that the old rule counted.
DEFINITION = 4
SECONDS = 600

Trends = dict[str, list[Point]]


@dataclass(frozen=True)
class Counted:
    numbers: Numbers
    # When it was counted: what the page says it is “as at”.
    at: datetime


def key(part: str, asked: Asked, *about: Any) -> str:
    before = asked.earlier
    said = (
        connection.settings_dict["NAME"],
        sorted(asked.ids),
        asked.period,
        before if part == "numbers" else None,
        about,
    )
    digest = hashlib.sha256(repr(said).encode()).hexdigest()[:32]
    return f"dashboard:{DEFINITION}:{part}:{timezone.localdate()}:{digest}"


def numbers(asked: Asked, *, afresh: bool = False) -> Counted:
    """Every figure of the Clusters and the period, not older than ten minutes; counted now when `afresh`."""
    period = asked.sure_period

    def make() -> dict[str, Any]:
        with scope.figures():
            found = counting.count(clusters=asked.ids, period=period, before=asked.earlier)
        return {"at": timezone.now().isoformat(), "numbers": [(*where, n.value, n.of) for where, n in found.items()]}

    kept = _kept(key("numbers", asked), make, afresh)
    return Counted(
        {(cluster, figure, when): Number(value, of) for cluster, figure, when, value, of in kept["numbers"]},
        datetime.fromisoformat(kept["at"]),
    )


def trends(asked: Asked, figures: Sequence[str], *, afresh: bool = False) -> Trends:
    """Some figures month by month, of the Clusters together."""
    months = counting.whole_months(asked.sure_period)

    def make() -> dict[str, Any]:
        with scope.figures():
            found = counting.trends([BY_KEY[one] for one in figures], clusters=asked.ids, months=months)
        return {
            one: [(p.month.start.isoformat(), p.number.value, p.number.of, p.unfinished) for p in found[one]]
            for one in found
        }

    kept = _kept(key("trends", asked, tuple(figures)), make, afresh)
    month = {each.start: each for each in months}
    return {
        one: [Point(month[date.fromisoformat(start)], Number(value, of), part) for start, value, of, part in rows]
        for one, rows in kept.items()
    }


def _kept(name: str, make: Callable[[], dict[str, Any]], afresh: bool) -> dict[str, Any]:
    """In plain values, as JSON has them: the cache holds no others."""
    kept: dict[str, Any] | None = None if afresh else cache.get(name)
    if kept is None:
        kept = make()
        cache.set(name, kept, SECONDS)
    return kept
