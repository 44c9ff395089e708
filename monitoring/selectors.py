"""Counts behind the evaluation's tables: a few aggregate queries over the referrals of a period.

What had happened by the as-at moment is counted (decisions, endings); who the child is (birth date, ethnicity,
needs) is read as it is known now. The caller opens the scope: `scope.figures()` or the actor FIGURES.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

# Agrees with `core.figures.age_in_years`; the age that was given counts only while the birth date is unknown.
AGE_SQL = """CASE WHEN {born} IS NULL THEN {given}
            WHEN {born} <= {on} THEN date_part('year', age({on}::timestamp, {born}::timestamp))::int END"""

_AGE = AGE_SQL.format(born="p.birth_date", on="r.received_on", given="r.age_given")

_IN_PERIOD = """r.cluster_id = ANY (%(clusters)s) AND r.received_on BETWEEN %(start)s AND %(end)s
      AND r.received_on <= %(day)s"""

_BY_REFERRAL = f"""
SELECT GROUPING(age, gender, ethnicity_id, route_id, response) AS which,
       age, gender, ethnicity_id, route_id, response, count(*)
FROM (
    SELECT {_AGE} AS age, p.gender, p.ethnicity_id, r.route_id, d.response
    FROM referrals_referral r
    JOIN families_person p ON p.id = r.child_id
    LEFT JOIN triage_decision d ON d.referral_id = r.id AND d.decided_at <= %(as_at)s
    WHERE {_IN_PERIOD}
) referred
GROUP BY GROUPING SETS ((age), (gender), (ethnicity_id), (route_id), (response))"""  # noqa: S608

_CHILDREN = f"SELECT count(*), count(DISTINCT r.child_id) FROM referrals_referral r WHERE {_IN_PERIOD}"  # noqa: S608

_NEEDS = f"""
SELECT count(*) FILTER (WHERE diagnosed), count(*) FILTER (WHERE queried), count(*) FILTER (WHERE diagnosed OR queried)
FROM (
    SELECT bool_or(n.status = 'diagnosed') AS diagnosed, bool_or(n.status = 'queried') AS queried
    FROM referrals_referral r JOIN families_sendneed n ON n.person_id = r.child_id
    WHERE {_IN_PERIOD} GROUP BY r.id
) needs"""  # noqa: S608

_DIAGNOSES = f"""
SELECT n.type_id, count(*) FROM referrals_referral r
JOIN families_sendneed n ON n.person_id = r.child_id AND n.status = 'diagnosed'
WHERE {_IN_PERIOD} GROUP BY n.type_id"""  # noqa: S608

_REASONS = f"""
SELECT GROUPING(category_id, reason_id) AS which, category_id, reason_id, count(DISTINCT referral_id), count(*)
FROM (
    SELECT x.referral_id, x.category_id, x.reason_id
    FROM referrals_referral r JOIN referrals_referralreason x ON x.referral_id = r.id
    WHERE {_IN_PERIOD}
) given
GROUP BY GROUPING SETS ((), (category_id), (category_id, reason_id))"""  # noqa: S608

# One outcome is named; several count as several when they belong to different rows of the table.
_ENDINGS = f"""
SELECT CASE WHEN first = last THEN first WHEN first IS NULL THEN 'none' ELSE 'several' END AS outcome, count(*)
FROM (
    SELECT min(o.outcome) AS first, max(o.outcome) AS last
    FROM referrals_referral r
    JOIN triage_ending e ON e.referral_id = r.id AND e.ended_on <= %(day)s
    LEFT JOIN LATERAL (
        SELECT CASE WHEN x.outcome LIKE 'completed%%' THEN 'completed' ELSE x.outcome END AS outcome
        FROM triage_endingoutcome x WHERE x.ending_id = e.id
    ) o ON true
    WHERE {_IN_PERIOD} GROUP BY e.id
) ended
GROUP BY 1"""  # noqa: S608

_PARTNERS = f"""
SELECT o.partner_id, count(*), count(*) FILTER (WHERE o.status = 'back')
FROM referrals_referral r
JOIN triage_decision d ON d.referral_id = r.id AND d.decided_at <= %(as_at)s
JOIN triage_passingon o ON o.decision_id = d.id AND o.sent_on <= %(day)s
WHERE {_IN_PERIOD} GROUP BY o.partner_id"""  # noqa: S608


@dataclass(frozen=True)
class Counts:
    """What was counted, by key: terms and partners by id, TextChoices by value. `None` keys count the unknown."""

    referrals: int
    children: int
    age: Counter[int | None]
    gender: Counter[str]
    ethnicity: Counter[int | None]
    route: Counter[int]
    response: Counter[str | None]
    diagnosed: int
    queried: int
    either_need: int
    diagnoses: Counter[int]
    categories: Counter[int]
    sub_reasons: Counter[tuple[int, int]]
    with_reasons: int
    outcomes: Counter[str]
    partners: Counter[int] = field(default_factory=Counter)
    came_back: Counter[int] = field(default_factory=Counter)


def count_referrals(*, clusters: Sequence[int], start: date, end: date, as_at: datetime) -> Counts:
    """Count the referrals that some Clusters received from `start` to `end` (both days included), as at a moment."""
    about = {
        "clusters": list(clusters),
        "start": start,
        "end": end,
        "as_at": as_at,
        "day": timezone.localdate(as_at),
    }
    ((referrals, children),) = _rows(_CHILDREN, about)
    ((diagnosed, queried, either),) = _rows(_NEEDS, about)
    by_referral = _sets(_rows(_BY_REFERRAL, about))
    with_reasons, categories, sub_reasons = 0, Counter[int](), Counter[tuple[int, int]]()
    for which, category, reason, distinct, entries in _rows(_REASONS, about):
        if which == 0b11:
            with_reasons = distinct
        elif which == 0b01:
            categories[category] = distinct
        elif reason is not None:
            sub_reasons[category, reason] = entries
    partners = _rows(_PARTNERS, about)
    return Counts(
        referrals=referrals,
        children=children,
        age=by_referral[0],
        gender=by_referral[1],
        ethnicity=by_referral[2],
        route=by_referral[3],
        response=by_referral[4],
        diagnosed=diagnosed,
        queried=queried,
        either_need=either,
        diagnoses=Counter(dict(_rows(_DIAGNOSES, about))),
        categories=categories,
        sub_reasons=sub_reasons,
        with_reasons=with_reasons,
        outcomes=Counter(dict(_rows(_ENDINGS, about))),
        partners=Counter({partner: sent for partner, sent, _ in partners}),
        came_back=Counter({partner: back for partner, _, back in partners if back}),
    )


def _rows(sql: str, about: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, about)
        return cursor.fetchall()


def _sets(rows: list[tuple[Any, ...]]) -> list[Counter[Any]]:
    """One counter per grouping set: `GROUPING` leaves only the bit of the grouped column unset."""
    width = 5
    counters: list[Counter[Hashable]] = [Counter() for _ in range(width)]
    for which, *keys, count in rows:
        place = next(i for i in range(width) if not which & 1 << (width - 1 - i))
        counters[place][keys[place]] = count
    return counters
