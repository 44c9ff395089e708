"""References that people can say on the telephone: HD-2026-0142."""

import re
from collections.abc import Iterable

from django.db import connection

from clusters.models import Cluster

_LETTERS = {"referral": "", "family": "F", "case": "C", "rights": "R"}


def next_reference(cluster: Cluster, *, year: int, kind: str = "referral") -> str:
    """The Cluster's next number of that year. Two at once get two numbers; a rolled-back one leaves a gap."""
    return next_references(cluster, year=year, kind=kind, count=1)[0]


def next_references(cluster: Cluster, *, year: int, kind: str, count: int) -> list[str]:
    """The Cluster's next numbers of that year, taken together."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO clusters_referencecounter (cluster_id, year, kind, last) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT ON CONSTRAINT counter_once DO UPDATE "
            "SET last = clusters_referencecounter.last + excluded.last RETURNING last",
            [cluster.pk, year, kind, count],
        )
        last = cursor.fetchone()[0]
    return [f"{cluster.prefix}-{_LETTERS[kind]}{year}-{number:04d}" for number in range(last - count + 1, last + 1)]


def keep_clear_of(cluster: Cluster, references: Iterable[str]) -> None:
    """Move the counters past references that came from elsewhere in the form of our own."""
    form = re.compile(rf"{re.escape(cluster.prefix)}-(\d{{4}})-(\d{{1,9}})")
    highest: dict[int, int] = {}
    for match in map(form.fullmatch, references):
        if match:
            year, number = int(match[1]), int(match[2])
            highest[year] = max(number, highest.get(year, 0))
    with connection.cursor() as cursor:
        for year, number in sorted(highest.items()):
            cursor.execute(
                "INSERT INTO clusters_referencecounter (cluster_id, year, kind, last) VALUES (%s, %s, 'referral', %s) "
                "ON CONFLICT ON CONSTRAINT counter_once DO UPDATE "
                "SET last = greatest(clusters_referencecounter.last, excluded.last)",
                [cluster.pk, year, number],
            )
