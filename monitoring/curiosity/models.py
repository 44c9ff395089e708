"""What the weekly check of looks found, by which rule, and what somebody made of it."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

from clusters.models import Cluster, User


class CuriosityRule(models.Model):
    """A kind of look that is asked about, with its thresholds: a manager sets them.

    at_least: how many looks (of “many in a row”: families) make a finding. at_most: of “same surname”, how many
    families of the Cluster may bear the name before it says nothing. from_time, to_time: the hours of work.
    """

    class Code(models.TextChoices):
        NO_RELATIONSHIP = "no_relationship", "Does not work with the family"
        SAME_NAME = "same_name", "Same surname as the reader"
        SAME_ADDRESS = "same_address", "Same address as the reader"
        OUT_OF_HOURS = "out_of_hours", "Out of hours, and does not work with the family"
        MANY = "many", "Many families in an hour"

    code = models.CharField(max_length=16, primary_key=True, choices=Code.choices)
    active = models.BooleanField(default=True)
    at_least = models.PositiveSmallIntegerField("at least so many")
    at_most = models.PositiveSmallIntegerField("families of that name at most", null=True, blank=True)
    from_time = models.TimeField("work begins at", null=True, blank=True)
    to_time = models.TimeField("work ends at", null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(at_least__gte=1), name="curiosityrule_at_least_one"),
        ]

    def __str__(self) -> str:
        return str(self.get_code_display())


class CuriosityRun(models.Model):
    """That the looks of a week at a Cluster's records were checked. How many there were, and what was found."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    week_starts_on = models.DateField()
    looks = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    checked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cluster", "week_starts_on"], name="curiosityrun_once"),
        ]

    def __str__(self) -> str:
        return f"{self.cluster}, week of {self.week_starts_on}"


class CuriosityFinding(models.Model):
    """Looks of one person in one week that one rule asks about. It holds the family's reference, never its name.

    family_key is plain, as in the looks themselves: a trace outlives what it is about. Empty for “many in a row”.
    """

    class Status(models.TextChoices):
        OPEN = "open", "To look at"
        EXPLAINED = "explained", "Explained"
        FOLLOW_UP = "follow_up", "To follow up"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    rule = models.ForeignKey(CuriosityRule, on_delete=models.PROTECT, related_name="findings")
    reader = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    family_key = models.UUIDField(null=True, blank=True)
    reference = models.CharField(max_length=24, blank=True)
    week_starts_on = models.DateField()
    number = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.OPEN)
    note = models.TextField(blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-week_starts_on", "reader__name", "pk"]
        indexes: ClassVar = [models.Index(fields=["cluster", "status", "-week_starts_on"], name="curiosity_to_look_at")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["cluster", "week_starts_on", "rule", "reader", "family_key"],
                name="curiosity_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(status="open", decided_by__isnull=True, decided_at__isnull=True)
                | ~Q(status="open") & ~Q(note="") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="curiosity_decided_with_a_note",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("reader")),
                name="curiosity_not_of_own_looks",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reader}: {self.rule}"

    @property
    def week_ends_on(self) -> date:
        return self.week_starts_on + timedelta(days=6)
