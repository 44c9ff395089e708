"""What the grouping is made of: one line per family with its needs and a few plain facts, no key and no name.

The caller opens the scope of figures. Needs are the reasons given in the referrals of the period and what is known
of special educational needs; progress is how far the goals of the families' cases have moved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from clusters.models import Term
from monitoring.goal_change import GOAL_CHANGE
from monitoring.selectors import AGE_SQL

_AGE = AGE_SQL.format(born="p.birth_date", on="r.received_on", given="r.age_given")

_FAMILIES = f"""
WITH referred AS MATERIALIZED (
    SELECT r.id, r.family_id, r.child_id, r.received_on, r.route_id, {_AGE} AS age
    FROM referrals_referral r JOIN families_person p ON p.id = r.child_id
    WHERE r.cluster_id = ANY (%(clusters)s) AND r.received_on BETWEEN %(start)s AND %(end)s
),
goals AS MATERIALIZED ({GOAL_CHANGE}),
cases AS MATERIALIZED (
    SELECT DISTINCT referred.family_id, c.id, c.opened_on, c.closed_on
    FROM referred JOIN cases_casereferral l ON l.referral_id = referred.id JOIN cases_case c ON c.id = l.case_id
)
SELECT f.reasons, f.ages, f.routes, f.children, f.send, k.days, k.services, k.missed, k.first, k.last
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
           sum(g.first * g.goals) / sum(g.goals) AS first, sum(g.last * g.goals) / sum(g.goals) AS last
    FROM cases c LEFT JOIN goals g ON g.case_id = c.id
    WHERE c.family_id = f.family_id
) k ON true
"""  # noqa: S608 - put together from this program's own constants


@dataclass(frozen=True)
class FamilyLine:
    """A family: `needs` by label, `facts` by predictor, and its change of goal scores in points, when known."""

    needs: frozenset[str]
    facts: dict[str, str]
    change: float | None


def band(value: int | None, *cuts: tuple[int, str], unknown: str = "not known") -> str:
    """The name of the first band that the value is below."""
    if value is None:
        return unknown
    return next(name for below, name in cuts if value < below)


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
        cursor.execute(_FAMILIES, {"clusters": list(clusters), "start": start, "end": end, "day": today})
        rows = cursor.fetchall()
    made = []
    for reasons, age, route, children, send, days, services, missed, first, last in rows:
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
        change = None if first is None else float(last - first)
        made.append(FamilyLine(frozenset(needs), facts, change))
    return made


def _label(term: Term) -> str:
    return f"{term.parent.label}: {term.label}" if term.parent else term.label
