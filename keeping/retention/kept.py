"""How many records are due, kept for some minutes: the homes show it at every load, and it goes through all families.

A number per Clusters and day, nothing about a family. The page of what is due counts afresh and keeps that.
"""

from collections.abc import Collection, Sequence

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from cluster_ehs.core import scope
from keeping.retention import selectors
from keeping.retention.selectors import Due

SECONDS = 600


def _key(which: Sequence[int]) -> str:
    return f"retention:{connection.settings_dict['NAME']}:{timezone.localdate()}:{','.join(map(str, which)) or 'all'}"


def keep(clusters: Collection[int], found: Sequence[Due], *, every: bool) -> int:
    """What was counted just now. every: of all Clusters there are."""
    number = sum(one.is_open for one in found)
    cache.set(_key([] if every else sorted(clusters)), number, SECONDS)
    return number


def number_due(clusters: Collection[int] | None) -> int:
    """How many somebody has to look at, in these Clusters or (None) in all, not older than ten minutes."""
    kept: int | None = cache.get(_key(sorted(clusters or ())))
    if kept is not None:
        return kept
    which = selectors.every_cluster() if clusters is None else clusters
    with scope.figures():
        return keep(which, selectors.due(which), every=clusters is None)
