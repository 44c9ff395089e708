"""One line per child referred in a period: codes, counts and days, no name, no reference, no free text.

A child referred several times in the period is there once, with the first of these referrals. The caller opens the
scope of figures; children of restricted families are counted and left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from monitoring.goal_change import GOAL_CHANGE
from monitoring.selectors import AGE_SQL
from monitoring.tables import AGE_BANDS

_AGE = AGE_SQL.format(born="p.birth_date", on="r.received_on", given="r.age_given")

_PEOPLE = f"""
WITH chosen AS MATERIALIZED (
    SELECT DISTINCT ON (r.child_id) r.id, r.child_id, r.family_id, r.cluster_id, r.received_on, r.route_id, r.age_given,
           count(*) OVER (PARTITION BY r.child_id) AS referrals
    FROM referrals_referral r
    WHERE r.cluster_id = ANY (%(clusters)s) AND r.received_on BETWEEN %(start)s AND %(end)s
    ORDER BY r.child_id, r.received_on, r.id
),
goals AS MATERIALIZED ({GOAL_CHANGE})
SELECT r.child_id, r.family_id, cluster.name AS cluster, family.restricted, p.gender, {_AGE} AS age,
       ethnicity.group AS ethnicity, route.code AS route, r.referrals, d.response, c.id IS NOT NULL AS has_case,
       r.received_on, (SELECT min(x.received_on) FROM referrals_referral x WHERE x.child_id = r.child_id) AS first_on,
       (SELECT min(x.received_on) FROM referrals_referral x
         WHERE x.child_id = r.child_id AND x.received_on > coalesce(e.ended_on, r.received_on)) AS again_on,
       d.decided_on, c.opened_on, c.closed_on, e.ended_on, worked.first_on AS contact_on,
       coalesce(worked.attended, c.sessions_before, 0) AS attended, coalesce(worked.missed, 0) AS missed,
       goals.goals, goals.first, goals.last,
       (SELECT array_agg(DISTINCT split_part(t.code, '.', 1)) FROM referrals_referralreason x
          JOIN clusters_term t ON t.id = x.category_id WHERE x.referral_id = r.id) AS categories,
       (SELECT max(CASE n.status WHEN 'diagnosed' THEN 2 ELSE 1 END) FROM families_sendneed n
         WHERE n.person_id = r.child_id AND (n.ends_on IS NULL OR n.ends_on > r.received_on)) AS send,
       (SELECT array_agg(DISTINCT s.kind) FROM cases_caseservice x JOIN clusters_service s ON s.id = x.service_id
         WHERE x.case_id = c.id) AS services,
       (SELECT array_agg(DISTINCT CASE WHEN x.outcome LIKE 'completed%%' THEN 'completed' ELSE x.outcome END)
          FROM triage_endingoutcome x WHERE x.ending_id = e.id) AS outcomes,
       (SELECT array_agg(DISTINCT CASE
                WHEN x.starts_on < coalesce(c.opened_on, r.received_on) THEN 'before'
                WHEN x.starts_on <= coalesce(c.closed_on, e.ended_on, %(day)s) THEN 'during' ELSE 'after' END)
          FROM families_socialcareinvolvement x WHERE x.person_id = r.child_id) AS social_care
FROM chosen r
JOIN families_person p ON p.id = r.child_id
JOIN families_family family ON family.id = r.family_id
JOIN clusters_cluster cluster ON cluster.id = r.cluster_id
JOIN clusters_term route ON route.id = r.route_id
LEFT JOIN clusters_term ethnicity ON ethnicity.id = p.ethnicity_id
LEFT JOIN triage_decision d ON d.referral_id = r.id
LEFT JOIN triage_ending e ON e.referral_id = r.id
LEFT JOIN cases_casereferral link ON link.referral_id = r.id
LEFT JOIN cases_case c ON c.id = link.case_id
LEFT JOIN goals ON goals.case_id = c.id
LEFT JOIN LATERAL (
    SELECT min(x.at::date) FILTER (WHERE x.attendance = 'attended') AS first_on,
           count(*) FILTER (WHERE x.attendance = 'attended') AS attended,
           count(*) FILTER (WHERE x.attendance = 'not_attended') AS missed
    FROM cases_contact x WHERE x.case_id = c.id
) worked ON c.id IS NOT NULL
ORDER BY r.child_id
"""  # noqa: S608 - put together from this program's own constants

YES, NO = "yes", "no"
NOT_KNOWN = "not known"


@dataclass(frozen=True)
class Child:
    """`keys` are ids of the record, only to be made into pseudonyms; `values` are the fields of the file."""

    child_id: str
    family_id: str
    restricted: bool
    values: dict[str, str]


def children(*, clusters: Sequence[int], start: date, end: date, today: date) -> list[Child]:
    """The children referred to the Clusters from `start` to `end` (both counted), as they are known today."""
    about: dict[str, Any] = {"clusters": list(clusters), "start": start, "end": end, "day": today}
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, about)
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [Child(str(row["child_id"]), str(row["family_id"]), row["restricted"], dict(_values(row))) for row in rows]


def age_band(age: int | None) -> str:
    if age is None:
        return NOT_KNOWN
    return next((name for name, years in AGE_BANDS if age in years), "18-25")


def _values(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    base = row["first_on"]

    def days(day: date | None) -> str:
        return "" if day is None else str((day - base).days)

    def has(found: list[str] | None, code: str) -> str:
        return YES if code in (found or ()) else NO

    yield "age_band", age_band(row["age"])
    yield "gender", {"male": "male", "female": "female", "other": "other"}.get(row["gender"], NOT_KNOWN)
    yield "ethnic_group", row["ethnicity"] or NOT_KNOWN
    yield "send", {2: "diagnosed", 1: "queried"}.get(row["send"], "none recorded")
    yield "cluster", row["cluster"]
    yield "referrals", str(row["referrals"])
    yield "day_referred", days(row["received_on"])
    yield "route", row["route"]
    for code in REASONS:
        yield f"reason_{code}", has(row["categories"], code)
    yield "response", row["response"] or "not yet decided"
    yield "day_decided", days(row["decided_on"])
    yield "day_case_opened", days(row["opened_on"])
    yield "day_first_contact", days(row["contact_on"])
    yield "day_case_closed", days(row["closed_on"])
    yield "day_ended", days(row["ended_on"])
    for kind in SERVICES:
        yield f"service_{kind}", has(row["services"], kind)
    yield "contacts_attended", str(row["attended"])
    yield "contacts_missed", str(row["missed"])
    yield "goals_scored_twice", str(row["goals"] or 0)
    yield "goals_first_mean", "" if row["first"] is None else f"{row['first']:.1f}"
    yield "goals_last_mean", "" if row["last"] is None else f"{row['last']:.1f}"
    outcomes = row["outcomes"] or []
    yield "outcome", "several" if len(outcomes) > 1 else outcomes[0] if outcomes else "not ended"
    yield "day_referred_again", days(row["again_on"])
    for when in ("before", "during", "after"):
        yield f"social_care_{when}", has(row["social_care"], when)


REASONS = ("semh_presenting", "semh_cause", "family", "school", "environment", "send_health", "other")
SERVICES = ("family_support", "childrens_therapy", "adult_counselling", "attendance_support", "other")
