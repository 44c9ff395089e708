"""Reports for outside that were made, so that no two of them can be subtracted from one another (decision 14).

One report protects its own small counts. A second about overlapping days or Clusters would give them back: the year
without three of its quarters is the fourth. So reports for outside of one kind share no Cluster or share no day. What
was made stands; one that nobody outside got is marked so, and is then in nobody's way.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import User
from monitoring import policies
from monitoring.models import KeptInside, ReportRun
from monitoring.shapes import Period

LOCK = 140_014


@dataclass(frozen=True)
class Reach:
    """Whom a report counts: which Clusters, which days."""

    clusters: frozenset[int]
    period: Period

    def meets(self, other: Reach) -> bool:
        """Some are counted in both, so that one can be taken from the other."""
        days = self.period.start <= other.period.end and other.period.start <= self.period.end
        return days and bool(self.clusters & other.clusters)


def reach_of(run: ReportRun) -> Reach:
    return Reach(frozenset(run.cluster_ids), Period(run.period_from, run.period_to))


def in_the_way(report: str, clusters: Collection[int], period: Period) -> ReportRun | None:
    """A report of the kind that was made for outside and counts some of the same; the latest."""
    reach = Reach(frozenset(clusters), period)
    runs = (
        ReportRun.objects.filter(report=report, outside=True, kept_inside=None)
        .exclude(status=ReportRun.Status.REFUSED)
        .filter(period_from__lte=period.end, period_to__gte=period.start)
    )
    return next((run for run in runs.defer("snapshot").order_by("-created_at") if reach.meets(reach_of(run))), None)


def in_short(run: ReportRun) -> str:
    """The report that stands in the way, in at most 200 characters."""
    which = run.cluster_names[0] if len(run.cluster_names) == 1 else f"{len(run.cluster_names)} Clusters"
    made = timezone.localdate(run.created_at)
    return f"“{run.title[:50]}” of {which[:40]}, {run.period_words}, was made for outside on {made.day} {made:%B %Y}."


def why_not(run: ReportRun) -> str:
    """What stands against another report for outside, for whoever wants it."""
    return (
        f"{in_short(run)} Two that "
        "overlap can be subtracted from one another, which gives small counts back. Give that one, choose other days "
        "or Clusters, or say on its page that nobody outside got it."
    )


def check(report: str, clusters: Collection[int], period: Period) -> None:
    """Raises Conflict when an earlier report for outside overlaps. Two at once take turns until both are committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    earlier = in_the_way(report, clusters, period)
    if earlier is not None:
        raise Conflict(why_not(earlier))


def keep_inside(*, by: User, run: ReportRun) -> None:
    """Say that nobody outside got the report: its files close, and it stands in no other's way.

    Raises Denied, and Conflict when it is not for outside or was marked before.
    """
    policies.check_keep_inside(by, run)
    with transaction.atomic():
        marked = run.outside and KeptInside.objects.get_or_create(run=run, defaults={"by": by})[1]
        if not marked:
            raise Conflict("This report is not for outside, or was marked as kept inside before.")
        audit.event(by=by, kind="report", text=f"Marked “{run.title}” as kept inside: nobody outside got it", about=run)
