"""How families come to us."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from cluster_ehs.core.figures import age_in_years
from clusters.models import Cluster, NeedLevel, School, Term, User
from families.models import Family, FamilyRecord, Person
from referrals.public.models import ConfirmedText, CorrectedText, PublicDraft

__all__ = [
    "Agreed",
    "Channel",
    "ConfirmedText",
    "CorrectedText",
    "Intake",
    "IntakeReject",
    "IntakeVersion",
    "PublicDraft",
    "Referral",
    "ReferralQuerySet",
    "ReferralReason",
    "Status",
    "Story",
]


class Channel(models.TextChoices):
    ONLINE = "online", "Online form"
    SPA = "spa", "MindMate SPA"
    POLICE = "police", "Police notification"
    CSWS = "csws", "Hand-down from CSWS"
    PHONE = "phone", "Telephone"
    PAPER = "paper", "Paper or e-mail"
    IMPORTED = "imported", "Imported sheet"


class Status(models.TextChoices):
    TO_SCREEN = "to_screen", "To screen"
    DECIDED = "decided", "Decided"
    ENDED = "ended", "Ended"


class Agreed(models.TextChoices):
    YES = "yes", "The family knows and agrees"
    KNOWS = "knows", "The family knows but has not agreed yet"
    NO = "no", "The family does not know"
    UNKNOWN = "unknown", "Not known"


class ReferralQuerySet(models.QuerySet):
    def to_screen(self) -> ReferralQuerySet:
        return self.filter(status=Status.TO_SCREEN)


class Referral(FamilyRecord):
    """One child named to one Cluster. Received date and the age on that day count in the tables [E 3.1.1]."""

    reference = models.CharField(max_length=60)
    child = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="referrals", db_constraint=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.TO_SCREEN)
    received_on = models.DateField()
    school = models.ForeignKey(School, on_delete=models.PROTECT, null=True, blank=True, related_name="referrals")
    year_group = models.CharField(max_length=4, blank=True)
    route = models.ForeignKey(
        Term, on_delete=models.PROTECT, related_name="+", limit_choices_to={"vocabulary": "route"}
    )
    channel = models.CharField(max_length=10, choices=Channel.choices)
    age_given = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Age at referral in years, used only while the birth date is unknown."
    )
    referrer_name = models.CharField(max_length=120, blank=True)
    referrer_role = models.CharField(max_length=120, blank=True)
    referrer_organisation = models.CharField(max_length=160, blank=True)
    referrer_telephone = models.CharField(max_length=40, blank=True)
    referrer_email = models.EmailField(blank=True)
    attendance_percent = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    agreed = models.CharField(max_length=10, choices=Agreed.choices, default=Agreed.UNKNOWN)
    agreed_by = models.CharField(max_length=120, blank=True)
    agreed_on = models.DateField(null=True, blank=True)
    agreed_how = models.CharField(max_length=120, blank=True)
    harm_flagged_at = models.DateTimeField(null=True, blank=True)
    harm_flagged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    need_level = models.ForeignKey(NeedLevel, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    override_reason = models.TextField("why the Cluster takes a child of another school", blank=True)
    override_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    imported = models.BooleanField(default=False)
    form = models.UUIDField(null=True, blank=True, help_text="The same for brothers and sisters whom one form named.")
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cluster", "reference"], name="referral_reference_once"),
            models.CheckConstraint(
                condition=Q(attendance_percent__isnull=True) | Q(attendance_percent__range=(0, 100)),
                name="referral_attendance_percent",
            ),
            models.CheckConstraint(
                # What came from outside was flagged by nobody who has a sign-in.
                condition=Q(harm_flagged_by__isnull=True) | Q(harm_flagged_at__isnull=False),
                name="referral_harm_flagged_at_by",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["cluster", "-received_on", "-id"], name="referral_by_date"),
            models.Index(
                fields=["cluster", "received_on", "id"], name="referral_to_screen", condition=Q(status="to_screen")
            ),
            models.Index(fields=["-received_on", "-id"], name="referral_city_by_date"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def age_at_referral(self) -> int | None:
        """Years on the day of referral; the age that was given only while the birth date is unknown."""
        born = self.child.birth_date
        return age_in_years(born, self.received_on) if born else self.age_given


class Story(models.Model):
    """The free text of a referral, apart from the rest: figures are counted without it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+", db_index=False)
    family = models.ForeignKey("families.Family", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    referral = models.OneToOneField(Referral, on_delete=models.CASCADE, related_name="story", db_constraint=False)
    worrying = models.TextField(blank=True)
    tried = models.TextField(blank=True)
    going_well = models.TextField(blank=True)
    family_wants = models.TextField(blank=True)
    child_says = models.TextField("the child's own words", blank=True)
    lives_at_home = models.TextField(blank=True)
    who_else_helps = models.TextField(blank=True)
    visiting_risks = models.TextField(blank=True)
    notes = models.TextField(blank=True)
    as_imported = models.JSONField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "stories"

    def __str__(self) -> str:
        return f"Story of {self.referral_id}"


class ReferralReason(models.Model):
    """A reason for intervention [E Tables 9, 10]: a category, with or without a sub-reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+", db_index=False)
    family = models.ForeignKey("families.Family", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="reasons", db_constraint=False)
    category = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+")
    reason = models.ForeignKey(Term, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["referral", "category", "reason"], name="reason_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category}: {self.reason}" if self.reason_id else str(self.category)


class Intake(models.Model):
    """Something that came in from outside and is not yet held against the families that are known.

    The public form and the feeds (police, MindMate SPA, CSWS) put what they were given here as it was given; a person
    of the Cluster links it to a child or makes the child new. Nothing is made twice: (source, external_id) is unique.
    Contract of `payload` and the ways to write one: `referrals/intake.py`.
    """

    class Source(models.TextChoices):
        ONLINE = "online", "Online form"
        POLICE = "police", "Police notification"
        SPA = "spa", "MindMate SPA"
        CSWS = "csws", "Hand-down from CSWS"

    class State(models.TextChoices):
        NEW = "new", "To match"
        LINKED = "linked", "Made into a referral"
        DISCARDED = "discarded", "Set aside"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(
        Cluster, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="None while not known."
    )
    family = models.ForeignKey(Family, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False)
    referral = models.OneToOneField(
        Referral, on_delete=models.PROTECT, null=True, related_name="intake", db_constraint=False
    )
    source = models.CharField(max_length=10, choices=Source.choices)
    external_id = models.CharField(
        max_length=120, help_text="The sender's own name for it: a second delivery makes no second entry."
    )
    reference = models.CharField(max_length=20, db_index=True, help_text="What the sender is told and may quote.")
    school = models.ForeignKey(School, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    payload = models.JSONField(default=dict)
    language = models.CharField(max_length=12, default="en", help_text="The language that the form was filled in.")
    harm = models.BooleanField("the sender fears significant harm", default=False)
    proven = models.BooleanField("the sender can be reached at the address given", default=True)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    reason = models.TextField("why it was set aside", blank=True)
    acted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    acted_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True, help_text="When the sender last changed it.")
    to_look_at = models.BooleanField("changed after it became a referral", default=False)
    looked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "external_id"], name="intake_once_per_source"),
            models.CheckConstraint(
                condition=Q(state="linked", referral__isnull=False, family__isnull=False)
                | ~Q(state="linked") & Q(referral__isnull=True, family__isnull=True),
                name="intake_linked_has_referral",
            ),
            models.CheckConstraint(condition=~Q(state="discarded") | ~Q(reason=""), name="intake_discarded_has_reason"),
            models.CheckConstraint(
                condition=Q(acted_by__isnull=True, acted_at__isnull=True)
                | Q(acted_by__isnull=False, acted_at__isnull=False),
                name="intake_acted_at_by",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["cluster", "received_at", "id"], name="intake_to_match", condition=Q(state="new")),
            models.Index(fields=["cluster", "changed_at"], name="intake_to_look_at", condition=Q(to_look_at=True)),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_restricted(self) -> bool:
        """The sender says that somebody who works here must not read it."""
        return self.payload.get("restricted") is True


class IntakeVersion(models.Model):
    """What an entry said before its sender changed it. Written by the database alone, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    intake = models.ForeignKey(Intake, on_delete=models.PROTECT, related_name="versions")
    payload = models.JSONField()
    harm = models.BooleanField(default=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField()
    replaced_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["intake", "-replaced_at"], name="intakeversion_of_intake")]

    def __str__(self) -> str:
        return f"{self.intake_id}, until {self.replaced_at:%Y-%m-%d}"


class IntakeReject(models.Model):
    """A row of a file from outside that could not be taken: its reasons and its text as it stood there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    source = models.CharField(max_length=10, choices=Intake.Source.choices)
    file_name = models.CharField(max_length=200)
    row_number = models.PositiveIntegerField()
    reasons = models.JSONField()
    original = models.JSONField()
    digest = models.CharField(max_length=64, unique=True, help_text="Of the source and the text: once however often.")
    received_at = models.DateTimeField()
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["received_at", "row_number"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(settled_by__isnull=True, settled_at__isnull=True)
                | Q(settled_by__isnull=False, settled_at__isnull=False),
                name="intakereject_settled_at_by",
            ),
        ]

    def __str__(self) -> str:
        return f"Row {self.row_number} of {self.file_name}"
