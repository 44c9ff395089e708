"""Requests about records: how many asked for a copy, a correction, or complained; what came of it, and whether in time.

Counts alone. The table belongs to the app above, so it is named here in the statement and not imported.
"""

from collections import Counter

from cluster_ehs.core.figures import percentage
from monitoring.suite.counting import Spread, rows_of
from monitoring.suite.engine import rounded
from monitoring.suite.shapes import Asked, Column, Kind, Report, Table, Value

KINDS = {
    "access": "Copies of what is held",
    "rectification": "Something to put right",
    "complaint": "Complaints",
}
OUTCOMES = {
    "whole": ("access", "Copy: everything given"),
    "part": ("access", "Copy: given with parts withheld"),
    "nothing_held": ("access", "Copy: nothing is held"),
    "put_right": ("rectification", "Correction: put right"),
    "part_right": ("rectification", "Correction: put right in part"),
    "not_right": ("rectification", "Correction: not changed"),
    "upheld": ("complaint", "Complaint: upheld"),
    "partly": ("complaint", "Complaint: upheld in part"),
    "not_upheld": ("complaint", "Complaint: not upheld"),
}
EVERY = "All requests"
_ASKED = """
SELECT r.kind, CASE WHEN r.ended_on <= %(day)s THEN r.status ELSE 'open' END,
    CASE WHEN r.ended_on <= %(day)s THEN r.outcome ELSE '' END,
    CASE WHEN r.ended_on <= %(day)s THEN r.in_time END,
    CASE WHEN r.ended_on <= %(day)s AND r.status = 'answered' THEN r.ended_on - r.received_on END,
    r.stage, r.extended_on IS NOT NULL AND r.extended_on <= %(day)s
FROM keeping_rightsrequest r
WHERE r.cluster_id = ANY (%(clusters)s) AND r.received_on BETWEEN %(start)s AND %(end)s
"""
COLUMNS = (
    Column("Received"),
    Column("Answered"),
    Column("In time"),
    Column("In time, per cent", Kind.PERCENT),
    Column("Extended"),
    Column("Refused"),
    Column("Withdrawn"),
    Column("Open"),
    Column("Middle days to the answer", Kind.DAYS),
)


def make(asked: Asked) -> list[Table]:
    counts: Counter[tuple[str, str]] = Counter()
    ends: Counter[str] = Counter()
    days: dict[str, Spread] = {name: Spread() for name in (*KINDS.values(), EVERY)}
    stages: Counter[int] = Counter()
    for kind, status, outcome, in_time, took, stage, extended in rows_of(_ASKED, asked):
        ends[outcome] += 1
        stages[stage or 0] += kind == "complaint"
        for name in (KINDS[kind], EVERY):
            counts[name, "received"] += 1
            counts[name, "open" if status in ("open", "reading") else status] += 1
            counts[name, "in_time"] += status == "answered" and bool(in_time)
            counts[name, "extended"] += extended
            if took is not None:
                days[name].add(took)
    return [
        Table(
            "kinds",
            "What was asked for",
            (Column("Request", Kind.TEXT), *COLUMNS),
            tuple((name, *_cells(counts, name, days[name])) for name in (*KINDS.values(), EVERY)),
            of="the row’s answered requests",
            note="Counted by the day on which they came. A copy or a correction is due within a month, a complaint "
            "within the working days that are set; pauses and extensions count.",
            chart=("Received", "In time"),
        ),
        Table(
            "outcomes",
            "What came of them",
            (Column("Outcome", Kind.TEXT), Column("Count")),
            tuple((name, ends[code]) for code, (_, name) in OUTCOMES.items()),
            denominator=sum(ends[code] for code in OUTCOMES),
            of="answered requests",
            chart=("Count",),
        ),
        Table(
            "stages",
            "How far complaints went",
            (Column("Stage", Kind.TEXT), Column("Count")),
            tuple((f"Stage {stage}", stages[stage]) for stage in (1, 2, 3)),
            denominator=stages.total(),
            of="complaints",
        ),
    ]


def _cells(counts: Counter[tuple[str, str]], name: str, days: Spread) -> tuple[Value, ...]:
    answered, in_time = counts[name, "answered"], counts[name, "in_time"]
    return (
        counts[name, "received"],
        answered,
        in_time,
        percentage(in_time, answered) if answered else None,
        counts[name, "extended"],
        counts[name, "refused"],
        counts[name, "withdrawn"],
        counts[name, "open"],
        rounded(days.middle) if days.count else None,
    )


REPORT = Report(
    "rights",
    "Requests about records",
    "Copies asked for, corrections and complaints: how many, what came of them, and whether in time.",
    1,
    make,
)
