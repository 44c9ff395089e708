"""Scheduled reports: which are due, and how a run becomes its snapshot and files exactly once.

What must happen is a row (`ReportRun`, unique per schedule and period). A worker takes it by lease; a worker that is
killed lets its lease end and the sweep hands the run out again. Each step is kept as it is done, under the lease,
so a second delivery, a restart or a second beat ends in the same one report.
"""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.scope import NamedActor, acting_as
from cluster_ehs.core.tasks import queue_message
from clusters.models import Cluster, User
from monitoring import policies, report_files
from monitoring.models import ReportFile, ReportRun, Schedule
from monitoring.snapshots import take_snapshot

DEFINITION = 1
LEASE = timedelta(minutes=2)


class LostLease(RuntimeError):
    """Another worker has taken the run over; whatever this one was doing is dropped."""


def month_before(day: date) -> tuple[date, date]:
    """First and last day of the calendar month before a day's own."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def save_schedule(
    *,
    by: User,
    schedule: Schedule | None,
    name: str,
    clusters: Sequence[Cluster],
    recipients: Sequence[User],
    day_of_month: int,
    active: bool = True,
) -> Schedule:
    """Make or change a schedule. Runs that were made keep what they said. Raises Denied."""
    policies.check_edit_schedules(by)
    with transaction.atomic():
        schedule = schedule or Schedule()
        schedule.name, schedule.day_of_month, schedule.active = name, day_of_month, active
        schedule.save()
        schedule.clusters.set(clusters)
        schedule.recipients.set(recipients)
        audit.event(by=by, kind="schedule", text=f"Saved the schedule “{name}”", about=schedule)
    return schedule


def start_report(*, by: User, clusters: Sequence[Cluster], period_from: date, period_to: date) -> ReportRun:
    """A report on demand about one period. Raises Denied for Clusters whose figures the person may not see."""
    policies.check_see_figures(by, [c.pk for c in clusters])
    run = _new_run(schedule=None, clusters=clusters, period=(period_from, period_to), asked_by=by)
    audit.event(by=by, kind="report", text=f"Asked for “{run.title}”", about=run)
    return run


def start_due_reports(today: date | None = None) -> list[ReportRun]:
    """Make the run of last month for each schedule whose day has come, once. A missed day is made up for later."""
    today = today or timezone.localdate()
    period = month_before(today)
    started = []
    with transaction.atomic():
        due = Schedule.objects.filter(active=True, day_of_month__lte=today.day).exclude(
            runs__period_from=period[0], runs__period_to=period[1]
        )
        # Two beats at once: the second waits here and then finds the run made.
        for schedule in due.select_for_update(of=("self",)).order_by("pk"):
            if not schedule.runs.filter(period_from=period[0], period_to=period[1]).exists():
                chosen = schedule.clusters.all() or Cluster.objects.filter(retired_on__isnull=True)
                started.append(_new_run(schedule=schedule, clusters=list(chosen), period=period, asked_by=None))
    return started


def _new_run(
    *, schedule: Schedule | None, clusters: Sequence[Cluster], period: tuple[date, date], asked_by: User | None
) -> ReportRun:
    run = ReportRun.objects.create(
        schedule=schedule,
        title=schedule.name if schedule else "Monitoring report",
        cluster_ids=[c.pk for c in clusters],
        cluster_names=[c.name for c in clusters],
        period_from=period[0],
        period_to=period[1],
        as_at=timezone.now(),
        definition=DEFINITION,
        asked_by=asked_by,
    )
    transaction.on_commit(lambda: make_soon(run.pk), robust=True)
    return run


def make_soon(run_id: uuid.UUID) -> None:
    """Ask a worker for it now; the sweep asks again when nobody heard."""
    current_app.send_task("monitoring.make_report", [str(run_id)])


def take_lease(run_id: uuid.UUID, owner: str) -> ReportRun | None:
    """The run, when it is not done and nobody else is working on it."""
    now = timezone.now()
    taken = (
        ReportRun.objects.filter(pk=run_id)
        .exclude(status=ReportRun.Status.DONE)
        .filter(Q(leased_until__isnull=True) | Q(leased_until__lt=now))
        .update(status=ReportRun.Status.RUNNING, leased_until=now + LEASE, lease_owner=owner, tries=F("tries") + 1)
    )
    return ReportRun.objects.get(pk=run_id) if taken else None


def make_report(run_id: uuid.UUID) -> bool:
    """Carry a run from wherever it stands to its end. False when another worker has it or it is done."""
    owner = uuid.uuid4().hex
    run = take_lease(run_id, owner)
    if run is None:
        return False
    if run.snapshot is None:
        with acting_as(NamedActor.FIGURES):
            snapshot = take_snapshot(run)
        _keep(run, owner, step="snapshot", progress=40, snapshot=snapshot)
        run.snapshot = snapshot
    for number, kind in enumerate(report_files.KINDS, start=1):
        if not run.files.filter(kind=kind).exists():
            content = report_files.BUILDERS[kind](run)
            _keep(run, owner, step=kind, progress=40 + 15 * number, file=(kind, content))
    _finish(run, owner)
    return True


def _keep(
    run: ReportRun,
    owner: str,
    *,
    step: str,
    progress: int,
    snapshot: dict | None = None,
    file: tuple[str, bytes] | None = None,
) -> None:
    """Keep one step's work, if the lease is still ours."""
    changed: dict[str, object] = {"step": step, "progress": progress, "leased_until": timezone.now() + LEASE}
    if snapshot is not None:
        changed["snapshot"] = snapshot
    with transaction.atomic():
        if not ReportRun.objects.filter(pk=run.pk, lease_owner=owner, status=ReportRun.Status.RUNNING).update(
            **changed
        ):
            raise LostLease(f"Report {run.pk} was taken over at step {step}.")
        if file is not None:
            kind, content = file
            ReportFile.objects.create(run=run, kind=kind, content=content, sha256=hashlib.sha256(content).hexdigest())


def _finish(run: ReportRun, owner: str) -> None:
    """Mark the run as done and queue the mails, in one transaction: a link, no figures and no names."""
    with transaction.atomic():
        done = ReportRun.objects.filter(pk=run.pk, lease_owner=owner, status=ReportRun.Status.RUNNING).update(
            status=ReportRun.Status.DONE, step="", progress=100, leased_until=None, finished_at=timezone.now()
        )
        if not done:
            raise LostLease(f"Report {run.pk} was taken over before its end.")
        readers = run.schedule.recipients.filter(is_active=True, email__isnull=False) if run.schedule else []
        for reader in readers:
            queue_message(
                key=f"report:{run.pk}:{reader.pk}",
                to=reader.email or "",
                subject=f"{settings.LABELS['service']}: a report is ready",
                body=f"“{run.title}” is ready. Sign in to read it:\n\n"
                f"{settings.PUBLIC_URL}{reverse('report-run', args=[run.pk])}\n",
                user_id=reader.pk,
                url=reverse("report-run", args=[run.pk]),
            )


def carry_on() -> None:
    """For the sweep: hand out again what waits, or whose worker has gone."""
    now = timezone.now()
    left = ReportRun.objects.exclude(status=ReportRun.Status.DONE).filter(
        Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    )
    for pk in left.order_by("created_at").values_list("pk", flat=True)[:20]:
        make_soon(pk)
