"""Meetings about a case, who was there, and the tasks that come of them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from cases.models.case import Case
from clusters.models import Cluster, User
from families.models import FamilyRecord, Person


class Forum(models.Model):
    """A Rethink Forum or a Progress and Planning meeting: a place to take several stuck cases [E].

    It holds nothing of any family: each case's part is a `CaseMeeting` of that case.
    """

    class Kind(models.TextChoices):
        RETHINK = "rethink", "Rethink Forum"
        PROGRESS = "progress", "Progress and Planning"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.RETHINK)
    held_at = models.DateTimeField()
    place = models.CharField(max_length=120, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["id", "cluster"], name="forum_in_cluster")]
        indexes: ClassVar = [models.Index(fields=["cluster", "-held_at"], name="forum_by_date")]

    def __str__(self) -> str:
        return self.get_kind_display()


class ForumAttendee(models.Model):
    """Somebody who is at a forum for all of its cases: one of us, or from outside by name and agency."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    forum = models.ForeignKey(Forum, on_delete=models.CASCADE, related_name="attendees")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120)
    agency = models.CharField(max_length=160, blank=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["forum", "name", "agency"], name="forumattendee_once")]

    def __str__(self) -> str:
        return f"{self.name}, {self.agency}" if self.agency else self.name


class CaseMeeting(FamilyRecord):
    """A team around the family (TAF) meeting, or another meeting about one case: planned ahead, then recorded.

    In a forum it is this case's part of it.
    """

    class Kind(models.TextChoices):
        TAF = "taf", "Team around the family (TAF)"
        FAMILY_GROUP = "family_group", "Family Group Conference"
        RETHINK = "rethink", "Rethink Forum"
        PROGRESS = "progress", "Progress and Planning"
        # Of the time before supervision had a record of its own; read, no longer written.
        SUPERVISION = "supervision", "Supervision"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="meetings", db_constraint=False)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.TAF)
    held_at = models.DateTimeField()
    place = models.CharField(max_length=120, blank=True, default="", db_default="")
    forum = models.ForeignKey(
        Forum, on_delete=models.PROTECT, null=True, blank=True, related_name="parts", db_constraint=False
    )
    follows = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by", db_constraint=False
    )
    purpose = models.TextField("what it is about", blank=True, default="", db_default="")
    attendees = models.TextField("who came, as one text: records of before", blank=True)
    child_voice = models.TextField("what the child said or wants said", blank=True, default="", db_default="")
    decisions = models.TextField(blank=True)
    # Of a Family Group Conference: the plan is the family's own, in its own words.
    referred_on = models.DateField("referred to the conference on", null=True, blank=True)
    family_plan = models.TextField("the family's own plan", blank=True, default="", db_default="")
    agreed_on = models.DateField("the plan was agreed on", null=True, blank=True)
    outcome = models.TextField(blank=True, default="", db_default="")
    recorded_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # Why a planned meeting was not held; then it is recorded too.
    not_held = models.CharField(max_length=300, blank=True, default="", db_default="")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        ordering: ClassVar = ["-held_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(recorded_at__isnull=True, recorded_by__isnull=True)
                | Q(recorded_at__isnull=False, recorded_by__isnull=False),
                name="casemeeting_recorded_at_by",
            ),
            models.CheckConstraint(
                condition=Q(kind="family_group")
                | Q(referred_on__isnull=True, family_plan="", agreed_on__isnull=True, outcome=""),
                name="casemeeting_words_of_a_conference",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["cluster", "held_at"], name="casemeeting_open", condition=Q(recorded_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def was_held(self) -> bool:
        return self.recorded_at is not None and not self.not_held

    @property
    def to_record(self) -> bool:
        """Its time has come and nobody has said what happened."""
        return self.recorded_at is None and self.held_at <= timezone.now()


class MeetingAttendee(FamilyRecord):
    """Who was asked to a meeting and who came: of the family, of ours, or from outside by name and agency.

    came: None until the meeting is recorded.
    """

    meeting = models.ForeignKey(CaseMeeting, on_delete=models.CASCADE, related_name="present", db_constraint=False)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120, blank=True)
    agency = models.CharField(max_length=160, blank=True)
    invited = models.BooleanField(default=False)
    came = models.BooleanField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["meeting", "person"], name="meetingattendee_person", condition=Q(person__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["meeting", "user"], name="meetingattendee_user", condition=Q(user__isnull=False)
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, user__isnull=True, name="")
                | Q(person__isnull=True, user__isnull=False, name="")
                | (Q(person__isnull=True, user__isnull=True) & ~Q(name="")),
                name="meetingattendee_is_somebody",
            ),
        ]

    def __str__(self) -> str:
        who = str(self.person or self.user or self.name)
        return f"{who}, {self.agency}" if self.agency else who


class Task(FamilyRecord):
    """An action on a case with an owner and a date, from a meeting or from the worker's own list.

    outside: who does it when that is nobody of ours; the owner then follows it.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks", db_constraint=False)
    meeting = models.ForeignKey(
        CaseMeeting, on_delete=models.PROTECT, null=True, blank=True, related_name="tasks", db_constraint=False
    )
    supervision_case = models.ForeignKey(
        "cases.SupervisionCase",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        db_constraint=False,
    )
    case_audit = models.ForeignKey(
        "cases.CaseAudit", on_delete=models.PROTECT, null=True, blank=True, related_name="tasks", db_constraint=False
    )
    what = models.CharField(max_length=300)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    outside = models.CharField(max_length=160, blank=True, default="", db_default="")
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["due_on"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="task_done_at_by",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "due_on"], name="task_open", condition=Q(done_at__isnull=True))
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def who(self) -> str:
        """Who does it, and for somebody outside who follows it."""
        return f"{self.outside} (followed by {self.owner.name})" if self.outside else self.owner.name
