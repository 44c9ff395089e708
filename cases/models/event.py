"""Group work, drop-ins and school consultations: sessions with a register of who came.

What is said here is of the Cluster and names no family. Whoever came of a family that is known is linked by rows of
that family, behind the same walls as its record; everybody else is counted.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from clusters.models import Cluster, School, User
from families.models import FamilyRecord, Person


class Event(models.Model):
    """What takes place: a group of several sessions, a drop-in or a consultation of one.

    starts_at, ends_at: when its first and its last session begin. Its words name no child and no family.
    """

    class Kind(models.TextChoices):
        GROUP = "group", "Group"
        DROP_IN = "drop_in", "Drop-in"
        CONSULTATION = "consultation", "School consultation"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    title = models.CharField(max_length=120)
    school = models.ForeignKey(School, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    place = models.CharField(max_length=120, blank=True)
    staff_by_role = models.CharField("which staff of the school, by role", max_length=300, blank=True)
    about = models.TextField("what it was about, without names", blank=True)
    children_discussed = models.PositiveSmallIntegerField(null=True, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_why = models.CharField(max_length=300, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["-starts_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "cluster"], name="event_in_cluster"),
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="event_dates_in_order"),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True, cancelled_why="")
                | (Q(cancelled_at__isnull=False, cancelled_by__isnull=False) & ~Q(cancelled_why="")),
                name="event_cancelled_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(kind="consultation") | Q(staff_by_role="", children_discussed__isnull=True),
                name="event_words_of_consultations",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["cluster", "-starts_at", "-id"], name="event_by_date")]

    def __str__(self) -> str:
        return self.title

    @property
    def takes_people(self) -> bool:
        """At a consultation children are counted, not named."""
        return self.kind != self.Kind.CONSULTATION


class EventLeader(models.Model):
    """One of ours who leads an event."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="leaders", db_constraint=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["user__name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["event", "user"], name="eventleader_once")]

    def __str__(self) -> str:
        return str(self.user)


class EventSession(models.Model):
    """One date of an event. others_adults, others_children: who came beside those that are linked.

    not_held: why it did not take place; then that is what is recorded of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+", db_index=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="sessions", db_constraint=False)
    held_at = models.DateTimeField()
    other_adults = models.PositiveSmallIntegerField(default=0)
    other_children = models.PositiveSmallIntegerField(default=0)
    recorded_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    not_held = models.CharField(max_length=300, blank=True, default="", db_default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["held_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "cluster"], name="eventsession_in_cluster"),
            models.UniqueConstraint(fields=["event", "held_at"], name="eventsession_once"),
            models.CheckConstraint(
                condition=Q(recorded_at__isnull=True, recorded_by__isnull=True, other_adults=0, other_children=0)
                | Q(recorded_at__isnull=False, recorded_by__isnull=False),
                name="eventsession_recorded_at_by",
            ),
            models.CheckConstraint(
                condition=Q(not_held="") | Q(recorded_at__isnull=False, other_adults=0, other_children=0),
                name="eventsession_not_held_came_nobody",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["cluster", "held_at"], name="eventsession_by_date")]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.held_at):%-d %B %Y}"

    @property
    def was_held(self) -> bool:
        return self.recorded_at is not None and not self.not_held

    @property
    def has_begun(self) -> bool:
        return self.held_at <= timezone.now()


class EventPerson(FamilyRecord):
    """Somebody of a known family who takes part in an event."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="people", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["event", "person"], name="eventperson_once")]

    def __str__(self) -> str:
        return str(self.person)


class EventAttendance(FamilyRecord):
    """A line of a register: whether somebody of a known family came to a session."""

    class Status(models.TextChoices):
        CAME = "came", "Came"
        DID_NOT = "did_not", "Did not come"
        APOLOGIES = "apologies", "Sent apologies"

    session = models.ForeignKey(EventSession, on_delete=models.CASCADE, related_name="lines", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    status = models.CharField(max_length=9, choices=Status.choices)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["session", "person"], name="eventattendance_once")]

    def __str__(self) -> str:
        return self.get_status_display()
