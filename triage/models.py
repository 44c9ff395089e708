"""Decisions; what was offered, what was passed on, and how a referral ended."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from cluster_ehs.core.figures import weeks_between
from clusters.models import NeedLevel, PartnerService, Service, Term, User
from families.models import FamilyRecord, Person
from referrals.models import Referral
from triage.hand_down_models import HandDown
from triage.letter_models import Audience, Letter, MessageTemplate
from triage.meeting_models import Action, AgendaItem, Attendee, Meeting, MeetingKind, MeetingPattern, SchoolHoliday
from triage.question_models import Question

__all__ = [
    "RESPONSES_PASSED_ON",
    "RESPONSES_WITH_SERVICE",
    "TRIAGE_OUTCOMES",
    "Action",
    "AgendaItem",
    "Attendee",
    "Audience",
    "Decision",
    "Ending",
    "EndingOutcome",
    "HandDown",
    "HarmAnswer",
    "Letter",
    "Meeting",
    "MeetingKind",
    "MeetingPattern",
    "MessageTemplate",
    "Offer",
    "Outcome",
    "PassingOn",
    "Question",
    "Response",
    "SchoolHoliday",
    "StepUp",
]


class Response(models.TextChoices):
    """Response to the referral, exactly one per referral [E Table 12]."""

    SERVICE = "service", "Service received"
    PASSED_ON = "passed_on", "Triaged and passed to other services"
    SERVICE_AND_PASSED_ON = "service_and_passed_on", "Service received and triaged for another service"
    NO_ACTION = (
        "no_action",
        "No action: simultaneous referral to another service, or held after finishing with another service",
    )
    NO_SUPPORT = "no_support", "No support appropriate or available due to staffing issues"
    REFUSED = "refused", "Support refused"
    OTHER = "other", "Other (unclear or missing information)"


RESPONSES_WITH_SERVICE = frozenset({Response.SERVICE, Response.SERVICE_AND_PASSED_ON})
RESPONSES_PASSED_ON = frozenset({Response.PASSED_ON, Response.SERVICE_AND_PASSED_ON})


class Outcome(models.TextChoices):
    """Outcomes at the ending, one or several [E Table 13]."""

    # As the publication prints it, for sheets that do not say which of the three.
    COMPLETED = "completed", "Service completed (needs met in full or in part; NFA)"
    COMPLETED_FULL = "completed_full", "Service completed: needs met in full"
    COMPLETED_PART = "completed_part", "Service completed: needs met in part"
    COMPLETED_NFA = "completed_nfa", "Service completed: no further action"
    UNSUITABLE = "unsuitable", "Support unsuitable, no role for the Cluster, or case on hold"
    PASSED_ON = "passed_on", "Passed to other services at closure"
    FAMILY = "family", "Actions of the family (disengaged, unable to commit, declined, no contact)"
    STAFFING = "staffing", "Changes in staffing or provision within the Cluster"
    MOVED = "moved", "Child moved out of the Cluster"
    UNRESOLVED = "unresolved", "Other substantial unresolved issues (safeguarding; legal action for attendance)"


# What an ending at triage, or before the service began, can carry: nothing was completed.
TRIAGE_OUTCOMES = frozenset(
    {Outcome.UNSUITABLE, Outcome.PASSED_ON, Outcome.FAMILY, Outcome.STAFFING, Outcome.MOVED, Outcome.UNRESOLVED}
)


class Decision(FamilyRecord):
    """The response to one referral: with rationale, who, when and where. Fixed once made."""

    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="decision", db_constraint=False)
    response = models.CharField(max_length=24, choices=Response.choices)
    rationale = models.TextField(blank=True)
    need_level = models.ForeignKey(NeedLevel, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_on = models.DateField()
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["cluster", "-decided_on"], name="decision_by_date")]

    def __str__(self) -> str:
        return self.get_response_display()


class Offer(FamilyRecord):
    """A service offered by a decision. Until it is taken up, it is a place on the waiting list."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ALLOCATED = "allocated", "Allocated"
        STARTED = "started", "Started"
        WITHDRAWN = "withdrawn", "Ended before it began"

    class Priority(models.IntegerChoices):
        URGENT = 1, "Urgent"
        HIGH = 2, "High"
        ROUTINE = 3, "Routine"

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="offers", db_constraint=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.ROUTINE)
    waiting_since = models.DateField()
    wait_reason = models.ForeignKey(Term, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # Waiting ends with the first attended contact or session of that service (domain section 5).
    started_on = models.DateField(null=True, blank=True)
    # When somebody is to ask again how the family is; empty until the first check-in.
    next_check_on = models.DateField(null=True, blank=True)

    ALARM_WEEKS: ClassVar = 8

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["decision", "service", "person"], name="offer_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=Q(started_on__isnull=True) | Q(started_on__gte=F("waiting_since")),
                name="offer_dates_in_order",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["cluster", "service", "priority", "waiting_since"],
                name="offer_waiting",
                condition=Q(status="waiting"),
            ),
            models.Index(
                fields=["cluster", "service", "started_on"],
                name="offer_starts",
                condition=Q(started_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} ({self.get_status_display()})"

    def weeks_waited(self, today: date) -> int:
        return weeks_between(self.waiting_since, self.started_on or today) or 0


class CheckIn(FamilyRecord):
    """Somebody rang a family that waits: who, with whom, what was said, when next."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="check_ins", db_constraint=False)
    checked_on = models.DateField()
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reached = models.BooleanField("somebody of the family was reached")
    spoke_with = models.CharField(max_length=120, blank=True)
    said = models.TextField()
    # Told where they stand: that they wait, for what, and for how long it may be.
    told = models.BooleanField("the family was told where it stands", default=False)
    next_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["offer", "-checked_on"], name="checkin_of_offer")]

    def __str__(self) -> str:
        return f"Check-in of {self.checked_on}"


class PassingOn(FamilyRecord):
    """A referral passed to a partner service, and what became of it."""

    class Status(models.TextChoices):
        SENT = "sent", "Sent"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        OUTCOME_KNOWN = "outcome_known", "Outcome known"
        BACK = "back", "Back to the Cluster"

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="passed_on", db_constraint=False)
    partner = models.ForeignKey(PartnerService, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=14, choices=Status.choices, default=Status.SENT)
    sent_on = models.DateField()
    sent_what = models.CharField("what was sent", max_length=200, blank=True, db_default="")
    # The day by which something should be heard: at first from the partner's setting, later from the last chase.
    news_due_on = models.DateField(null=True, blank=True)
    return_expected = models.BooleanField(default=False)
    known_on = models.DateField(null=True, blank=True)
    outcome = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["decision", "partner"], name="passingon_once")]
        indexes: ClassVar = [models.Index(fields=["cluster", "status", "sent_on"], name="passingon_by_status")]

    def __str__(self) -> str:
        return f"{self.partner_id}: {self.get_status_display()}"

    @property
    def awaited(self) -> bool:
        """The partner is expected to hand back and has not said what became of it: no ending yet."""
        return self.return_expected and self.status in {self.Status.SENT, self.Status.ACCEPTED}


class Chase(FamilyRecord):
    """A partner service was asked for news: when, by whom, what they said, when to ask again."""

    passing_on = models.ForeignKey(PassingOn, on_delete=models.CASCADE, related_name="chases", db_constraint=False)
    chased_on = models.DateField()
    chased_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    said = models.TextField()
    next_on = models.DateField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["passing_on", "-chased_on"], name="chase_of_passingon")]

    def __str__(self) -> str:
        return f"Chase of {self.chased_on}"


class StepUp(FamilyRecord):
    """A concern of significant harm taken to Children's Social Work Services: when, who, reference."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="step_ups", db_constraint=False)
    stepped_up_at = models.DateTimeField()
    stepped_up_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    taken_by = models.CharField("name at CSWS", max_length=120)
    csws_reference = models.CharField(max_length=60, blank=True)
    # Of a flag before the present one: the same child was flagged again afterwards.
    superseded = models.BooleanField(default=False, db_default=False)

    class Meta:
        pass

    def __str__(self) -> str:
        return f"Step-up of {self.referral_id}"


class HarmAnswer(FamilyRecord):
    """What somebody who was told of a risk of significant harm did: saw to it, or says why no step-up is needed."""

    class Kind(models.TextChoices):
        SEEN = "seen", "Is seeing to it"
        NO_STEP_UP = "no_step_up", "No step-up is needed"

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="harm_answers", db_constraint=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    answered_at = models.DateTimeField()
    # Empty when a contact on duty without a sign-in answered by the link in their mail: then the name stands alone.
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_name = models.CharField(max_length=120, blank=True)
    reason = models.TextField(blank=True)
    superseded = models.BooleanField("of a flag before the present one", default=False, db_default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["referral", "kind"], name="harmanswer_once", condition=Q(superseded=False)),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=False) | Q(kind="seen") & ~Q(answered_name=""),
                name="harmanswer_by_somebody",
            ),
            models.CheckConstraint(condition=Q(kind="seen") | ~Q(reason=""), name="harmanswer_says_why"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def who(self) -> str:
        return self.answered_by.name if self.answered_by else f"{self.answered_name} (by the link in the mail)"


class Ending(FamilyRecord):
    """How a referral ended, at triage or with its case. Every referral has at most one; it carries the outcomes."""

    class Where(models.TextChoices):
        TRIAGE = "triage", "At triage"
        BEFORE_START = "before_start", "Before the service began"
        CASE = "case", "With its case"

    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="ending", db_constraint=False)
    where = models.CharField(max_length=12, choices=Where.choices)
    ended_on = models.DateField()
    # An import may bring what the program itself would not allow to be typed (referral sheet).
    outcome_not_recorded = models.BooleanField(default=False)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["cluster", "ended_on"], name="ending_by_date")]

    def __str__(self) -> str:
        return f"{self.get_where_display()}, {self.ended_on}"


class EndingOutcome(FamilyRecord):
    ending = models.ForeignKey(Ending, on_delete=models.CASCADE, related_name="outcomes", db_constraint=False)
    outcome = models.CharField(max_length=16, choices=Outcome.choices)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["ending", "outcome"], name="endingoutcome_once")]
        # Outcomes are counted by ending without a look at the rows.
        indexes: ClassVar = [
            models.Index(fields=["cluster", "ending", "outcome"], name="endingoutcome_by_ending", include=["family"])
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()
