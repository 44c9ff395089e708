"""The Leeds Practice Principles as facts of the record [E][P]: counted, never ticked by hand.

One statement says how each open case stands: for the line on its overview, the sum of a Cluster and the list behind
each figure. The caller opens the scope; no free text is read, so a manager counts every Cluster by reference.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from cluster_ehs.core.figures import percentage

MET, NOT_YET, DOES_NOT_APPLY = "met", "not", "none"
STATES = {MET: "Met", NOT_YET: "Not yet", DOES_NOT_APPLY: "Does not apply yet"}
LONGEST = 500


@dataclass(frozen=True)
class Principle:
    """key: its column. met, not_yet: what the overview says. applies_to: the denominator, in words."""

    key: str
    label: str
    met: str
    not_yet: str
    definition: str
    applies_to: str


PRINCIPLES = (
    Principle(
        "lead",
        "One lead worker",
        "One lead worker",
        "No lead worker",
        "Exactly one person is recorded as lead worker today.",
        "open cases",
    ),
    Principle(
        "family",
        "The family took part",
        "The family took part",
        "The family’s part is not recorded everywhere",
        "Somebody of the family is named in the latest formulation, in the latest review of the plan and at one "
        "attended contact at least. What has not taken place yet is left out.",
        "open cases with a formulation, a review or an attended contact",
    ),
    Principle(
        "factors",
        "Factors drive goals",
        "Every goal addresses a factor",
        "A goal addresses no factor",
        "Every live goal is linked to one factor of the formulation at least.",
        "open cases with a live goal",
    ),
    Principle(
        "strengths",
        "Strengths named",
        "Strengths are named",
        "No strength is named",
        "The latest formulation has one protective factor at least.",
        "open cases with a formulation",
    ),
    Principle(
        "education",
        "Education considered",
        "Education is considered",
        "Education is not considered yet",
        "The latest formulation has a factor tagged Learning (attendance, attainment, achievement), or a school visit "
        "of this case took place, or the case holds a child’s school attendance.",
        "open cases with a child of 4 to 17 at home, or of unknown age",
    ),
    Principle(
        "reviewed",
        "Reviewed on time",
        "Reviewed on time",
        "The review is overdue",
        "The day on which the next review of the plan is due has not passed.",
        "open cases with a plan whose next review has a day",
    ),
)
BY_KEY = {principle.key: principle for principle in PRINCIPLES}

# Each column is met, not (yet) or none (does not apply yet). `existing` parts of "family" are those that took place.
_FACTS = """
SELECT c.id, c.cluster_id, c.reference, c.opened_on,
    CASE WHEN (SELECT count(*) FROM cases_leadworker l WHERE l.case_id = c.id AND l.ends_on IS NULL) = 1
         THEN 'met' ELSE 'not' END AS lead,
    CASE WHEN f.id IS NULL AND r.id IS NULL AND v.contacts = 0 THEN 'none'
         WHEN (f.id IS NULL OR EXISTS (SELECT FROM formulation_participant x WHERE x.formulation_id = f.id))
          AND (r.id IS NULL OR EXISTS (SELECT FROM cases_reviewperson x WHERE x.review_id = r.id))
          AND (v.contacts = 0 OR v.with_family)
         THEN 'met' ELSE 'not' END AS family,
    CASE WHEN g.goals = 0 THEN 'none' WHEN g.linked = g.goals THEN 'met' ELSE 'not' END AS factors,
    CASE WHEN f.id IS NULL THEN 'none' WHEN f.strengths > 0 THEN 'met' ELSE 'not' END AS strengths,
    CASE WHEN NOT EXISTS (
             SELECT FROM families_person p WHERE p.family_id = c.family_id AND p.is_child AND p.in_household
             AND NOT p.deceased AND (p.birth_date IS NULL OR p.birth_date > %(today)s::date - interval '18 years'
                                     AND p.birth_date <= %(today)s::date - interval '4 years')
         ) THEN 'none'
         WHEN f.about_learning > 0 OR v.school_visit
              OR EXISTS (SELECT FROM cases_schoolattendance x WHERE x.case_id = c.id)
         THEN 'met' ELSE 'not' END AS education,
    CASE WHEN g.plan_id IS NULL OR c.review_due_on IS NULL THEN 'none'
         WHEN c.review_due_on >= %(today)s THEN 'met' ELSE 'not' END AS reviewed
FROM cases_case c
LEFT JOIN LATERAL (
    SELECT x.id, x.strengths, x.about_learning FROM formulation_formulation x
    WHERE x.case_id = c.id ORDER BY x.number DESC LIMIT 1
) f ON true
LEFT JOIN LATERAL (
    SELECT x.id FROM cases_review x JOIN cases_plan p ON p.id = x.plan_id
    WHERE p.case_id = c.id ORDER BY x.reviewed_on DESC, x.created_at DESC LIMIT 1
) r ON true
CROSS JOIN LATERAL (
    SELECT count(*) AS contacts,
        coalesce(bool_or(EXISTS (SELECT FROM cases_contactperson y WHERE y.contact_id = x.id)), false) AS with_family,
        coalesce(bool_or(x.kind = 'school_visit'), false) AS school_visit
    FROM cases_contact x WHERE x.case_id = c.id AND x.attendance = 'attended'
) v
CROSS JOIN LATERAL (
    SELECT (array_agg(p.id))[1] AS plan_id, count(x.id) AS goals,
        count(x.id) FILTER (WHERE EXISTS (SELECT FROM formulation_goalfactor y WHERE y.goal_id = x.id)) AS linked
    FROM cases_plan p LEFT JOIN cases_goal x ON x.plan_id = p.id AND x.status = 'live' WHERE p.case_id = c.id
) g
WHERE c.status <> 'closed'
"""

# Beside them, so that the overview asks once: what data quality has found in the family's records.
_TO_PUT_RIGHT = """(SELECT count(*) FROM monitoring_finding x JOIN cases_case k ON k.family_id = x.family_id
    WHERE k.id = listed.id AND x.closed_at IS NULL)"""


@dataclass(frozen=True)
class Standing:
    """How one open case stands: principle's key -> met, not or none."""

    pk: UUID
    cluster: int
    reference: str
    opened_on: date
    states: dict[str, str]
    # Things to put right in the family's records; asked with one case alone.
    to_put_right: int = 0


def standing(
    *, clusters: Sequence[int] | None = None, case: UUID | None = None, key: str = "", state: str = ""
) -> list[Standing]:
    """The open cases of some Clusters, or one case, by reference. With key and state: those that stand so."""
    sql = _FACTS
    values: dict[str, Any] = {
        "today": timezone.localdate(),
        "clusters": list(clusters or ()),
        "case": case,
        "state": state,
    }
    sql += " AND c.id = %(case)s" if case else " AND c.cluster_id = ANY (%(clusters)s)"
    if key:
        column = BY_KEY[key].key
        sql = f"SELECT * FROM ({sql}) facts WHERE {column} = %(state)s"  # noqa: S608 - a key of this file's own
    with connection.cursor() as cursor:
        if not case:
            # Compiling the statement would take longer than running it.
            cursor.execute("SET LOCAL jit = off")
        more = f", {_TO_PUT_RIGHT} AS to_put_right" if case else ", 0 AS to_put_right"
        cursor.execute(f"SELECT *{more} FROM ({sql}) listed ORDER BY reference", values)  # noqa: S608
        return [
            Standing(
                row[0], row[1], row[2], row[3], dict(zip(BY_KEY, row[4:-1], strict=True)), row[-1]
            )  # the columns stand in the principles' order
            for row in cursor.fetchall()
        ]


@dataclass(frozen=True)
class Sum:
    """One principle, counted over cases."""

    principle: Principle
    counts: Counter[str]

    @property
    def applies(self) -> int:
        return self.counts[MET] + self.counts[NOT_YET]

    @property
    def percent(self) -> Decimal | None:
        return percentage(self.counts[MET], self.applies)


def summed(cases: Iterable[Standing]) -> list[Sum]:
    counts: dict[str, Counter[str]] = {key: Counter() for key in BY_KEY}
    for case in cases:
        for key, state in case.states.items():
            counts[key][state] += 1
    return [Sum(principle, counts[principle.key]) for principle in PRINCIPLES]


def line(case: Standing) -> list[dict[str, Any]]:
    """What the overview says of one case; what does not apply yet is left out."""
    return [
        {
            "principle": principle,
            "met": case.states[principle.key] == MET,
            "text": principle.met if case.states[principle.key] == MET else principle.not_yet,
        }
        for principle in PRINCIPLES
        if case.states[principle.key] != DOES_NOT_APPLY
    ]
