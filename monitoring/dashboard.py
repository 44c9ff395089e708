"""Clusters side by side. One definition makes a figure, the list behind it and its download.

The caller opens the scope (`scope.figures()`), so a manager counts every Cluster and reads references, no names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

PERIODS = {3: "3 months", 6: "6 months", 12: "12 months"}
PAGE = 50


@dataclass(frozen=True)
class Figure:
    """A count per Cluster. `rows` selects cluster_id, reference, on_date and url_id of what is counted."""

    key: str
    label: str
    about: str
    rows: str
    opens: str = "referral"
    alarming: bool = False


_REFERRAL = "SELECT r.cluster_id, r.reference, r.received_on AS on_date, r.id AS url_id FROM referrals_referral r"
_CASE = "SELECT c.cluster_id, c.reference, {day} AS on_date, c.id AS url_id FROM cases_case c"

FIGURES = (
    Figure(
        "received",
        "Referrals",
        "Referrals received in the period",
        f"{_REFERRAL} WHERE r.received_on BETWEEN %(start)s AND %(end)s",
    ),
    Figure(
        "to_screen", "To screen", "Referrals that wait for a decision now", f"{_REFERRAL} WHERE r.status = 'to_screen'"
    ),
    Figure(
        "waiting",
        "Waiting",
        "Services offered and not yet taken up, now",
        "SELECT o.cluster_id, r.reference, o.waiting_since AS on_date, r.id AS url_id FROM triage_offer o"
        " JOIN triage_decision d ON d.id = o.decision_id JOIN referrals_referral r ON r.id = d.referral_id"
        " WHERE o.status = 'waiting'",
    ),
    Figure(
        "waiting_long",
        "8 weeks or more",
        "Waiting for eight weeks or more: the alarm of the waiting list",
        "SELECT o.cluster_id, r.reference, o.waiting_since AS on_date, r.id AS url_id FROM triage_offer o"
        " JOIN triage_decision d ON d.id = o.decision_id JOIN referrals_referral r ON r.id = d.referral_id"
        " WHERE o.status = 'waiting' AND o.waiting_since <= %(today)s - 56",
        alarming=True,
    ),
    Figure(
        "open",
        "Open cases",
        "Cases that are open now",
        f"{_CASE.format(day='c.opened_on')} WHERE c.status <> 'closed'",
        "case",
    ),
    Figure(
        "review_overdue",
        "Review overdue",
        "Open cases whose review was due before today",
        f"{_CASE.format(day='c.review_due_on')} WHERE c.status <> 'closed' AND c.review_due_on < %(today)s",
        "case",
        True,
    ),
    Figure(
        "closed",
        "Closed",
        "Cases closed in the period",
        f"{_CASE.format(day='c.closed_on')} WHERE c.status = 'closed' AND c.closed_on BETWEEN %(start)s AND %(end)s",
        "case",
    ),
    Figure(
        "no_outcome",
        "No outcome",
        "Referrals that ended in the period without a recorded outcome (imports only)",
        "SELECT e.cluster_id, r.reference, e.ended_on AS on_date, r.id AS url_id FROM triage_ending e"
        " JOIN referrals_referral r ON r.id = e.referral_id"
        " WHERE e.outcome_not_recorded AND e.ended_on BETWEEN %(start)s AND %(end)s",
        alarming=True,
    ),
)
BY_KEY = {figure.key: figure for figure in FIGURES}

_MEDIAN_DAYS = """
SELECT d.cluster_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY d.decided_on - r.received_on)
FROM triage_decision d JOIN referrals_referral r ON r.id = d.referral_id
WHERE d.decided_on BETWEEN %(start)s AND %(end)s AND d.cluster_id = ANY (%(clusters)s) GROUP BY d.cluster_id
"""


@dataclass(frozen=True)
class Span:
    """The months up to today, and as many before them."""

    months: int
    start: date
    end: date
    before_start: date

    @classmethod
    def of(cls, months: int) -> "Span":
        end = timezone.localdate()
        days = timedelta(days=round(months * 365.25 / 12))
        return cls(months, end - days + timedelta(days=1), end, end - 2 * days + timedelta(days=1))

    def values(self, clusters: Sequence[int]) -> dict[str, Any]:
        return {"start": self.start, "end": self.end, "today": timezone.localdate(), "clusters": list(clusters)}


def counts(*, clusters: Sequence[int], span: Span) -> dict[tuple[int, str], int]:
    """(cluster id, figure) -> count, in one query; also `received_before`, of the period before."""
    parts = [
        f"SELECT cluster_id, '{figure.key}' AS figure, count(*) FROM ({figure.rows}) counted"  # noqa: S608
        " WHERE cluster_id = ANY (%(clusters)s) GROUP BY cluster_id"
        for figure in FIGURES
    ]
    parts.append(
        "SELECT cluster_id, 'received_before', count(*) FROM referrals_referral WHERE received_on >= %(before)s"
        " AND received_on < %(start)s AND cluster_id = ANY (%(clusters)s) GROUP BY cluster_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), {**span.values(clusters), "before": span.before_start})
        return {(cluster, figure): count for cluster, figure, count in cursor.fetchall()}


def median_days_to_decision(*, clusters: Sequence[int], span: Span) -> dict[int, float]:
    """Cluster id -> days from receipt to decision, the middle one of those decided in the period."""
    with connection.cursor() as cursor:
        cursor.execute(_MEDIAN_DAYS, span.values(clusters))
        return dict(cursor.fetchall())


@dataclass(frozen=True)
class Entry:
    reference: str
    on_date: date
    url_id: Any


def listed(
    figure: Figure, *, cluster: int, span: Span, after: tuple[date, str] | None = None
) -> tuple[list[Entry], tuple[date, str] | None]:
    """What a figure counted, by date and reference, a page at a time; and where the next page begins."""
    sql = (
        f"SELECT reference, on_date, url_id FROM ({figure.rows}) counted WHERE cluster_id = ANY (%(clusters)s)"  # noqa: S608
        " AND (%(after_date)s IS NULL OR (on_date, reference) > (%(after_date)s, %(after_reference)s))"
        " ORDER BY on_date, reference LIMIT %(limit)s"
    )
    values = span.values([cluster]) | {
        "after_date": after[0] if after else None,
        "after_reference": after[1] if after else "",
        "limit": PAGE + 1,
    }
    sql = sql.replace("%(after_date)s", "%(after_date)s::date")
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        entries = [Entry(*row) for row in cursor.fetchall()]
    more = entries[PAGE - 1] if len(entries) > PAGE else None
    return entries[:PAGE], (more.on_date, more.reference) if more else None
