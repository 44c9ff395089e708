"""What the grouping is made of: one line per family with its needs and a few plain facts, no key and no name.

The caller opens the scope of figures. Needs are the reasons given in the referrals of the period and what is known
of special educational needs. Progress is a higher stage in one domain or more from the reading at the start to that
at the end [L 8]; of a family that was not read twice, a rise of its goals' mean.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from clusters.models import Term
from monitoring.goal_change import GOAL_CHANGE
from monitoring.progress import AT_END, AT_START
from monitoring.selectors import AGE_SQL
from outcomes.readings.arithmetic import Move, overall

_AGE = AGE_SQL.format(born="p.birth_date", on="r.received_on", given="r.age_given")

_FAMILIES = f"""
WITH referred AS MATERIALIZED (
    SELECT r.id, r.family_id, r.child_id, r.received_on, r.route_id, {_AGE} AS age
    FROM referrals_referral r JOIN families_person p ON p.id = r.child_id
    WHERE r.cluster_id = ANY (%(clusters)s) AND r.received_on BETWEEN %(start)s AND %(end)s
),
goals AS MATERIALIZED ({GOAL_CHANGE}),
cases AS MATERIALIZED (
    SELECT c.*, {AT_START} AS at_start, {AT_END} AS at_end
    FROM (SELECT DISTINCT referred.family_id, c.id, c.opened_on, c.closed_on FROM referred
          JOIN cases_casereferral l ON l.referral_id = referred.id JOIN cases_case c ON c.id = l.case_id) c
)
SELECT f.reasons, f.ages, f.routes, f.children, f.send, k.days, k.services, k.missed, k.rise, k.readings
FROM (
    SELECT referred.family_id, min(age) AS ages, count(DISTINCT child_id) AS children,
           (array_agg(route_id ORDER BY received_on, referred.id))[1] AS routes,
           (SELECT array_agg(DISTINCT coalesce(x.reason_id, x.category_id))
              FROM referrals_referralreason x JOIN referred o ON o.id = x.referral_id
             WHERE o.family_id = referred.family_id) AS reasons,
           (SELECT max(CASE n.status WHEN 'diagnosed' THEN 2 ELSE 1 END) FROM families_sendneed n
              JOIN referred o ON o.child_id = n.person_id AND (n.ends_on IS NULL OR n.ends_on > o.received_on)
             WHERE o.family_id = referred.family_id) AS send
    FROM referred GROUP BY referred.family_id
) f
LEFT JOIN LATERAL (
    SELECT max(coalesce(c.closed_on, %(day)s) - c.opened_on) AS days,
           (SELECT array_agg(DISTINCT s.kind) FROM cases_caseservice x JOIN clusters_service s ON s.id = x.service_id
             WHERE x.case_id = ANY (array_agg(c.id))) AS services,
           (SELECT count(*) FROM cases_contact x
             WHERE x.case_id = ANY (array_agg(c.id)) AND x.attendance = 'not_attended') AS missed,
           sum((g.last - g.first) * g.goals) / sum(g.goals) AS rise,
           (jsonb_agg(jsonb_build_array(c.at_start::jsonb, c.at_end::jsonb) ORDER BY c.opened_on DESC, c.id)
             FILTER (WHERE c.at_start IS NOT NULL AND c.at_end IS NOT NULL))::text AS readings
    FROM cases c LEFT JOIN goals g ON g.case_id = c.id
    WHERE c.family_id = f.family_id
) k ON true
"""  # noqa: S608 - put together from this program's own constants


@dataclass(frozen=True)
class FamilyLine:
    """A family: `needs` by label, `facts` by predictor, whether it made progress (None: not known), and whether
    its readings say so or its goals."""

    needs: frozenset[str]
    facts: dict[str, str]
    progress: bool | None
    read: bool = False


def band(value: int | None, *cuts: tuple[int, str], unknown: str = "not known") -> str:
    """The name of the first band that the value is below."""
    if value is None:
        return unknown
    return next(name for below, name in cuts if value < below)


# A rise of the goals' mean by so many points of ten is progress: our own cut, said on the page.
RISE = 2
FAR = 10**6
AGES = ((5, "under 5"), (11, "5 to 10"), (FAR, "11 or older"))
LENGTHS = ((92, "under 3 months"), (183, "3 to 6 months"), (FAR, "over 6 months"))
MISSED = ((1, "none"), (3, "1 or 2"), (FAR, "3 or more"))
NEEDS = ((3, "1 or 2"), (5, "3 or 4"), (FAR, "5 or more"))


def families(*, clusters: Sequence[int], start: date, end: date, today: date) -> list[FamilyLine]:
    """The families referred to the Clusters from `start` to `end`, both counted, in no order."""
    terms = {term.pk: term for term in Term.objects.filter(vocabulary__in=["reason", "route"]).select_related("parent")}
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)")
        about: dict[str, Any] = {
            "clusters": list(clusters),
            "start": start,
            "end": end,
            "day": today,
            "as_at": timezone.now(),
        }
        cursor.execute(_FAMILIES, about)
        rows = cursor.fetchall()
    made = []
    for reasons, age, route, children, send, days, services, missed, rise, readings in rows:
        needs = {_label(terms[pk]) for pk in reasons or ()}
        if send:
            needs.add("Special need or disability: " + ("diagnosed" if send == 2 else "queried"))
        kinds = services or []
        facts = {
            "age": band(age, *AGES),
            "children": "one" if children == 1 else "two or more",
            "route": terms[route].label,
            "needs": band(len(needs), *NEEDS),
            "length": band(days, *LENGTHS, unknown="no case"),
            "service": "several" if len(kinds) > 1 else kinds[0] if kinds else "none",
            "missed": band(missed, *MISSED, unknown="none"),
        }
        made.append(FamilyLine(frozenset(needs), facts, *progress_of(readings, rise)))
    return made


def progress_of(readings: str | None, rise: Decimal | None) -> tuple[bool | None, bool]:
    """Whether a family made progress, and whether its readings say so. `readings`: pairs of start and end as JSON
    text, the latest case first; `rise`: by how many points the mean of its goals rose."""
    moves = (overall(start, end) for start, end in json.loads(readings or "[]"))
    move = next((move for move in moves if move != Move.MISSING), None)
    if move is not None:
        return move == Move.HIGHER, True
    return (None if rise is None else rise >= RISE), False


def _label(term: Term) -> str:
    return f"{term.parent.label}: {term.label}" if term.parent else term.label
