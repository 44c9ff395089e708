"""Data quality as a report: the score by month and Cluster, what was found and put right, and what is open now."""

from collections import defaultdict
from datetime import date
from typing import Any

from django.db import connection

from cluster_ehs.core.figures import percentage
from monitoring.quality.models import QualityScore, Rule
from monitoring.quality.selectors import SCORE_WORDS
from monitoring.suite.shapes import Asked, Column, Kind, Report, Table

# Of each rule: found in the days, put right in them, and open at their end.
_FLOW = """
SELECT u.title, u.severity,
    count(x.id) FILTER (WHERE (x.opened_at AT TIME ZONE 'Europe/London')::date BETWEEN %(start)s AND %(end)s),
    count(x.id) FILTER (WHERE (x.closed_at AT TIME ZONE 'Europe/London')::date BETWEEN %(start)s AND %(end)s),
    count(x.id) FILTER (WHERE (x.opened_at AT TIME ZONE 'Europe/London')::date <= %(end)s
        AND (x.closed_at IS NULL OR (x.closed_at AT TIME ZONE 'Europe/London')::date > %(end)s))
FROM monitoring_rule u LEFT JOIN monitoring_finding x ON x.rule_id = u.id AND x.cluster_id = ANY (%(clusters)s)
GROUP BY u.id, u.title, u.severity, u."order" ORDER BY u."order", u.title
"""


def make(asked: Asked) -> list[Table]:
    return [_scores(asked), _rules(asked)]


def _scores(asked: Asked) -> Table:
    """All the chosen Clusters together, month by month; a month in which none was checked is left out."""
    sums: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    months = QualityScore.objects.filter(
        cluster_id__in=asked.clusters,
        month__range=(asked.start.replace(day=1), asked.end),
        checked_at__isnull=False,
    )
    for score in months:
        sums[score.month][0] += score.records
        sums[score.month][1] += score.without_severe
    rows = tuple(
        (f"{month:%B %Y}", records, fine, percentage(fine, records)) for month, (records, fine) in sorted(sums.items())
    )
    return Table(
        "score",
        "Score by month",
        (
            Column("Month", Kind.TEXT),
            Column("Families in the work"),
            Column("Without a severe finding"),
            Column("Score", Kind.PERCENT),
        ),
        rows,
        note=f"{SCORE_WORDS} Each month stays as it was counted at its end.",
        chart=("Score",) if rows else (),
        line=len(rows) > 1,
        compares=False,
    )


def _rules(asked: Asked) -> Table:
    severities = dict(Rule._meta.get_field("severity").flatchoices)
    values: dict[str, Any] = asked.sql()
    with connection.cursor() as cursor:
        cursor.execute(_FLOW, values)
        rows = tuple((title, severities[severity], *counts) for title, severity, *counts in cursor.fetchall())
    return Table(
        "rules",
        "What was found and put right",
        (
            Column("Rule", Kind.TEXT),
            Column("How grave", Kind.TEXT),
            Column("Found"),
            Column("Put right"),
            Column("Open at the end"),
        ),
        rows,
        note="A finding that was set aside is open until it is put right.",
        chart=("Open at the end",),
    )


REPORT = Report(
    "data-quality",
    "Data quality",
    "What the records lacked, what was put right, and the share of families without a severe finding.",
    1,
    make,
    counted="Found and put right",
    # Months stand for themselves, so there is no row of the period before to set beside.
    compares=False,
)
