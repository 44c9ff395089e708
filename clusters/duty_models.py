"""Who is told of a risk of significant harm when the leader is not there. Named through `clusters.models`."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from clusters.querysets import DatedQuerySet

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Absence(models.Model):
    """Days on which somebody is away, the last one not included: the deputies are told instead."""

    user = models.ForeignKey("clusters.User", on_delete=models.CASCADE, related_name="absences")
    starts_on = models.DateField()
    ends_on = models.DateField()

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["starts_on"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="absence_dates_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.user} is away"


class DutyContact(models.Model):
    """Somebody beside the leaders who is told. Without a Cluster: the city's, for every Cluster.

    weekdays: 0 is Monday, the day on which the hours begin; empty means every day. Hours that end at or before they
    begin end on the next day. Without hours: all day.
    """

    class Kind(models.TextChoices):
        OUT_OF_HOURS = "out_of_hours", "Out-of-hours contact"
        DEPUTY = "deputy", "Deputy of the leader"
        EMERGENCY_TEAM = "emergency_team", "Emergency duty team of the city"

    cluster = models.ForeignKey(
        "clusters.Cluster", on_delete=models.CASCADE, null=True, blank=True, related_name="duty_contacts"
    )
    kind = models.CharField(max_length=16, choices=Kind.choices)
    user = models.ForeignKey("clusters.User", on_delete=models.CASCADE, null=True, blank=True, related_name="duty")
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    telephone = models.CharField(max_length=40, blank=True)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    from_time = models.TimeField(null=True, blank=True)
    to_time = models.TimeField(null=True, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["kind", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="duty_dates_in_order"
            ),
            models.CheckConstraint(condition=Q(user__isnull=False) | ~Q(email=""), name="duty_can_be_told"),
            models.CheckConstraint(
                condition=Q(from_time__isnull=True, to_time__isnull=True)
                | Q(from_time__isnull=False, to_time__isnull=False),
                name="duty_hours_together",
            ),
            models.CheckConstraint(
                condition=Q(kind="emergency_team", cluster__isnull=True)
                | ~Q(kind="emergency_team") & Q(cluster__isnull=False),
                name="duty_of_a_cluster_or_the_city",
            ),
        ]

    def __str__(self) -> str:
        return self.called

    @property
    def called(self) -> str:
        return self.name or (self.user.name if self.user else self.email)

    @property
    def hours(self) -> str:
        days = ", ".join(WEEKDAYS[day] for day in sorted(self.weekdays)) or "every day"
        return f"{days}, {self.from_time:%H:%M} to {self.to_time:%H:%M}" if self.from_time and self.to_time else days

    def on_duty(self, local: datetime) -> bool:
        """Whether these weekdays and hours hold at a moment in Europe/London; the dates are asked separately."""
        day, at = local.weekday(), local.time()
        if self.from_time is None or self.to_time is None:
            return not self.weekdays or day in self.weekdays
        if self.from_time < self.to_time:
            return (not self.weekdays or day in self.weekdays) and self.from_time <= at < self.to_time
        # Over midnight: the hours after it belong to the day before.
        begun = day if at >= self.from_time else (day - 1) % 7
        return (at >= self.from_time or at < self.to_time) and (not self.weekdays or begun in self.weekdays)
