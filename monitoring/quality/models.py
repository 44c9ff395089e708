"""Rules of data quality, what they found, and a score per Cluster and month."""

from __future__ import annotations

import uuid
from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from clusters.models import Cluster, User
from families.models import Family


class Severity(models.TextChoices):
    SEVERE = "severe", "Severe"
    MATTERS = "matters", "To put right"
    MINOR = "minor", "Minor"


class Owner(models.TextChoices):
    """Whose it is to put right."""

    WORKER = "worker", "The worker"
    LEADER = "leader", "The Cluster leader"
    MANAGER = "manager", "A manager"


class Rule(models.Model):
    """What is looked for, how grave it is and who puts it right. The check itself is code (`quality.checks`).

    weeks: after how many it counts, where the rule has a time.
    """

    code = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    why = models.CharField("why it matters", max_length=400)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    owner = models.CharField("who puts it right", max_length=8, choices=Owner.choices)
    weeks = models.PositiveSmallIntegerField("after how many weeks", null=True, blank=True)
    active = models.BooleanField("this rule is on", default=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["order", "code"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(weeks__isnull=True) | Q(weeks__range=(1, 52)), name="rule_weeks_1_52"),
        ]

    def __str__(self) -> str:
        return self.title


class FindingQuerySet(models.QuerySet):
    def open(self) -> FindingQuerySet:
        return self.filter(closed_at__isnull=True)

    def to_do(self, today: date | None = None) -> FindingQuerySet:
        """Open, and not set aside on that day."""
        today = today or timezone.localdate()
        return self.open().filter(Q(aside_until__isnull=True) | Q(aside_until__lt=today))


class Finding(models.Model):
    """Something to put right. It closes itself when that is done. It holds no name: a rule, references and a day.

    record_id: what it is about, so that it is found once; page_id and fix_id: the record's page and the form that puts
    it right. day: since when it is so. ask: whom to ask, where that is one person.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+", db_index=False)
    # None: it is about a worker, not about a family.
    family = models.ForeignKey(
        Family, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="findings")
    reference = models.CharField(max_length=60)
    record_id = models.CharField(max_length=36)
    page_id = models.CharField(max_length=36)
    fix_id = models.CharField(max_length=36)
    day = models.DateField()
    ask = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    aside_until = models.DateField("set aside until", null=True, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rule", "record_id"], name="finding_open_once", condition=Q(closed_at__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")), name="finding_dates_in_order"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["cluster", "rule"], name="finding_open", condition=Q(closed_at__isnull=True)),
            models.Index(fields=["family"], name="finding_of_family", condition=Q(closed_at__isnull=True)),
            models.Index(fields=["ask"], name="finding_to_ask", condition=Q(closed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id}: {self.reference}"

    @property
    def is_aside(self) -> bool:
        return self.aside_until is not None and self.aside_until >= timezone.localdate()


class SetAside(models.Model):
    """Why a finding was set aside, until when, by whom: free text, so apart from what managers count."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+", db_index=False)
    family = models.ForeignKey(
        Family, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="set_aside")
    reason = models.CharField(max_length=300)
    until = models.DateField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(reason=""), name="setaside_has_a_reason")]

    def __str__(self) -> str:
        return f"until {self.until}"


class QualityScore(models.Model):
    """A Cluster in a month: families in the work, and how many of them have no severe finding.

    Counted anew at each check while the month runs; it then stays. by_rule: rule's code -> findings to put right.
    """

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    month = models.DateField("first day of the month")
    records = models.PositiveIntegerField(default=0)
    without_severe = models.PositiveIntegerField(default=0)
    by_rule = models.JSONField(default=dict)
    checked_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["cluster", "month"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cluster", "month"], name="qualityscore_once_a_month"),
            models.CheckConstraint(condition=Q(without_severe__lte=F("records")), name="qualityscore_share"),
        ]

    def __str__(self) -> str:
        return f"{self.cluster_id}, {self.month:%B %Y}"
