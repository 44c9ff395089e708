"""A run of the need segments: what was asked, and the result that stays as it was found."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from monitoring.worked_out import WorkedOut

# Raised when a rule of the grouping changes, so that a result says by which it was made.
# 1 knew progress by goal scores alone.
DEFINITION = 2


class NeedSegments(WorkedOut):
    """Families referred in a period, grouped by their needs. `result` holds figures and words, nobody's record."""

    TASK = "monitoring.make_segments"

    definition = models.PositiveIntegerField(default=1)
    result = models.JSONField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        verbose_name_plural = "need segments"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(period_to__gte=F("period_from")), name="needsegments_dates_in_order"),
        ]

    def __str__(self) -> str:
        return f"Need segments, {self.period_words}"
