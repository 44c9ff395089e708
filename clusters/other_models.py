"""Clinical supervision, budgets for interpreters, counters of references, keys of programs and of calendars.

Other models are named by strings.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from clusters.querysets import DatedQuerySet


class ClinicalSupervision(models.Model):
    """A clinical supervisor reads the sessions and notes of the workers named here, for a period."""

    supervisor = models.ForeignKey("clusters.User", on_delete=models.PROTECT, related_name="supervises")
    worker = models.ForeignKey("clusters.User", on_delete=models.PROTECT, related_name="supervised_by")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(supervisor=F("worker")), name="supervision_not_of_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.supervisor} supervises {self.worker}"


class ReferenceCounter(models.Model):
    """The next running number of a Cluster's references in a year: HD-2026-0142."""

    cluster = models.ForeignKey("clusters.Cluster", on_delete=models.CASCADE)
    year = models.PositiveIntegerField()
    kind = models.CharField(max_length=10)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["cluster", "year", "kind"], name="counter_once")]

    def __str__(self) -> str:
        return f"{self.cluster.prefix}-{self.year}-{self.last:04d}"


class ApiToken(models.Model):
    """A key of a program that acts for a user, with scopes. Only its digest is kept."""

    user = models.ForeignKey("clusters.User", on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class CalendarFeed(models.Model):
    """A private address under which a calendar reads its user's planned sessions. Only its digest is kept."""

    user = models.ForeignKey("clusters.User", on_delete=models.CASCADE, related_name="calendar_feeds")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user"], name="calendarfeed_one_live", condition=Q(revoked_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"Calendar of {self.user_id}"


class InterpreterBudget(models.Model):
    """What a Cluster may spend on interpreters in a financial year, as it was set on a day; the latest holds."""

    cluster = models.ForeignKey("clusters.Cluster", on_delete=models.PROTECT, related_name="interpreter_budgets")
    year = models.PositiveSmallIntegerField("financial year", help_text="The year in whose April it begins.")
    pence = models.PositiveBigIntegerField("budget in pence")
    effective_from = models.DateField()

    class Meta:
        ordering: ClassVar = ["-year", "cluster", "-effective_from", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cluster", "year", "effective_from"], name="interpreterbudget_once"),
        ]

    def __str__(self) -> str:
        return f"{self.cluster}, {self.year}: {self.pence}"


class SchoolContribution(models.Model):
    """What a school pays its Cluster for a financial year [G], as it was set on a day; the latest holds."""

    cluster = models.ForeignKey("clusters.Cluster", on_delete=models.PROTECT, related_name="contributions")
    school = models.ForeignKey("clusters.School", on_delete=models.PROTECT, related_name="contributions")
    year = models.PositiveSmallIntegerField("financial year", help_text="The year in whose April it begins.")
    pence = models.PositiveBigIntegerField("contribution in pence")
    effective_from = models.DateField()
    source = models.CharField("where the sum is from", max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-year", "school__name", "-effective_from", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["cluster", "school", "year", "effective_from"], name="schoolcontribution_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school}, {self.year}: {self.pence}"
