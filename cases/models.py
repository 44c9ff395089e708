"""Casework: the case, its lead worker, services, plan, goals, scores, contacts, meetings."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from clusters.models import Cluster, Entitlement, Service, User
from families.models import FamilyRecord, Person
from referrals.models import Referral
from triage.models import Offer


class CaseStatus(models.TextChoices):
    OPEN = "open", "Open"
    CLOSING = "closing", "Waiting for sign-off"
    CLOSED = "closed", "Closed"


class CaseQuerySet(models.QuerySet):
    def open(self) -> CaseQuerySet:
        """Cases being worked on; one that waits for its sign-off is still open."""
        return self.exclude(status=CaseStatus.CLOSED)


class Case(FamilyRecord):
    """A family being helped. At most one open case per family (domain section 5)."""

    reference = models.CharField(max_length=24)
    status = models.CharField(max_length=8, choices=CaseStatus.choices, default=CaseStatus.OPEN)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    last_contact_on = models.DateField(null=True, blank=True)
    next_step = models.CharField(max_length=300, blank=True)
    next_step_on = models.DateField(null=True, blank=True)
    review_due_on = models.DateField(null=True, blank=True)
    imported = models.BooleanField(default=False)
    sessions_before = models.PositiveIntegerField("attended sessions known only as a number", default=0)
    version = models.PositiveIntegerField(default=1)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cluster", "reference"], name="case_reference_once"),
            models.UniqueConstraint(fields=["family"], name="case_one_open", condition=~Q(status="closed")),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")), name="case_dates_in_order"
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_on__isnull=False)
                | (~Q(status="closed") & Q(closed_on__isnull=True)),
                name="case_closed_has_date",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["cluster", "-opened_on", "-id"], name="case_by_date"),
            models.Index(fields=["-opened_on", "-id"], name="case_city_by_date"),
        ]

    def __str__(self) -> str:
        return self.reference


class CaseReferral(FamilyRecord):
    """Several referrals may lead to one case: siblings, re-referrals while it is open."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="case_referrals", db_constraint=False)
    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="case_link", db_constraint=False)

    class Meta:
        pass

    def __str__(self) -> str:
        return f"{self.referral_id} in {self.case_id}"


class LeadWorker(FamilyRecord):
    """Who holds the plan, from when to when. Exactly one at any moment [E]."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="lead_workers", db_constraint=False)
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="leads_cases")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    handover = models.TextField("what the next worker must know", blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case"], name="leadworker_one_live", condition=Q(ends_on__isnull=True)),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="leadworker_dates_in_order"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["worker"], name="leadworker_live", condition=Q(ends_on__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.worker_id} leads {self.case_id}"


class CaseService(FamilyRecord):
    """A service a case has, with its worker and the entitlement it began under."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        ENDED = "ended", "Ended"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="services", db_constraint=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    offer = models.OneToOneField(
        Offer, on_delete=models.PROTECT, null=True, blank=True, related_name="taken_up", db_constraint=False
    )
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="case_services")
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ACTIVE)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="caseservice_dates_in_order"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["worker"], name="caseservice_live", condition=Q(status="active"))]

    def __str__(self) -> str:
        return f"{self.service_id} in {self.case_id}"


class Plan(FamilyRecord):
    """The next steps agreed with the family. One live plan per case [E][P]."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="plan", db_constraint=False)
    agreed_on = models.DateField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        pass

    def __str__(self) -> str:
        return f"Plan of {self.case_id}"


class GoalStatus(models.TextChoices):
    LIVE = "live", "Live"
    ACHIEVED = "achieved", "Achieved"
    CHANGED = "changed", "Changed"
    DROPPED = "dropped", "Dropped"


SCORE = [MinValueValidator(0), MaxValueValidator(10)]


class Goal(FamilyRecord):
    """What is to be different, in the family's words. At most three are live [P]; scores are 0 to 10."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="goals", db_constraint=False)
    # The place among the live goals, 1 to 3: the database can hold no fourth.
    position = models.PositiveSmallIntegerField()
    words = models.CharField("in the family's words", max_length=300)
    different = models.TextField("what will be different", blank=True)
    whose = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    baseline = models.PositiveSmallIntegerField(validators=SCORE, null=True, blank=True)
    target = models.PositiveSmallIntegerField(validators=SCORE, null=True, blank=True)
    status = models.CharField(max_length=8, choices=GoalStatus.choices, default=GoalStatus.LIVE)
    ended_on = models.DateField(null=True, blank=True)
    ended_reason = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["position", "created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "position"], name="goal_live_places", condition=Q(status="live")),
            models.CheckConstraint(condition=Q(position__range=(1, 3)), name="goal_at_most_three"),
            models.CheckConstraint(
                condition=Q(baseline__isnull=True) | Q(baseline__range=(0, 10)), name="goal_baseline_0_10"
            ),
            models.CheckConstraint(
                condition=Q(target__isnull=True) | Q(target__range=(0, 10)), name="goal_target_0_10"
            ),
            models.CheckConstraint(
                condition=Q(status="live", ended_on__isnull=True) | (~Q(status="live") & Q(ended_on__isnull=False)),
                name="goal_ended_has_date",
            ),
        ]

    def __str__(self) -> str:
        return self.words


class GoalAction(FamilyRecord):
    """Who does what by when."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="actions", db_constraint=False)
    what = models.CharField(max_length=300)
    who = models.CharField(max_length=120)
    by_when = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["created_at"]

    def __str__(self) -> str:
        return self.what


class GoalAgreement(FamilyRecord):
    """Whether a named member of the family agrees with a goal, or the disagreement in words [E]."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="agreements", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    agrees = models.BooleanField()
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["goal", "person"], name="goalagreement_once")]

    def __str__(self) -> str:
        return "agrees" if self.agrees else "does not agree"


class Attendance(models.TextChoices):
    ATTENDED = "attended", "Attended"
    CANCELLED_FAMILY = "cancelled_family", "Cancelled by the family"
    CANCELLED_SERVICE = "cancelled_service", "Cancelled by the service"
    NOT_ATTENDED = "not_attended", "Not attended"


class Contact(FamilyRecord):
    """That a contact took place: when, what kind, who was there. Its text is a ContactNote.

    With a `case_service` it is a session of that service and counts against the entitlement.
    """

    class Kind(models.TextChoices):
        HOME_VISIT = "home_visit", "Home visit"
        SCHOOL_VISIT = "school_visit", "School visit"
        PHONE = "phone", "Phone"
        VIDEO = "video", "Video"
        SESSION = "session", "Session"
        MEETING = "meeting", "Meeting"
        MESSAGE = "message", "Message"
        ACCOMPANIED = "accompanied", "Accompanied to another service"

    class SessionKind(models.TextChoices):
        ASSESSMENT = "assessment", "Assessment"
        INTERVENTION = "intervention", "Intervention"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="contacts", db_constraint=False)
    case_service = models.ForeignKey(
        CaseService, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions", db_constraint=False
    )
    session_kind = models.CharField(max_length=12, choices=SessionKind.choices, blank=True)
    attendance = models.CharField(max_length=18, choices=Attendance.choices, default=Attendance.ATTENDED)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    child_seen = models.BooleanField(null=True, blank=True)
    interpreter_language = models.CharField(max_length=60, blank=True)
    professionals = models.CharField("professionals who were there", max_length=300, blank=True)
    private = models.BooleanField(default=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["case", "-at", "-id"], name="contact_of_case"),
            models.Index(fields=["cluster", "-at"], name="contact_by_date"),
            models.Index(fields=["author", "-at"], name="contact_by_author"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class ContactNote(FamilyRecord):
    """The text of a contact, and additions to it. Therapy notes are read by author and supervisor alone.

    A note is never silently changed: within `CORRECT_HOURS` its author corrects it (history keeps the
    earlier text), later a correction is another note of the same contact.
    """

    CORRECT_HOURS: ClassVar = 24

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="notes", db_constraint=False)
    text = models.TextField(blank=True)
    child_said = models.TextField(blank=True)
    private = models.BooleanField(default=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["created_at"]
        indexes: ClassVar = [models.Index(fields=["contact", "created_at"], name="note_of_contact")]

    def __str__(self) -> str:
        return f"Note of {self.contact_id}"


class ContactPerson(FamilyRecord):
    """A member of the family who was there."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="people", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_constraint=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["contact", "person"], name="contactperson_once")]

    def __str__(self) -> str:
        return f"{self.person_id}"


class GoalScore(FamilyRecord):
    """A score of 0 to 10 for a goal on a day: at a contact, or a baseline."""

    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="scores", db_constraint=False)
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="scores", db_constraint=False
    )
    score = models.PositiveSmallIntegerField(validators=SCORE)
    scored_on = models.DateField()

    class Meta:
        ordering: ClassVar = ["scored_on", "created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(score__range=(0, 10)), name="goalscore_0_10"),
            models.UniqueConstraint(fields=["goal", "contact"], name="goalscore_once_a_contact"),
        ]

    def __str__(self) -> str:
        return str(self.score)


class Review(FamilyRecord):
    """A review of the plan: when, who took part, what was decided."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="reviews", db_constraint=False)
    reviewed_on = models.DateField()
    took_part = models.CharField(max_length=300, blank=True)
    decisions = models.TextField(blank=True)
    next_due_on = models.DateField(null=True, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-reviewed_on"]

    def __str__(self) -> str:
        return f"Review of {self.reviewed_on}"


class CaseMeeting(FamilyRecord):
    """A team around the family (TAF) meeting, or another meeting about one case."""

    class Kind(models.TextChoices):
        TAF = "taf", "Team around the family (TAF)"
        RETHINK = "rethink", "Rethink Forum"
        PROGRESS = "progress", "Progress and Planning"
        SUPERVISION = "supervision", "Supervision"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="meetings", db_constraint=False)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.TAF)
    held_at = models.DateTimeField()
    attendees = models.TextField("who came, and from where", blank=True)
    decisions = models.TextField(blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-held_at"]

    def __str__(self) -> str:
        return self.get_kind_display()


class Task(FamilyRecord):
    """An action on a case with an owner and a date, from a meeting or from the worker's own list."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks", db_constraint=False)
    meeting = models.ForeignKey(
        CaseMeeting, on_delete=models.PROTECT, null=True, blank=True, related_name="tasks", db_constraint=False
    )
    what = models.CharField(max_length=300)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
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


class Extension(FamilyRecord):
    """More of a service than its entitlement: asked for with a reason, approved or refused by the leader."""

    class Status(models.TextChoices):
        ASKED = "asked", "Asked for"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"

    case_service = models.ForeignKey(
        CaseService, on_delete=models.PROTECT, related_name="extensions", db_constraint=False
    )
    weeks = models.PositiveSmallIntegerField()
    reason = models.TextField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ASKED)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="extension_answered_at_by",
            ),
        ]

    def __str__(self) -> str:
        return self.get_status_display()


class FamilyLink(models.Model):
    """The family's private link: a digest of the token and of the code told apart from it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    family = models.ForeignKey("families.Family", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="family_links", db_constraint=False)
    token_digest = models.CharField(max_length=64, unique=True)
    code_digest = models.CharField(max_length=128)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_on = models.DateField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Link of {self.case_id}"
