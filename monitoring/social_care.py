"""Cases that closed in a period with their needs and their social care, and steps up averted: three statements.

The caller opens the scope (`scope.figures()` or the actor FIGURES); no free text is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from outcomes.needs.arithmetic import Spell

_CASES = """
SELECT c.opened_on, c.closed_on,
    (SELECT jsonb_agg(jsonb_build_array(i.kind, i.starts_on, i.ends_on))::text
     FROM families_socialcareinvolvement i JOIN families_person p ON p.id = i.person_id
     WHERE i.family_id = c.family_id AND p.is_child AND NOT i.mistaken AND i.created_at <= %(as_at)s),
    (SELECT array_agg(a.starts_on) FROM formulation_assessment a
     WHERE a.family_id = c.family_id AND a.why_ended <> 'mistake'),
    (SELECT coalesce(array_agg(f.need_id) FILTER (WHERE f.need_id IS NOT NULL), '{}') FROM outcomes_needsround r
     LEFT JOIN outcomes_needfound f ON f.round_id = r.id WHERE r.case_id = c.id AND r.moment = 'start'
     GROUP BY r.id),
    (SELECT coalesce(array_agg(f.need_id) FILTER (WHERE f.need_id IS NOT NULL), '{}') FROM outcomes_needsround r
     LEFT JOIN outcomes_needfound f ON f.round_id = r.id WHERE r.case_id = c.id AND r.moment = 'end'
     GROUP BY r.id)
FROM cases_case c
WHERE c.cluster_id = ANY (%(clusters)s) AND c.closed_on BETWEEN %(start)s AND %(end)s
"""
_AVERTED = """
SELECT cluster_id, level, children, weeks, averted_on FROM outcomes_avertedstep
WHERE cluster_id = ANY (%(clusters)s) AND averted_on BETWEEN %(start)s AND %(end)s
AND NOT mistaken AND created_at <= %(as_at)s
"""


@dataclass(frozen=True)
class Closed:
    """A closed case. at_start, at_end: the needs found, None where that round was not made."""

    opened_on: date
    closed_on: date
    spells: tuple[Spell, ...]
    assessed: tuple[date, ...]
    at_start: frozenset[int] | None
    at_end: frozenset[int] | None


@dataclass(frozen=True)
class Averted:
    cluster: int
    level: str
    children: int
    weeks: int | None
    on: date


def closed(asked: Mapping[str, Any]) -> list[Closed]:
    with connection.cursor() as cursor:
        cursor.execute(_CASES, asked)
        return [
            Closed(opened, ended, _spells(spells), tuple(assessed or ()), _set(start), _set(end))
            for opened, ended, spells, assessed, start, end in cursor.fetchall()
        ]


def _spells(text: str | None) -> tuple[Spell, ...]:
    if not text:
        return ()
    return tuple(
        Spell(kind, date.fromisoformat(start), date.fromisoformat(end) if end else None)
        for kind, start, end in json.loads(text)
    )


def _set(found: list[Any] | None) -> frozenset[int] | None:
    return None if found is None else frozenset(found)


def averted(asked: Mapping[str, Any]) -> list[Averted]:
    """Steps up that were averted in the period, also in cases that go on."""
    with connection.cursor() as cursor:
        cursor.execute(_AVERTED, asked)
        return [Averted(*row) for row in cursor.fetchall()]
