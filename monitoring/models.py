"""Scheduled reports and their runs. Monitoring reads all and owns nothing of a family."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from clusters.models import Cluster, User


class Schedule(models.Model):
    """Who gets which report, when, about which Clusters (none named: every Cluster)."""

    name = models.CharField(max_length=120)
    clusters = models.ManyToManyField(Cluster, blank=True, related_name="+")
    recipients = models.ManyToManyField(User, blank=True, related_name="+")
    day_of_month = models.PositiveSmallIntegerField(default=1)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(day_of_month__range=(1, 28)), name="schedule_day_every_month_has"),
        ]

    def __str__(self) -> str:
        return self.name


class ReportRun(models.Model):
    """One report about one period: a snapshot that stays byte for byte what it was.

    Unique per schedule and period, with a lease: killed, restarted or delivered twice, it ends as one.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting to start"
        RUNNING = "running", "Running"
        DONE = "done", "Done"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, null=True, blank=True, related_name="runs")
    title = models.CharField(max_length=160)
    cluster_ids = models.JSONField(default=list)
    cluster_names = models.JSONField(default=list)
    period_from = models.DateField()
    period_to = models.DateField()
    as_at = models.DateTimeField()
    definition = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.QUEUED)
    step = models.CharField(max_length=60, blank=True)
    progress = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=60, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    snapshot = models.JSONField(null=True, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["schedule", "period_from", "period_to"], name="reportrun_once_a_period"),
            models.CheckConstraint(condition=Q(period_to__gte=F("period_from")), name="reportrun_dates_in_order"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def period_words(self) -> str:
        """From and to in words: 1 January to 30 June 2021."""
        first, last = self.period_from, self.period_to
        begins = f"{first.day} {first:%B}" + ("" if first.year == last.year else f" {first.year}")
        return f"{begins} to {last.day} {last:%B %Y}"


class ReportFile(models.Model):
    """A file of a finished run, kept in the database with the snapshot it shows."""

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        XLSX = "xlsx", "Excel"
        CSV = "csv", "CSV"

    run = models.ForeignKey(ReportRun, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "kind"], name="reportfile_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.run_id}"
