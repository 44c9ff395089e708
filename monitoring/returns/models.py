"""Statutory returns that were asked for, and their files while they are kept."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from clusters.models import User


class ReturnKind(models.TextChoices):
    ANNEX_A = "annex_a", "Ofsted Annex A, lists 1 to 3"
    SSD = "ssd", "Standard Safeguarding Dataset, early help episodes"


class ReturnRun(models.Model):
    """One return: who asked, why, for which Clusters and day, what was missing. This stays; its files go.

    Unique work by lease, as for reports: a worker that is killed lets it end and the sweep hands the run out again.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting to start"
        DONE = "done", "Ready"
        REMOVED = "removed", "Files removed"

    KEPT_DAYS: ClassVar = 14

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=8, choices=ReturnKind.choices)
    cluster_ids = models.JSONField(default=list)
    cluster_names = models.JSONField(default=list)
    as_at = models.DateField()
    reason = models.CharField(max_length=300)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.QUEUED)
    # Rows by list, and what was missing, by reference: no name and no date of birth.
    counts = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    leased_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="returnrun_has_a_reason"),
            models.CheckConstraint(
                condition=Q(status="queued") | Q(finished_at__isnull=False, expires_on__isnull=False),
                name="returnrun_done_expires",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.as_at}"


class ReturnFile(models.Model):
    """A file of a return: read by whoever asked for it and by the actor that makes and removes it, by nobody else."""

    run = models.ForeignKey(ReturnRun, on_delete=models.CASCADE, related_name="files")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    content_type = models.CharField(max_length=100)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "name"], name="returnfile_once")]

    def __str__(self) -> str:
        return self.name
