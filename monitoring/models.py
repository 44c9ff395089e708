"""Scheduled reports and their runs. Monitoring reads all and owns nothing of a family."""

from __future__ import annotations

import uuid
from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from clusters.models import Cluster, User
from monitoring.curiosity.models import (  # noqa: F401 - named through this module
    CuriosityFinding,
    CuriosityRule,
    CuriosityRun,
)
from monitoring.extract.models import Extract, ExtractFile, ExtractTaken
from monitoring.quality.models import Finding, QualityScore, Rule, SetAside
from monitoring.returns.models import ReturnFile, ReturnRun
from monitoring.segments.models import NeedSegments
from monitoring.shapes import in_words

__all__ = [
    "Extract",
    "ExtractFile",
    "ExtractTaken",
    "Finding",
    "KeptInside",
    "NeedSegments",
    "QualityScore",
    "ReportFile",
    "ReportRun",
    "ReturnFile",
    "ReturnRun",
    "Rule",
    "Schedule",
    "SetAside",
    "in_words",
]

THE_TABLES = "tables"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def the_tables() -> list[str]:
    """The report a schedule makes when nothing else is said."""
    return [THE_TABLES]


class Schedule(models.Model):
    """Who gets which reports, when, about which Clusters (none named: every Cluster).

    Each run copies what it needs, so that a change concerns the reports that are still to be made.
    """

    class When(models.TextChoices):
        MONTHLY = "monthly", "Each month"
        WEEKLY = "weekly", "Each week"
        QUARTERLY = "quarterly", "Each quarter, in January, April, July and October"
        TERM = "term", "After each school term"
        NAMED = "named", "Before days that I name"

    class Covers(models.TextChoices):
        OWN = "own", "The month, week, quarter or term before"
        MONTHS_3 = "3", "The last 3 whole months"
        MONTHS_6 = "6", "The last 6 whole months"
        MONTHS_12 = "12", "The last 12 whole months"

    name = models.CharField(max_length=120)
    # Keys of the report suite.
    reports = models.JSONField(default=the_tables)
    when = models.CharField(max_length=9, choices=When.choices, default=When.MONTHLY)
    weekday = models.PositiveSmallIntegerField(default=1, help_text="1 is Monday.")
    named_days = models.JSONField(default=list, blank=True, help_text="Days as 2026-12-31.")
    days_before = models.PositiveSmallIntegerField(default=7)
    covers = models.CharField(max_length=3, choices=Covers.choices, default=Covers.OWN)
    # The day up to which the scheduler has seen what was due; what it missed after it is made late.
    looked_on = models.DateField(null=True, blank=True)
    clusters = models.ManyToManyField(Cluster, blank=True, related_name="+")
    recipients = models.ManyToManyField(User, blank=True, related_name="+")
    day_of_month = models.PositiveSmallIntegerField(default=1)
    outside = models.BooleanField("counts under five are not shown", default=False)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(day_of_month__range=(1, 28)), name="schedule_day_every_month_has"),
            models.CheckConstraint(condition=Q(weekday__range=(1, 7)), name="schedule_weekday"),
            models.CheckConstraint(condition=Q(days_before__range=(0, 60)), name="schedule_days_before"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def in_words(self) -> str:
        """When it makes its reports: “Day 5 of each month”."""
        named = sorted(date.fromisoformat(day) for day in self.named_days)
        return {
            self.When.MONTHLY: f"Day {self.day_of_month} of each month",
            self.When.WEEKLY: f"Each {DAYS[self.weekday - 1]}",
            self.When.QUARTERLY: f"Day {self.day_of_month} of January, April, July and October",
            self.When.TERM: "The day after each school term",
            self.When.NAMED: f"{self.days_before} days before " + ", ".join(f"{d.day} {d:%B %Y}" for d in named),
        }[self.When(self.when)]


class ReportRun(models.Model):
    """One report about one period: a snapshot that stays byte for byte what it was.

    Unique per schedule, report, day it was due and Clusters, with a lease: killed, restarted or delivered twice, it
    ends as one.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting to start"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        # For outside, of days or Clusters that an earlier one has given out.
        REFUSED = "refused", "Not made"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, null=True, blank=True, related_name="runs")
    report = models.CharField(max_length=40, default=THE_TABLES)
    title = models.CharField(max_length=160)
    cluster_ids = models.JSONField(default=list)
    cluster_names = models.JSONField(default=list)
    period_from = models.DateField()
    period_to = models.DateField()
    as_at = models.DateTimeField()
    definition = models.PositiveIntegerField(default=1)
    due_on = models.DateField(null=True, blank=True)
    late_by = models.PositiveSmallIntegerField(default=0, help_text="Days after the day it was due.")
    # Which Clusters, as one word for the constraint; and who is told when it is done, as it was when it was started.
    audience = models.CharField(max_length=64, blank=True)
    recipient_ids = models.JSONField(default=list)
    last_error = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.QUEUED)
    step = models.CharField(max_length=60, blank=True)
    progress = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=60, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    outside = models.BooleanField("counts under five are not shown", default=False)
    snapshot = models.JSONField(null=True, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["schedule", "report", "due_on", "audience"], name="reportrun_once_when_due"
            ),
            models.CheckConstraint(condition=Q(period_to__gte=F("period_from")), name="reportrun_dates_in_order"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def period_words(self) -> str:
        return in_words(self.period_from, self.period_to)


class KeptInside(models.Model):
    """Said of a report that was made for outside: nobody outside got it, so that another may be made of its days."""

    run = models.OneToOneField(ReportRun, on_delete=models.PROTECT, related_name="kept_inside")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.run_id} stayed inside"


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
