"""Clinical supervision, counters of references, keys of programs. Other models are named by strings."""

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
