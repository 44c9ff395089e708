"""Runs of the report suite: on demand and by schedule, each its snapshot and files exactly once.

What must happen is a row (`ReportRun`, unique per schedule, report, day it was due and Clusters). A worker takes it by
lease; a worker that is killed lets its lease end and the sweep hands the run out again. Each step is kept as it is
done, under the lease, so a second delivery, a restart or a second beat ends in the same one report.
"""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from celery import current_app
from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Cluster, User
from monitoring import given_out, policies, report_files, report_mail
from monitoring.models import THE_TABLES, ReportFile, ReportRun
from monitoring.shapes import Period
from monitoring.snapshots import take_snapshot
from monitoring.suite import BY_KEY

# Longer than the slowest step may take: a report of the whole city has five minutes.
LEASE = timedelta(minutes=6)
# After a step that failed (a full disk, say) it is tried again when so long has passed.
TRY_AGAIN = timedelta(minutes=5)
OPEN = (ReportRun.Status.QUEUED, ReportRun.Status.RUNNING)


class LostLease(RuntimeError):
    """Another worker has taken the run over; whatever this one was doing is dropped."""


def start_report(
    *,
    by: User,
    clusters: Sequence[Cluster],
    period_from: date,
    period_to: date,
    report: str = THE_TABLES,
    as_at: datetime | None = None,
    outside: bool = False,
) -> ReportRun:
    """A report on demand about one period. Raises Denied for what the person may not see.

    For outside it raises Conflict when an earlier one overlaps (`given_out`).
    """
    policies.check_see_report(by, BY_KEY[report])
    policies.check_see_figures(by, [c.pk for c in clusters])
    if outside:
        given_out.check(report, [c.pk for c in clusters], Period(period_from, period_to))
    span = {"period_from": period_from, "period_to": period_to}
    run = new_run(clusters=clusters, report=report, **span, asked_by=by, outside=outside)
    if as_at is not None:
        ReportRun.objects.filter(pk=run.pk).update(as_at=as_at)
        run.as_at = as_at
    audit.event(by=by, kind="report", text=f"Asked for “{run.title}”", about=run)
    return run


def new_run(
    *, clusters: Sequence[Cluster], report: str, period_from: date, period_to: date, **columns: object
) -> ReportRun:
    """The row of a report that is to be made, and word to a worker once it is committed."""
    values: dict[str, object] = {
        "report": report,
        "title": BY_KEY[report].title,
        "cluster_ids": [c.pk for c in clusters],
        "cluster_names": [c.name for c in clusters],
        "period_from": period_from,
        "period_to": period_to,
        "as_at": timezone.now(),
        "definition": BY_KEY[report].definition,
        "audience": audience_of([c.pk for c in clusters]),
    }
    run = ReportRun.objects.create(**{**values, **columns})
    if run.status == ReportRun.Status.QUEUED:
        transaction.on_commit(lambda: make_soon(run.pk), robust=True)
    return run


def audience_of(cluster_ids: Sequence[int]) -> str:
    """One word for a set of Clusters, however many."""
    return hashlib.sha256(",".join(map(str, sorted(cluster_ids))).encode()).hexdigest()


def make_soon(run_id: uuid.UUID) -> None:
    """Ask a worker for it now; the sweep asks again when nobody heard."""
    current_app.send_task("monitoring.make_report", [str(run_id)])


def take_lease(run_id: uuid.UUID, owner: str) -> ReportRun | None:
    """The run, when it is not done and nobody else is working on it."""
    now = timezone.now()
    taken = (
        ReportRun.objects.filter(pk=run_id, status__in=OPEN)
        .filter(Q(leased_until__isnull=True) | Q(leased_until__lt=now))
        .update(status=ReportRun.Status.RUNNING, leased_until=now + LEASE, lease_owner=owner, tries=F("tries") + 1)
    )
    return ReportRun.objects.get(pk=run_id) if taken else None


def make_report(run_id: uuid.UUID) -> bool:
    """Carry a run from wherever it stands to its end. False when another worker has it or it is done.

    A step that fails is noted on the run for its readers, and the sweep tries it again five minutes later.
    """
    owner = uuid.uuid4().hex
    run = take_lease(run_id, owner)
    if run is None:
        return False
    try:
        _carry(run, owner)
    except LostLease:
        raise
    except Exception as error:
        _note_failure(run, owner, error)
        raise
    return True


def _carry(run: ReportRun, owner: str) -> None:
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


def _note_failure(run: ReportRun, owner: str, error: Exception) -> None:
    """Say on the run what went wrong, unless not even that can be written: then the lease ends by itself."""
    words = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    try:
        ReportRun.objects.filter(pk=run.pk, lease_owner=owner, status=ReportRun.Status.RUNNING).update(
            last_error=words, leased_until=timezone.now() + TRY_AGAIN
        )
    except DatabaseError:
        return


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
    changed: dict[str, object] = {
        "step": step,
        "progress": progress,
        "leased_until": timezone.now() + LEASE,
        "last_error": "",
    }
    if snapshot is not None:
        changed |= {"snapshot": snapshot, "definition": snapshot["definition"]}
    with transaction.atomic():
        if not ReportRun.objects.filter(pk=run.pk, lease_owner=owner, status=ReportRun.Status.RUNNING).update(
            **changed
        ):
            raise LostLease(f"Report {run.pk} was taken over at step {step}.")
        if file is not None:
            kind, content = file
            ReportFile.objects.create(run=run, kind=kind, content=content, sha256=hashlib.sha256(content).hexdigest())


def _finish(run: ReportRun, owner: str) -> None:
    """Mark the run as done and queue the mails, in one transaction."""
    with transaction.atomic():
        done = ReportRun.objects.filter(pk=run.pk, lease_owner=owner, status=ReportRun.Status.RUNNING).update(
            status=ReportRun.Status.DONE,
            step="",
            progress=100,
            leased_until=None,
            last_error="",
            finished_at=timezone.now(),
        )
        if not done:
            raise LostLease(f"Report {run.pk} was taken over before its end.")
        report_mail.tell_readers(run)


def carry_on() -> None:
    """For the sweep: hand out again what waits, or whose worker has gone."""
    now = timezone.now()
    left = ReportRun.objects.filter(status__in=OPEN).filter(Q(leased_until__isnull=True) | Q(leased_until__lt=now))
    for pk in left.order_by("created_at").values_list("pk", flat=True)[:20]:
        make_soon(pk)
