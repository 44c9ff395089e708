"""Schedules: how a manager sets them up, and how what is due is started once, also after days without a beat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cluster_ehs.core import audit
from clusters.models import Cluster, User
from clusters.people import duties
from monitoring import given_out, policies, reports
from monitoring.models import THE_TABLES, ReportRun, Schedule
from monitoring.shapes import Period
from monitoring.suite import BY_KEY
from monitoring.suite.when import due_days, first_look
from triage.models import SchoolHoliday


def save_schedule(
    *,
    by: User,
    schedule: Schedule | None,
    name: str,
    clusters: Sequence[Cluster],
    recipients: Sequence[User],
    day_of_month: int = 1,
    active: bool = True,
    reports: Sequence[str] = (THE_TABLES,),
    when: str = Schedule.When.MONTHLY,
    weekday: int = 1,
    named_days: Sequence[date] = (),
    days_before: int = 7,
    covers: str = Schedule.Covers.OWN,
    outside: bool = False,
) -> Schedule:
    """Make or change a schedule. Runs that were started keep what they were started with. Raises Denied."""
    policies.check_edit_schedules(by)
    with transaction.atomic():
        if schedule is None:
            schedule = Schedule()
        else:
            schedule = Schedule.objects.select_for_update().get(pk=schedule.pk)
            if active and not schedule.active:
                # It was stopped on purpose: what fell due meanwhile was not missed.
                schedule.looked_on = None
        schedule.name, schedule.day_of_month, schedule.active = name, day_of_month, active
        schedule.reports, schedule.when, schedule.weekday = list(reports), when, weekday
        schedule.named_days = [day.isoformat() for day in sorted(set(named_days))]
        schedule.days_before, schedule.covers = days_before, covers
        schedule.outside = outside
        schedule.save()
        schedule.clusters.set(clusters)
        schedule.recipients.set(recipients)
        audit.event(by=by, kind="schedule", text=f"Saved the schedule “{name}”", about=schedule)
    return schedule


def start_due_reports(today: date | None = None) -> list[ReportRun]:
    """Start what fell due since each schedule was last looked at, each once; what is late says by how many days."""
    today = today or timezone.localdate()
    started = []
    with transaction.atomic():
        waiting = Schedule.objects.filter(Q(looked_on__isnull=True) | Q(looked_on__lt=today), active=True)
        # Two beats at once: the second waits here and then finds the day looked at.
        for schedule in waiting.select_for_update(of=("self",)).order_by("pk"):
            started += _start(schedule, today)
    return started


def catch_up() -> None:
    """For the sweep: a morning on which the beat was away is made up for as soon as somebody sweeps."""
    start_due_reports()


def _start(schedule: Schedule, today: date) -> list[ReportRun]:
    after = schedule.looked_on or first_look(schedule, today)
    found = due_days(schedule, after, today, holidays=_holidays() if schedule.when == Schedule.When.TERM else ())
    started = []
    for due in found:
        # The first of a new schedule is made when it is set up, so it is not late.
        on = due.on if schedule.looked_on else today
        for key in schedule.reports:
            if key in BY_KEY and not _was_made(schedule, key, due.period):
                started += _runs(schedule, key, due.period, on=on, late_by=(today - on).days)
    schedule.looked_on = today
    schedule.save(update_fields=["looked_on"])
    return started


def _was_made(schedule: Schedule, key: str, period: Period) -> bool:
    """A day that was moved within the month does not make the month's report again."""
    return schedule.when != Schedule.When.NAMED and bool(
        schedule.runs.filter(report=key, period_from=period.start, period_to=period.end).exists()
    )


def _holidays() -> list[tuple[date, date]]:
    """Those of the whole authority: one Cluster's own closing days end no term."""
    whole = SchoolHoliday.objects.filter(cluster=None, withdrawn=False)
    return list(whole.values_list("starts_on", "ends_on"))


def clusters_in(schedule: Schedule, period: Period) -> list[Cluster]:
    """The chosen ones, or all; a Cluster that was retired before the period has nothing to count any more."""
    chosen = schedule.clusters.all() if schedule.clusters.exists() else Cluster.objects.all()
    return list(chosen.filter(Q(retired_on__isnull=True) | Q(retired_on__gt=period.start)))


def _runs(schedule: Schedule, key: str, period: Period, *, on: date, late_by: int) -> list[ReportRun]:
    """The whole report for those who may see it, and for each leader who is told one of the own Clusters.

    For outside the whole one alone, for a part of it could be subtracted; and one that overlaps an earlier for outside
    is not made, and says why.
    """
    clusters = clusters_in(schedule, period)
    shares: dict[frozenset[int], list[int]] = {frozenset(c.pk for c in clusters): []}
    for reader in schedule.recipients.filter(is_active=True).order_by("pk"):
        if not policies.can_read_reports(reader) or not policies.can_see_report(reader, BY_KEY[key]):
            continue
        mine = duties(reader)
        share = frozenset(c.pk for c in clusters if mine.is_manager or c.pk in mine.leads)
        if share and (share in shares or not schedule.outside):
            shares.setdefault(share, []).append(reader.pk)
    several = len(schedule.reports) > 1
    earlier = given_out.in_the_way(key, [c.pk for c in clusters], period) if schedule.outside else None
    refused = {"status": ReportRun.Status.REFUSED, "last_error": given_out.in_short(earlier)} if earlier else {}
    return [
        reports.new_run(
            clusters=[c for c in clusters if c.pk in share],
            report=key,
            period_from=period.start,
            period_to=period.end,
            schedule=schedule,
            title=f"{schedule.name}: {BY_KEY[key].title}"[:160] if several else schedule.name,
            due_on=on,
            late_by=late_by,
            recipient_ids=readers,
            outside=schedule.outside,
            **refused,
        )
        for share, readers in shares.items()
        if share
    ]
