"""Readings of the cases that closed in a period: one statement gives each case's start and end.

The caller opens the scope (`scope.figures()` or the actor FIGURES). What was written after the as-at moment is not
counted, so that a report made again says the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from outcomes.readings.arithmetic import Reading

_HOLDS = """
NOT EXISTS (SELECT FROM outcomes_familyreading x WHERE x.corrects_id = r.id AND x.created_at <= %(as_at)s)
AND r.created_at <= %(as_at)s AND r.taken_on <= %(day)s
"""
_OF = """
(SELECT jsonb_object_agg(p.domain, p.points)::text FROM outcomes_readingpoints p WHERE p.reading_id = (
    SELECT r.id FROM outcomes_familyreading r WHERE r.case_id = c.id AND r.moment = '{moment}' AND {holds}
    ORDER BY r.taken_on DESC, r.created_at DESC LIMIT 1))
"""
# The points by domain, as JSON text, of the last reading of the case `c` that no other corrects; NULL without one.
AT_START, AT_END = (_OF.format(moment=moment, holds=_HOLDS) for moment in ("start", "end"))
_CASES = f"""
SELECT {AT_START}, {AT_END}
FROM cases_case c
WHERE c.cluster_id = ANY (%(clusters)s) AND c.closed_on BETWEEN %(start)s AND %(end)s
"""  # noqa: S608
_MADE = f"""
SELECT r.moment, count(*) FROM outcomes_familyreading r
WHERE r.cluster_id = ANY (%(clusters)s) AND r.taken_on BETWEEN %(start)s AND %(end)s AND {_HOLDS} GROUP BY 1
"""  # noqa: S608
_AGAIN = """
SELECT p.points, q.points FROM outcomes_secondreading s
JOIN outcomes_secondpoints q ON q.second_id = s.id
LEFT JOIN outcomes_readingpoints p ON p.reading_id = s.reading_id AND p.domain = q.domain
WHERE s.cluster_id = ANY (%(clusters)s) AND s.finished_at <= %(as_at)s
AND (s.finished_at AT TIME ZONE 'Europe/London')::date BETWEEN %(start)s AND %(end)s
"""


@dataclass(frozen=True)
class Pair:
    """The readings of one case; None where there is none."""

    start: Reading | None
    end: Reading | None


def pairs(asked: Mapping[str, Any]) -> list[Pair]:
    """Every case that closed in the period. asked: clusters, start, end, day, as_at."""
    with connection.cursor() as cursor:
        cursor.execute(_CASES, asked)
        return [Pair(_read(start), _read(end)) for start, end in cursor.fetchall()]


def _read(text: str | None) -> Reading | None:
    return json.loads(text) if text else None


def made(asked: Mapping[str, Any]) -> dict[str, int]:
    """Readings made in the period, by their moment."""
    with connection.cursor() as cursor:
        cursor.execute(_MADE, asked)
        return dict(cursor.fetchall())


def read_again(asked: Mapping[str, Any]) -> list[tuple[int | None, int | None]]:
    """What the first and the second reader gave, of second readings finished in the period."""
    with connection.cursor() as cursor:
        cursor.execute(_AGAIN, asked)
        return cursor.fetchall()
