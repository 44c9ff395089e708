"""The quarterly review of access: one for each Cluster, one for the roles of the whole city."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class AccessReview(models.Model):
    """Of a Cluster, or without one of managers and clinical supervisors. Made on the quarter's first day."""

    cluster = models.ForeignKey("clusters.Cluster", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    quarter_starts_on = models.DateField()
    due_on = models.DateField()
    opened_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = models.ForeignKey("clusters.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-quarter_starts_on", "cluster__name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["cluster", "quarter_starts_on"], name="accessreview_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, finished_by__isnull=True)
                | Q(finished_at__isnull=False, finished_by__isnull=False),
                name="accessreview_finished_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cluster or 'The whole city'}, {self.quarter_starts_on:%B %Y}"


class AccessLine(models.Model):
    """One role as it stood when the review was opened, and what was decided of it.

    looks: pages of families' records opened in the quarter before. holds: work in hand, in words.
    """

    class Decision(models.TextChoices):
        KEEP = "keep", "Keep"
        END = "end", "End on a date"
        CHANGE = "change", "Change"

    review = models.ForeignKey(AccessReview, on_delete=models.CASCADE, related_name="lines")
    role = models.ForeignKey("clusters.StaffRole", on_delete=models.PROTECT, related_name="+")
    last_sign_in = models.DateTimeField(null=True, blank=True)
    looks = models.PositiveIntegerField(default=0)
    holds = models.CharField(max_length=300, blank=True)
    decision = models.CharField(max_length=6, choices=Decision.choices, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey("clusters.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["role__user__name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "role"], name="accessline_once"),
            models.CheckConstraint(
                condition=Q(decision="", decided_by__isnull=True, decided_at__isnull=True)
                | ~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="accessline_decided_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(decision="change") | ~Q(note=""), name="accessline_change_says_what"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.get_decision_display() or 'to decide'}"
