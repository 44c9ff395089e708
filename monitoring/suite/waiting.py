"""Waiting [E][P]: from the decision to the first attended contact of the service; the alarm is at 8 weeks."""

from collections import Counter, defaultdict

from cluster_ehs.core.figures import percentage
from monitoring.suite.counting import Spread, banded, rows_of, spread_columns
from monitoring.suite.shapes import Asked, Column, Kind, Report, Table, Value, counted
from triage.models import Offer

# A place that was withdrawn has no day of its own: it counts until the referral's ending, and not at all without one.
_PLACES = """
SELECT CASE WHEN o.started_on <= %(end)s THEN 'begun' ELSE 'waiting' END AS state,
    o.cluster_id, s.name, s."order", (coalesce(CASE WHEN o.started_on <= %(end)s THEN o.started_on END, %(end)s)
        - o.waiting_since) / 7 AS weeks, t.label, o.status = 'allocated', count(*)
FROM triage_offer o JOIN clusters_service s ON s.id = o.service_id
JOIN triage_decision d ON d.id = o.decision_id
LEFT JOIN clusters_term t ON t.id = o.wait_reason_id
LEFT JOIN triage_ending e ON e.referral_id = d.referral_id
WHERE o.cluster_id = ANY (%(clusters)s) AND o.waiting_since <= %(end)s
  AND (o.started_on BETWEEN %(start)s AND %(end)s
       OR (o.started_on IS NULL OR o.started_on > %(end)s)
          AND (o.status <> 'withdrawn' OR e.ended_on > %(end)s))
GROUP BY 1, 2, 3, 4, 5, 6, 7
"""

ALARM = Offer.ALARM_WEEKS
WEEKS = (
    ("Less than 4 weeks", 0, 3),
    ("4 to 7 weeks", 4, 7),
    ("8 to 11 weeks", 8, 11),
    ("12 to 25 weeks", 12, 25),
    ("26 weeks or more", 26, None),
)
EVERY = "All services"


def make(asked: Asked) -> list[Table]:
    found: dict[tuple[str, str], Spread] = defaultdict(Spread)
    by_cluster: dict[int, Spread] = defaultdict(Spread)
    services: dict[str, int] = {}
    reasons: Counter[str] = Counter()
    allocated: Counter[str] = Counter()
    for state, cluster, service, order, weeks, reason, taken, count in rows_of(_PLACES, asked):
        services[service] = order
        for name in (service, EVERY):
            found[state, name].add(weeks, count)
        if state == "waiting":
            by_cluster[cluster].add(weeks, count)
            reasons[reason or "No reason recorded"] += count
            for name in (service, EVERY):
                allocated[name] += count if taken else 0
    names = [*sorted(services, key=lambda name: (services[name], name)), EVERY]
    waiting = found["waiting", EVERY]
    last = f"{asked.end.day} {asked.end:%B %Y}"
    tables = [
        Table(
            "now",
            f"Waiting on {last}, by service",
            (
                *spread_columns("Service", "Waiting", "weeks"),
                Column(f"{ALARM} weeks or more"),
                Column(f"Per cent {ALARM} weeks or more", Kind.PERCENT),
                Column("Allocated, not begun"),
            ),
            tuple(
                (name, *found["waiting", name].figures, *_late(found["waiting", name]), allocated[name])
                for name in names
            ),
            of="those who wait for the service of the row",
            note="A family that waits for two services counts twice. Waiting ends with the first attended contact or "
            "session of the service, so that a place which is allocated and has not begun is still waiting.",
            chart=("Waiting",),
        ),
        counted(
            "weeks",
            f"Weeks waited by {last}",
            banded(waiting, WEEKS),
            denominator=waiting.count,
            of="places waited for on the last day",
        ),
        counted(
            "reasons",
            f"Reasons for waiting on {last}",
            [(name, count) for name, count in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))],
            denominator=waiting.count,
            of="places waited for on the last day",
            missing=reasons["No reason recorded"],
        ),
        Table(
            "begun",
            "Services that began in the period: weeks waited before",
            (
                *spread_columns("Service", "Begun", "weeks"),
                Column(f"{ALARM} weeks or more"),
                Column(f"Per cent {ALARM} weeks or more", Kind.PERCENT),
            ),
            tuple((name, *found["begun", name].figures, *_late(found["begun", name])) for name in names),
            of="those whose service of the row began",
            chart=("Middle (weeks)",),
        ),
    ]
    if len(asked.clusters) > 1:
        tables.append(
            Table(
                "clusters",
                f"Waiting on {last}, by Cluster",
                (
                    *spread_columns("Cluster", "Waiting", "weeks"),
                    Column(f"{ALARM} weeks or more"),
                    Column(f"Per cent {ALARM} weeks or more", Kind.PERCENT),
                ),
                tuple((name, *by_cluster[pk].figures, *_late(by_cluster[pk])) for pk, name in asked.each),
                of="those who wait in the Cluster of the row",
                chart=("Waiting", f"{ALARM} weeks or more"),
            )
        )
    return tables


def _late(spread: Spread) -> tuple[Value, ...]:
    late = spread.between(ALARM, None)
    return late, percentage(late, spread.count)


REPORT = Report(
    "waiting",
    "Waiting lists",
    "Who waits for which service, how many weeks and why, and how long those waited whose service began.",
    1,
    make,
    counted="Services that began, and places waited for on the last day,",
)
