"""What a worker works out once and keeps: the row that asks for it, its progress, and its lease.

As with reports: the row is what must happen. A worker takes it by lease; one that is killed lets its lease end and
the sweep hands the row out again, so that a second delivery or a restart ends in the same one result.
"""

import uuid
from datetime import timedelta
from typing import ClassVar, TypeVar

from celery import current_app
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from clusters.models import User
from monitoring.shapes import in_words

LEASE = timedelta(minutes=5)
MOST_TRIES = 3


class Status(models.TextChoices):
    QUEUED = "queued", "Waiting to start"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Could not be made"


class Leased(models.Model):
    """A piece of work: its state and progress, and the lease of the worker that does it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.QUEUED)
    step = models.CharField(max_length=60, blank=True)
    progress = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=60, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    TASK: ClassVar[str]

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        return self.status in {Status.QUEUED, Status.RUNNING}


class WorkedOut(Leased):
    """Figures of some Clusters (with the names they had then) over some days, worked out in the background."""

    cluster_ids = models.JSONField(default=list)
    cluster_names = models.JSONField(default=list)
    period_from = models.DateField()
    period_to = models.DateField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    @property
    def period_words(self) -> str:
        return in_words(self.period_from, self.period_to)


class LostLease(RuntimeError):
    """Another worker has taken the row over; whatever this one was doing is dropped."""


AnyWork = TypeVar("AnyWork", bound=Leased)


def make_soon(work: Leased) -> None:
    """Ask a worker for it now; the sweep asks again when nobody heard."""
    current_app.send_task(work.TASK, [str(work.pk)])


def take(kind: type[AnyWork], pk: uuid.UUID) -> AnyWork | None:
    """The row, leased to the caller, when it is open and nobody else is working on it."""
    now, owner = timezone.now(), uuid.uuid4().hex
    taken = (
        kind._default_manager.filter(pk=pk, status__in=[Status.QUEUED, Status.RUNNING], tries__lt=MOST_TRIES)
        .filter(Q(leased_until__isnull=True) | Q(leased_until__lt=now))
        .update(status=Status.RUNNING, leased_until=now + LEASE, lease_owner=owner, tries=F("tries") + 1)
    )
    return kind._default_manager.get(pk=pk) if taken else None


def keep(work: Leased, **changed: object) -> None:
    """Write to the row, if the lease is still ours. Raises LostLease."""
    changed.setdefault("leased_until", timezone.now() + LEASE)
    kind = type(work)
    if not kind._default_manager.filter(pk=work.pk, lease_owner=work.lease_owner, status=Status.RUNNING).update(
        **changed
    ):
        raise LostLease(f"{work.pk} was taken over.")


def finish(work: Leased, **changed: object) -> None:
    keep(work, status=Status.DONE, step="", progress=100, leased_until=None, finished_at=timezone.now(), **changed)


def carry_on(kind: type[Leased]) -> None:
    """For the sweep: hand out again what waits or whose worker has gone; give up what failed too often."""
    now = timezone.now()
    left = kind._default_manager.filter(status__in=[Status.QUEUED, Status.RUNNING]).filter(
        Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    )
    left.filter(tries__gte=MOST_TRIES).update(status=Status.FAILED, step="", finished_at=now)
    for work in left.filter(tries__lt=MOST_TRIES).order_by("created_at")[:20]:
        make_soon(work)
