"""Cover for absence: who looks after whose case, from one day to another."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from cases.models.case import Case
from clusters.models import DateRange, User
from families.models import FamilyRecord


class CoverQuerySet(models.QuerySet):
    def standing(self) -> CoverQuerySet:
        """Neither over nor ended early: those of today and those to come."""
        return self.filter(ended_at__isnull=True, ends_on__gte=timezone.localdate())

    def today(self) -> CoverQuerySet:
        return self.standing().filter(starts_on__lte=timezone.localdate())


class Cover(FamilyRecord):
    """One case of a worker who is away, looked after by another. The lead worker stays the lead worker.

    starts_on, ends_on: the first and the last day. It begins and ends by these; `ended_at` ends it before.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="covers", db_constraint=False)
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="who is away")
    covering = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day")
    must_know = models.TextField("what to know")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = CoverQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["starts_on", "created_at"]
        constraints: ClassVar = [
            ExclusionConstraint(
                name="cover_one_at_a_time",
                expressions=[
                    (
                        DateRange("starts_on", "ends_on", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                    ("case", RangeOperators.EQUAL),
                ],
                condition=Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="cover_dates_in_order"),
            models.CheckConstraint(condition=~Q(worker=F("covering")), name="cover_by_another"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="cover_ended_at_by",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["covering", "ends_on"], name="cover_standing", condition=Q(ended_at__isnull=True)),
            models.Index(fields=["cluster", "ends_on"], name="cover_of_cluster", condition=Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.covering} for {self.worker}, {self.starts_on} to {self.ends_on}"

    @property
    def stands(self) -> bool:
        return self.ended_at is None and self.ends_on >= timezone.localdate()

    @property
    def now(self) -> bool:
        return self.stands and self.starts_on <= timezone.localdate()
