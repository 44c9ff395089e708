"""The authority's thresholds: levels of need, as one dated document says them. Named through `clusters.models`."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from clusters.querysets import DatedQuerySet


class ThresholdDocument(models.Model):
    """The document that an authority publishes. One holds at a time; a later one never rewrites what was judged."""

    authority = models.CharField(max_length=120)
    name = models.CharField(max_length=160)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-starts_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["authority", "starts_on"], name="threshold_once_a_day"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="threshold_dates_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.authority})"


class NeedLevel(models.Model):
    """One level of need. `above_early_help` marks what the document gives to statutory services."""

    document = models.ForeignKey(ThresholdDocument, on_delete=models.PROTECT, related_name="levels")
    order = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=120)
    description = models.CharField(max_length=600, blank=True)
    above_early_help = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["document", "order"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["document", "order"], name="needlevel_once")]

    def __str__(self) -> str:
        return self.label
