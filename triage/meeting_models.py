"""Meetings: the pattern that repeats them, school holidays, who is there, the agenda, what was agreed."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from clusters.models import Cluster, User
from families.models import FamilyRecord
from referrals.models import Referral


class MeetingKind(models.TextChoices):
    SCREENING = "screening", "Screening meeting"
    PANEL = "panel", "Guidance and Support panel"


class SchoolHoliday(models.Model):
    """Days without school, both ends included. `cluster` is empty for those of the whole authority."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=80)
    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day")
    source = models.CharField(max_length=200, blank=True)
    withdrawn = models.BooleanField("no longer holds", default=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["starts_on"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="holiday_dates_in_order"),
            models.UniqueConstraint(fields=["cluster", "starts_on"], name="holiday_once", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return self.name


class MeetingPattern(models.Model):
    """How a meeting repeats: each week on a weekday, or on its first, second, … or last one of the month [P]."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, "Monday"
        TUESDAY = 1, "Tuesday"
        WEDNESDAY = 2, "Wednesday"
        THURSDAY = 3, "Thursday"
        FRIDAY = 4, "Friday"

    class WeekOfMonth(models.IntegerChoices):
        FIRST = 1, "First"
        SECOND = 2, "Second"
        THIRD = 3, "Third"
        FOURTH = 4, "Fourth"
        LAST = 5, "Last"

    class OnHoliday(models.TextChoices):
        SKIP = "skip", "It is not held"
        MOVE = "move", "It moves to the same weekday after the holiday"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=MeetingKind.choices, default=MeetingKind.SCREENING)
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    week_of_month = models.PositiveSmallIntegerField(choices=WeekOfMonth.choices, null=True, blank=True)
    time = models.TimeField()
    place = models.CharField(max_length=120, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    on_holiday = models.CharField(max_length=4, choices=OnHoliday.choices, default=OnHoliday.SKIP)
    version = models.PositiveIntegerField(default=1)
    # When its meetings were last made; the sweep comes back when this is old, or older than a change.
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["kind", "weekday", "time"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="pattern_dates_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.in_words}"

    @property
    def in_words(self) -> str:
        """“every Monday at 09:30”, “on the first Thursday of the month at 13:00”."""
        day = self.get_weekday_display()
        at = f"at {self.time:%H:%M}"
        if self.week_of_month is None:
            return f"every {day} {at}"
        return f"on the {self.get_week_of_month_display().lower()} {day} of the month {at}"


class Meeting(models.Model):
    """A weekly screening meeting or a monthly Guidance and Support panel [P]."""

    Kind = MeetingKind

    class Status(models.TextChoices):
        PLANNED = "planned", "Planned"
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"
        SKIPPED = "skipped", "Not held"

    # A guest sees the agenda from an hour before until a day after (domain section 5).
    GUEST_BEFORE: ClassVar = timedelta(hours=1)
    GUEST_AFTER: ClassVar = timedelta(days=1)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.SCREENING)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PLANNED)
    starts_at = models.DateTimeField()
    place = models.CharField(max_length=120, blank=True)
    # The day on which its pattern gave it, also when it was moved since: so none is made twice.
    pattern = models.ForeignKey(
        MeetingPattern, on_delete=models.PROTECT, null=True, blank=True, related_name="meetings"
    )
    planned_for = models.DateField(null=True, blank=True)
    # Why it is not held, or from which day it was moved.
    note = models.CharField(max_length=200, blank=True, default="", db_default="")
    # Changed by a person: the pattern leaves it alone from then on.
    by_hand = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "cluster"], name="meeting_in_cluster"),
            models.UniqueConstraint(fields=["pattern", "planned_for"], name="meeting_once_per_day_of_pattern"),
            models.CheckConstraint(
                condition=Q(pattern__isnull=True, planned_for__isnull=True)
                | Q(pattern__isnull=False, planned_for__isnull=False),
                name="meeting_pattern_and_day",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["cluster", "-starts_at"], name="meeting_by_date")]

    def __str__(self) -> str:
        return self.get_kind_display()


class Attendee(models.Model):
    """Who was at a meeting, with agency. A guest with a sign-in reads the agenda in its window."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendees")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120)
    agency = models.CharField(max_length=160, blank=True)
    # Taken over from the meeting before; whoever runs the meeting sees it and can take them off.
    remembered = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["meeting", "name", "agency"], name="attendee_once")]

    def __str__(self) -> str:
        return self.name


class AgendaItem(FamilyRecord):
    """A referral on the agenda of a meeting. Deferred with a reason, it stands on the next one."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="agenda_items", db_constraint=False)
    position = models.PositiveIntegerField()
    deferred_reason = models.TextField(blank=True)
    deferred_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    deferred_at = models.DateTimeField(null=True, blank=True)
    # The kind of meeting it waits for; empty for whichever comes next.
    deferred_to = models.CharField(max_length=10, choices=MeetingKind.choices, blank=True, default="", db_default="")

    class Meta:
        ordering: ClassVar = ["position", "created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["meeting", "referral"], name="agendaitem_once"),
            models.CheckConstraint(
                condition=Q(deferred_at__isnull=True, deferred_by__isnull=True)
                | Q(deferred_at__isnull=False, deferred_by__isnull=False),
                name="agendaitem_deferred_at_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.referral_id}"


class Action(models.Model):
    """Something agreed at a meeting, with an owner and a date."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="actions")
    text = models.CharField(max_length=300)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["due_on"]

    def __str__(self) -> str:
        return self.text
