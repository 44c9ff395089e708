"""Meetings about a case and the tasks that come of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from cases.models.case import Case
from clusters.models import User
from families.models import FamilyRecord


class CaseMeeting(FamilyRecord):
    """A team around the family (TAF) meeting, or another meeting about one case."""

    class Kind(models.TextChoices):
        TAF = "taf", "Team around the family (TAF)"
        RETHINK = "rethink", "Rethink Forum"
        PROGRESS = "progress", "Progress and Planning"
        SUPERVISION = "supervision", "Supervision"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="meetings", db_constraint=False)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.TAF)
    held_at = models.DateTimeField()
    attendees = models.TextField("who came, and from where", blank=True)
    decisions = models.TextField(blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-held_at"]

    def __str__(self) -> str:
        return self.get_kind_display()


class Task(FamilyRecord):
    """An action on a case with an owner and a date, from a meeting or from the worker's own list."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks", db_constraint=False)
    meeting = models.ForeignKey(
        CaseMeeting, on_delete=models.PROTECT, null=True, blank=True, related_name="tasks", db_constraint=False
    )
    what = models.CharField(max_length=300)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["due_on"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="task_done_at_by",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "due_on"], name="task_open", condition=Q(done_at__isnull=True))
        ]

    def __str__(self) -> str:
        return self.what
