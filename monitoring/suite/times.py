"""From referral to decision to first contact [E][P]: how long each step took for the referrals of a period."""

from collections import defaultdict

from monitoring.suite.counting import Spread, banded, rows_of, spread_columns
from monitoring.suite.shapes import Asked, Report, Table, counted

# The first attended contact with the family's case from the day of the decision on: a referral of a family whose case
# runs already has it then too. One statement, a line per kind of course.
_COURSES = """
WITH referred AS MATERIALIZED (
    SELECT r.id, r.cluster_id, r.received_on, d.decided_on,
           d.response IN ('service', 'service_and_passed_on') AS offered
    FROM referrals_referral r
    LEFT JOIN triage_decision d ON d.referral_id = r.id AND d.decided_at <= %(as_at)s
    WHERE r.cluster_id = ANY (%(clusters)s) AND r.received_on BETWEEN %(start)s AND %(end)s
),
met AS MATERIALIZED (
    SELECT r.id, min((c.at AT TIME ZONE 'Europe/London')::date) AS met_on
    FROM referred r JOIN cases_casereferral x ON x.referral_id = r.id
    JOIN cases_contact c ON c.case_id = x.case_id AND c.attendance = 'attended' AND c.at <= %(as_at)s
        AND (c.at AT TIME ZONE 'Europe/London')::date >= r.decided_on
    WHERE r.offered GROUP BY r.id
)
SELECT r.cluster_id, coalesce(r.offered, false), r.decided_on - r.received_on, m.met_on - r.decided_on,
       m.met_on - r.received_on, count(*)
FROM referred r LEFT JOIN met m ON m.id = r.id GROUP BY 1, 2, 3, 4, 5
"""

DAYS = (
    ("Within 7 days", 0, 7),
    ("8 to 14 days", 8, 14),
    ("15 to 28 days", 15, 28),
    ("29 to 56 days", 29, 56),
    ("57 days or more", 57, None),
)
STEPS = ("Referral to decision", "Decision to first contact", "Referral to first contact")


def make(asked: Asked) -> list[Table]:
    steps: dict[tuple[int, str], Spread] = defaultdict(Spread)
    received: dict[int, int] = defaultdict(int)
    offered: dict[int, int] = defaultdict(int)
    for cluster, service, *days, count in rows_of(_COURSES, asked):
        received[cluster] += count
        offered[cluster] += count if service else 0
        for step, value in zip(STEPS, days, strict=True):
            if value is not None:
                # A decision that an import dates before the referral took no days.
                steps[0, step].add(max(value, 0), count)
                steps[cluster, step].add(max(value, 0), count)
    all_received, all_offered = sum(received.values()), sum(offered.values())
    decided, met = steps[0, STEPS[0]], steps[0, STEPS[1]]
    tables = [
        Table(
            "steps",
            "From referral to decision to first contact",
            spread_columns("Step", "Referrals", "days"),
            tuple((step, *steps[0, step].figures) for step in STEPS),
            note=f"{all_received} referrals received; {all_offered} of them were offered a service of the Cluster. The "
            "first contact is the first attended one with the family’s case from the day of the decision on.",
        ),
        counted(
            "to_decision",
            "Days from referral to decision",
            [*banded(decided, DAYS), ("Not yet decided", all_received - decided.count)],
            denominator=all_received,
            of="referrals received in the period",
            missing=all_received - decided.count,
        ),
        counted(
            "to_contact",
            "Days from decision to first contact",
            [*banded(met, DAYS), ("No contact yet", all_offered - met.count)],
            denominator=all_offered,
            of="referrals received in the period and offered a service",
            missing=all_offered - met.count,
        ),
    ]
    if len(asked.clusters) > 1:
        for number, step in enumerate(STEPS[:2], start=1):
            tables.append(
                Table(
                    f"cluster{number}",
                    f"{step}, by Cluster",
                    spread_columns("Cluster", "Referrals", "days"),
                    tuple((name, *steps[pk, step].figures) for pk, name in asked.each),
                    chart=("Middle (days)",),
                )
            )
    return tables


REPORT = Report(
    "times",
    "Referral to decision to first contact",
    "How many days families wait for a decision and then for the first contact, against the days before.",
    1,
    make,
    counted="Referrals received",
)
