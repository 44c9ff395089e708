"""Counts behind the evaluation's tables: one aggregate statement over the referrals of a period.

What had happened by the as-at moment is counted (decisions, endings); who the child is (birth date, ethnicity,
needs) is read as it is known now. The caller opens the scope: `scope.figures()` or the actor FIGURES.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

# Agrees with `core.figures.age_in_years`; the age that was given counts only while the birth date is unknown.
AGE_SQL = """CASE WHEN {born} IS NULL THEN {given}
            WHEN {born} <= {on} THEN date_part('year', age({on}::timestamp, {born}::timestamp))::int END"""

_AGE = AGE_SQL.format(born="p.birth_date", on="r.received_on", given="r.age_given")

# One statement, so that each row is read once and the row policies are asked once: the referrals of the period with
# what is counted of each, then a part for each table. Every part gives (part, key, second key, word, count).
_COUNTS = f"""
WITH referred AS MATERIALIZED (
    SELECT row_number() OVER () AS n, r.id, r.child_id, r.received_on, r.route_id, p.gender, p.ethnicity_id,
           d.id AS decision_id, d.response, e.id AS ending_id,
           {_AGE} AS age
    FROM referrals_referral r
    JOIN families_person p ON p.id = r.child_id
    LEFT JOIN triage_decision d ON d.referral_id = r.id AND d.decided_at <= %(as_at)s
    LEFT JOIN triage_ending e ON e.referral_id = r.id AND e.ended_on <= %(day)s
    WHERE r.cluster_id = ANY (%(clusters)s) AND r.received_on BETWEEN %(start)s AND %(end)s
      AND r.received_on <= %(day)s
),
needs AS MATERIALIZED (
    SELECT DISTINCT referred.n, n.type_id, n.status
    FROM referred JOIN families_sendneed n ON n.person_id = referred.child_id
        AND (n.ends_on IS NULL OR n.ends_on > referred.received_on)
),
given AS MATERIALIZED (
    SELECT referred.n, x.category_id, x.reason_id
    FROM referred JOIN referrals_referralreason x ON x.referral_id = referred.id
),
-- What went to partners that hand back: at the decision, and on loan while the case ran [E 3.1].
away AS MATERIALIZED (
    SELECT referred.n, o.partner_id, 'decision' AS way
    FROM referred JOIN triage_passingon o ON o.decision_id = referred.decision_id AND o.sent_on <= %(day)s
    JOIN clusters_partnerservice p ON p.id = o.partner_id AND p.returns_expected
    UNION
    SELECT referred.n, l.partner_id, 'loan'
    FROM referred JOIN ehs_lent(%(clusters)s, %(day)s) l ON l.referral_id = referred.id
),
-- An ending's outcomes as rows of the table: one is named, several belong to different rows.
endings AS (
    SELECT min(o.outcome) AS first, max(o.outcome) AS last
    FROM referred
    LEFT JOIN (
        SELECT x.ending_id, CASE WHEN x.outcome LIKE 'completed%%' THEN 'completed' ELSE x.outcome END AS outcome
        FROM triage_endingoutcome x
    ) o ON o.ending_id = referred.ending_id
    WHERE referred.ending_id IS NOT NULL GROUP BY referred.ending_id
)
SELECT 'referrals', 0, 0, '', count(*) FROM referred
UNION ALL SELECT 'children', 0, 0, '', count(*) FROM (SELECT child_id FROM referred GROUP BY child_id) distinct_children
UNION ALL SELECT 'age', age, 0, '', count(*) FROM referred GROUP BY age
UNION ALL SELECT 'gender', 0, 0, gender, count(*) FROM referred GROUP BY gender
UNION ALL SELECT 'ethnicity', ethnicity_id, 0, '', count(*) FROM referred GROUP BY ethnicity_id
UNION ALL SELECT 'route', route_id, 0, '', count(*) FROM referred GROUP BY route_id
UNION ALL SELECT 'response', 0, 0, response, count(*) FROM referred GROUP BY response
UNION ALL SELECT 'needs', 0, 0, status, count(DISTINCT n) FROM needs GROUP BY status
UNION ALL SELECT 'needs', 0, 0, 'either', count(DISTINCT n) FROM needs
UNION ALL SELECT 'diagnosis', type_id, 0, '', count(*) FROM needs WHERE status = 'diagnosed' GROUP BY type_id
UNION ALL SELECT 'with_reasons', 0, 0, '', count(*) FROM (SELECT n FROM given GROUP BY n) reasoned
UNION ALL SELECT 'category', category_id, 0, '', count(*)
    FROM (SELECT n, category_id FROM given GROUP BY n, category_id) once GROUP BY category_id
UNION ALL SELECT 'sub_reason', category_id, reason_id, '', count(*)
    FROM given WHERE reason_id IS NOT NULL GROUP BY category_id, reason_id
UNION ALL SELECT 'outcome', 0, 0,
        CASE WHEN first = last THEN first WHEN first IS NULL THEN 'none' ELSE 'several' END, count(*)
    FROM endings GROUP BY 4
UNION ALL SELECT 'partner', o.partner_id, 0, CASE WHEN o.status = 'back' THEN 'back' ELSE '' END, count(*)
    FROM referred JOIN triage_passingon o ON o.decision_id = referred.decision_id AND o.sent_on <= %(day)s
    GROUP BY o.partner_id, 4
UNION ALL SELECT 'away', partner_id, 0, way, count(*) FROM away GROUP BY partner_id, way
UNION ALL SELECT 'away', partner_id, 0, 'either', count(DISTINCT n) FROM away GROUP BY partner_id
"""  # noqa: S608 - put together from this file's own constants


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
    # (partner that hands back, "decision", "loan" or "either") -> referrals
    away: Counter[tuple[int, str]] = field(default_factory=Counter)


def count_referrals(*, clusters: Sequence[int], start: date, end: date, as_at: datetime) -> Counts:
    """Count the referrals that some Clusters received from `start` to `end` (both days included), as at a moment."""
    about: dict[str, Any] = {
        "clusters": list(clusters),
        "start": start,
        "end": end,
        "as_at": as_at,
        "day": timezone.localdate(as_at),
    }
    words: dict[str, Counter[Any]] = defaultdict(Counter)
    keys: dict[str, Counter[Any]] = defaultdict(Counter)
    pairs: Counter[tuple[int, int]] = Counter()
    came_back: Counter[int] = Counter()
    away: Counter[tuple[int, str]] = Counter()
    with connection.cursor() as cursor:
        # Room for the whole city in memory; compiling the statement would take longer than running it.
        cursor.execute("SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)")
        cursor.execute(_COUNTS, about)
        for part, key, second, word, count in cursor.fetchall():
            words[part][word] += count
            keys[part][key] += count
            if part == "sub_reason":
                pairs[key, second] = count
            elif part == "partner" and word == "back":
                came_back[key] = count
            elif part == "away":
                away[key, word] = count
    return Counts(
        referrals=words["referrals"][""],
        children=words["children"][""],
        age=keys["age"],
        gender=words["gender"],
        ethnicity=keys["ethnicity"],
        route=keys["route"],
        response=words["response"],
        diagnosed=words["needs"]["diagnosed"],
        queried=words["needs"]["queried"],
        either_need=words["needs"]["either"],
        diagnoses=keys["diagnosis"],
        categories=keys["category"],
        sub_reasons=pairs,
        with_reasons=words["with_reasons"][""],
        outcomes=words["outcome"],
        partners=keys["partner"],
        came_back=came_back,
        away=away,
    )
