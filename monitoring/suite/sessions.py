"""Sessions of services: attended, cancelled by whom, not attended (DNA), late; and extensions asked for [P]."""

from collections import Counter

from cases.models import Attendance
from cluster_ehs.core.figures import percentage
from monitoring.suite.counting import rows_of
from monitoring.suite.engine import rounded
from monitoring.suite.shapes import Asked, Column, Kind, Report, Table, Value

_SESSIONS = """
SELECT 'session', c.cluster_id, s.name, s."order", c.attendance, count(*),
    count(*) FILTER (WHERE c.late_minutes > 0), coalesce(sum(c.minutes) FILTER (WHERE c.attendance = 'attended'), 0)
FROM cases_contact c JOIN cases_caseservice v ON v.id = c.case_service_id JOIN clusters_service s ON s.id = v.service_id
WHERE c.cluster_id = ANY (%(clusters)s) AND c.at >= %(from_at)s AND c.at < %(until)s
GROUP BY 1, 2, 3, 4, 5
UNION ALL
SELECT 'extension', x.cluster_id, s.name, s."order",
    CASE WHEN x.answered_at < %(until)s THEN x.status ELSE 'asked' END, count(*), 0, 0
FROM cases_extension x JOIN cases_caseservice v ON v.id = x.case_service_id
JOIN clusters_service s ON s.id = v.service_id
WHERE x.cluster_id = ANY (%(clusters)s) AND x.created_at >= %(from_at)s AND x.created_at < %(until)s
GROUP BY 1, 2, 3, 4, 5
"""

A = Attendance
EVERY = "All services"
COLUMNS = (
    Column("Sessions"),
    Column("Attended"),
    Column("Cancelled by the family"),
    Column("Cancelled by service or school"),
    Column("Not attended"),
    Column("Not attended, per cent", Kind.PERCENT),
    Column("Came late"),
    Column("Hours", Kind.NUMBER),
)
EXTENSIONS = (Column("Asked for"), Column("Approved"), Column("Refused"), Column("Not answered"))


def make(asked: Asked) -> list[Table]:
    counts: Counter[tuple[str, str, str]] = Counter()
    services: dict[str, int] = {}
    names = dict(asked.each)
    for part, cluster, service, order, state, count, late, minutes in rows_of(_SESSIONS, asked):
        services[service] = order
        for row in (service, EVERY, names[cluster]):
            counts[part, row, state] += count
            counts[part, row, "late"] += late
            counts[part, row, "minutes"] += minutes
    ordered = [*sorted(services, key=lambda name: (services[name], name)), EVERY]
    note = (
        "What was cancelled before could not be missed, so it is left out of the per cent. Hours are those of "
        "attended sessions whose minutes were entered."
    )
    head = Column("Service", Kind.TEXT)
    tables = [
        Table(
            "sessions",
            "Sessions by service",
            (head, *COLUMNS),
            tuple((name, *_sessions(counts, name)) for name in ordered),
            of="the row’s sessions that were attended or not attended",
            note=note,
            chart=("Attended", "Not attended"),
        ),
        Table(
            "extensions",
            "Extensions asked for in the period",
            (head, *EXTENSIONS),
            tuple((name, *_extensions(counts, name)) for name in ordered),
            note="An answer counts when it was given by the last day of the period.",
        ),
    ]
    if len(asked.clusters) > 1:
        tables.append(
            Table(
                "clusters",
                "Sessions by Cluster",
                (Column("Cluster", Kind.TEXT), *COLUMNS),
                tuple((name, *_sessions(counts, name)) for _, name in asked.each),
                of="the row’s sessions that were attended or not attended",
                chart=("Not attended, per cent",),
            )
        )
    return tables


def _sessions(counts: Counter[tuple[str, str, str]], name: str) -> tuple[Value, ...]:
    of = {state: counts["session", name, state] for state in A.values}
    return (
        sum(of.values()),
        of[A.ATTENDED],
        of[A.CANCELLED_FAMILY],
        of[A.CANCELLED_SERVICE] + of[A.CANCELLED_SCHOOL],
        of[A.NOT_ATTENDED],
        percentage(of[A.NOT_ATTENDED], of[A.ATTENDED] + of[A.NOT_ATTENDED]),
        counts["session", name, "late"],
        hours(counts["session", name, "minutes"]),
    )


def hours(minutes: int) -> Value:
    """Minutes as hours with one decimal."""
    return rounded(minutes / 60)


def _extensions(counts: Counter[tuple[str, str, str]], name: str) -> tuple[int, ...]:
    of = [counts["extension", name, state] for state in ("approved", "refused", "asked")]
    return (sum(of), *of)


REPORT = Report(
    "sessions",
    "Sessions, not attended, extensions",
    "What took place, was cancelled and by whom, what families did not come to, and extensions asked for.",
    1,
    make,
    counted="Sessions",
)
