"""A request about records: what kind, from whom, when, what came of it; its words; when its clock stood still."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from clusters.models import User
from families.models import FamilyRecord, Person
from keeping.requests import clock


class RequestQuerySet(models.QuerySet):
    def open(self) -> QuerySet:
        return self.filter(status__in=RightsRequest.OPEN)


class RightsRequest(FamilyRecord):
    """What somebody asks for, in codes and dates: what is counted. The words stand apart, in `RequestWords`."""

    class Kind(models.TextChoices):
        ACCESS = "access", "A copy of what is held"
        RECTIFICATION = "rectification", "Something to put right"
        COMPLAINT = "complaint", "A complaint"

    class Asker(models.TextChoices):
        PERSON = "person", "The person themselves"
        PARENT = "parent", "A parent or carer, for a child"
        REPRESENTATIVE = "representative", "Somebody acting for them"
        OTHER = "other", "Somebody else"

    class Channel(models.TextChoices):
        IN_PERSON = "in_person", "In person"
        PHONE = "phone", "By phone"
        EMAIL = "email", "By e-mail"
        LETTER = "letter", "By letter or form"
        PAGE = "page", "On the family’s page or the website"

    class Status(models.TextChoices):
        OPEN = "open", "Being worked on"
        READING = "reading", "With the second reader"
        ANSWERED = "answered", "Answered"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Identity(models.TextChoices):
        KNOWN = "known", "Known to us, nothing to show"
        ASKED = "asked", "Asked for, not shown yet"
        SHOWN = "shown", "Shown"

    class Competence(models.TextChoices):
        ADULT = "adult", "An adult"
        ABLE = "able", "A child who understands what asking means"
        NOT_YET = "not_yet", "A child who is too young to ask alone"
        DOUBT = "doubt", "Not clear yet"

    class Outcome(models.TextChoices):
        WHOLE = "whole", "Everything was given"
        PART = "part", "Given, with parts withheld"
        NOTHING_HELD = "nothing_held", "Nothing is held"
        PUT_RIGHT = "put_right", "Put right"
        PART_RIGHT = "part_right", "Put right in part"
        NOT_RIGHT = "not_right", "Not changed"
        UPHELD = "upheld", "Upheld"
        PARTLY = "partly", "Upheld in part"
        NOT_UPHELD = "not_upheld", "Not upheld"

    class Stage(models.IntegerChoices):
        LOCAL = 1, "Stage 1: the Cluster answers"
        INVESTIGATION = 2, "Stage 2: somebody from outside the Cluster looks into it"
        REVIEW = 3, "Stage 3: review"

    OPEN = (Status.OPEN, Status.READING)
    OUTCOMES: ClassVar[dict[str, tuple[Outcome, ...]]] = {
        Kind.ACCESS: (Outcome.WHOLE, Outcome.PART, Outcome.NOTHING_HELD),
        Kind.RECTIFICATION: (Outcome.PUT_RIGHT, Outcome.PART_RIGHT, Outcome.NOT_RIGHT),
        Kind.COMPLAINT: (Outcome.UPHELD, Outcome.PARTLY, Outcome.NOT_UPHELD),
    }

    reference = models.CharField(max_length=24)
    kind = models.CharField(max_length=13, choices=Kind.choices)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="rights_requests", db_constraint=False, verbose_name="about whom"
    )
    asker = models.CharField("who asks", max_length=14, choices=Asker.choices)
    channel = models.CharField("how it came", max_length=9, choices=Channel.choices)
    received_on = models.DateField()
    identity = models.CharField(max_length=5, choices=Identity.choices, default=Identity.KNOWN)
    identity_on = models.DateField("identity shown on", null=True, blank=True)
    competence = models.CharField(max_length=7, choices=Competence.choices, blank=True)
    extended_on = models.DateField(null=True, blank=True)
    stage = models.PositiveSmallIntegerField(choices=Stage.choices, null=True, blank=True)
    stage_on = models.DateField("this stage since", null=True, blank=True)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.OPEN)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    in_time = models.BooleanField("answered in time", null=True, blank=True)
    handler = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name="who deals with it")
    sent_to_reader_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    logged_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-received_on", "-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["cluster", "status", "received_on"], name="rights_of_cluster"),
            models.Index(fields=["family"], name="rights_of_family"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cluster", "reference"], name="rights_reference_once"),
            models.CheckConstraint(
                condition=Q(status__in=["open", "reading"], ended_on__isnull=True, in_time__isnull=True)
                | Q(status__in=["answered", "refused", "withdrawn"], ended_on__isnull=False),
                name="rights_ended_has_date",
            ),
            models.CheckConstraint(
                condition=~Q(status="answered") | ~Q(outcome=""), name="rights_answered_has_outcome"
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("received_on")), name="rights_dates_in_order"
            ),
            models.CheckConstraint(
                condition=Q(identity="shown", identity_on__isnull=False) | ~Q(identity="shown"),
                name="rights_identity_shown_on",
            ),
            models.CheckConstraint(
                condition=Q(kind="complaint", stage__isnull=False, stage_on__isnull=False)
                | ~Q(kind="complaint") & Q(stage__isnull=True, stage_on__isnull=True),
                name="rights_stage_of_complaint",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @cached_property
    def waits(self) -> list[Pause]:
        return list(self.pauses.all())

    @property
    def is_paused(self) -> bool:
        return self.is_open and (self.identity == self.Identity.ASKED or any(p.ends_on is None for p in self.waits))

    @property
    def due_on(self) -> date:
        """The day by which it is answered. While the clock stands still it moves on with each day."""
        today = timezone.localdate()
        extra = settings.EXTRA_BANK_HOLIDAYS
        if self.kind == self.Kind.COMPLAINT:
            return clock.add_working(self.stage_on or self.received_on, settings.COMPLAINT_WORKING_DAYS, extra)
        shown = today if self.identity == self.Identity.ASKED and self.is_open else self.identity_on
        return clock.month_due(
            self.received_on,
            today=self.ended_on or today,
            identity_on=shown,
            pauses=[(pause.starts_on, pause.ends_on) for pause in self.waits],
            extended=self.extended_on is not None,
            extra=extra,
        )

    @property
    def days_left(self) -> int:
        return (self.due_on - timezone.localdate()).days

    @property
    def days_late(self) -> int:
        return -self.days_left

    @property
    def is_late(self) -> bool:
        return self.is_open and not self.is_paused and self.days_left < 0


class RequestWords(FamilyRecord):
    """What was asked and answered, in words, and the name of who asked."""

    request = models.OneToOneField(RightsRequest, on_delete=models.CASCADE, related_name="words", db_constraint=False)
    asker_name = models.CharField("name of who asks", max_length=120)
    asker_contact = models.CharField("how to reach them", max_length=200, blank=True)
    wanted = models.TextField("what they ask for")
    identity_how = models.CharField("how identity was shown", max_length=300, blank=True)
    responsibility_how = models.CharField("how responsibility or authority was shown", max_length=300, blank=True)
    extension_why = models.TextField("why more time is needed", blank=True)
    answer = models.TextField("what we answered", blank=True)
    statement = models.TextField("the person’s statement of disagreement", blank=True)
    learning = models.TextField("what we learnt", blank=True)

    class Meta:
        verbose_name = "words of a request"

    def __str__(self) -> str:
        return f"Words of {self.request_id}"


class Pause(FamilyRecord):
    """Days in which the clock stood still. `ends_on` is the first day on which it ran again."""

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="pauses", db_constraint=False)
    asked = models.CharField("what we asked", max_length=300)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["starts_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(ends_on__isnull=True), name="rights_one_open_pause"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="rights_pause_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.asked


class Told(FamilyRecord):
    """Somebody to whom the wrong data had been passed on, and when they were told [UK GDPR Art. 19]."""

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="told", db_constraint=False)
    who = models.CharField(max_length=160)
    told_on = models.DateField()
    told_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["told_on", "created_at"]

    def __str__(self) -> str:
        return self.who


class RequestLetter(FamilyRecord):
    """A letter of a request as it was written: acknowledged, extended, answered."""

    class About(models.TextChoices):
        RECEIVED = "received", "We have your request"
        CLARIFY = "clarify", "We need to know more"
        EXTENDED = "extended", "We need more time"
        ANSWERED = "answered", "Our answer"
        REFUSED = "refused", "We cannot do what you ask"

    request = models.ForeignKey(RightsRequest, on_delete=models.CASCADE, related_name="letters", db_constraint=False)
    about = models.CharField(max_length=9, choices=About.choices)
    body = models.TextField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.get_about_display()
