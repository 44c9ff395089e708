"""Runs of the sheet importer, what they refused, and the words a Cluster uses for our labels."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from clusters.models import Cluster, User


class ImportRun(models.Model):
    class Status(models.TextChoices):
        MAPPING = "mapping", "Columns and values to be matched"
        QUEUED = "queued", "Waiting to start"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Could not be read"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    path = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.MAPPING)
    preview = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(default=0)
    done_rows = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(rows__gte=0), name="importrun_rows"),
        ]

    def __str__(self) -> str:
        return self.file_name


class RejectedRow(models.Model):
    """A row that did not go in: every reason it has, and its original text."""

    id = models.BigAutoField(primary_key=True)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rejects")
    row_number = models.PositiveIntegerField()
    reasons = models.JSONField()
    original = models.JSONField()

    class Meta:
        ordering: ClassVar = ["row_number"]

    def __str__(self) -> str:
        return f"Row {self.row_number}"


class ValueMapping(models.Model):
    """A Cluster's own word for a column's value, remembered from import to import."""

    cluster = models.ForeignKey(Cluster, on_delete=models.CASCADE, related_name="+")
    column = models.CharField(max_length=40)
    written = models.CharField(max_length=200)
    meant = models.CharField(max_length=200)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cluster", "column", "written"], name="valuemapping_once"),
        ]

    def __str__(self) -> str:
        return f"{self.written} means {self.meant}"
