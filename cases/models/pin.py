"""Significant events: entries of the chronology that everybody who reads the case should know."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from cases.models.case import Case
from clusters.models import User
from families.models import FamilyRecord


class Pin(FamilyRecord):
    """An entry of the chronology with the reason why it matters. Taken off it stays, with who and when.

    `kind` and `ref` are the entry's own; day and title are as they were, so that the overview need not look it up.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="pins", db_constraint=False)
    kind = models.CharField(max_length=40)
    ref = models.UUIDField()
    at = models.DateTimeField()
    timed = models.BooleanField("whether the hour is known", default=False)
    title = models.CharField(max_length=400)
    url = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=300)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "kind", "ref"], condition=Q(removed_at__isnull=True), name="pin_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="pin_has_a_reason"),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="pin_removed_at_by",
            ),
        ]

    def __str__(self) -> str:
        return self.title
