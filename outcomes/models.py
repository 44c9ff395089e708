"""How a case ends: outcomes, exit plan, the family's view, the leader's sign-off."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from cases.models import SCORE, Case, Goal, GoalStatus
from clusters.models import User
from families.models import FamilyRecord
from outcomes.family_page.models import FamilyVisit
from outcomes.followup.models import FollowUp, FollowUpScore, FollowUpTry
from outcomes.measures.models import (
    AgreedMeasure,
    Band,
    Instrument,
    InstrumentLicence,
    Item,
    Measure,
    MeasureResult,
    MeasureRisk,
)
from outcomes.needs.models import (
    AvertedReason,
    AvertedStep,
    NeedEvidence,
    NeedFound,
    NeedPerson,
    NeedsRound,
    StatutoryLevel,
    UnitCost,
)
from outcomes.readings.models import (
    FamilyReading,
    ReadingCuts,
    ReadingPerson,
    ReadingPoints,
    ReadingSample,
    ReadingWords,
    SecondPoints,
    SecondReading,
)
from outcomes.surveys.models import SharedAnswer, Survey, SurveyAnswer, SurveyInvitation, SurveyStratum
from outcomes.transfer_models import IncomingTransfer, ReceivedRecord, Transfer, TransferStatus
from triage.models import Outcome

__all__ = [
    "AgreedMeasure",
    "AvertedReason",
    "AvertedStep",
    "Band",
    "Closure",
    "ClosureGoal",
    "ClosureOutcome",
    "ExitPlan",
    "FamilyReading",
    "FamilyVisit",
    "FollowUp",
    "FollowUpScore",
    "FollowUpTry",
    "IncomingTransfer",
    "Instrument",
    "InstrumentLicence",
    "Item",
    "Measure",
    "MeasureResult",
    "MeasureRisk",
    "NeedEvidence",
    "NeedFound",
    "NeedPerson",
    "NeedsRound",
    "ReadingCuts",
    "ReadingPerson",
    "ReadingPoints",
    "ReadingSample",
    "ReadingWords",
    "ReceivedRecord",
    "SecondPoints",
    "SecondReading",
    "SharedAnswer",
    "StatutoryLevel",
    "Survey",
    "SurveyAnswer",
    "SurveyInvitation",
    "SurveyStratum",
    "Transfer",
    "TransferStatus",
    "UndoneReopening",
    "UnitCost",
]


class Closure(FamilyRecord):
    """A closure asked for by the worker, returned or signed off by the leader [E 3.1][P].

    Signing off makes the endings of the case's referrals; until then the outcomes here are a proposal.
    """

    class Status(models.TextChoices):
        ASKED = "asked", "Waiting for sign-off"
        RETURNED = "returned", "Returned"
        SIGNED_OFF = "signed_off", "Signed off"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="closures", db_constraint=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ASKED)
    closed_on = models.DateField()
    family_view = models.TextField("the family's own view of what changed", blank=True)
    unresolved = models.TextField(blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)
    # A signed-off closure that was taken back: the case is open again, and this row stays as it was.
    reopened_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_reason = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case"], name="closure_one_asked", condition=Q(status="asked")),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="closure_answered_at_by",
            ),
            models.CheckConstraint(
                condition=Q(reopened_at__isnull=True, reopened_by__isnull=True)
                | Q(reopened_at__isnull=False, reopened_by__isnull=False, status="signed_off"),
                name="closure_reopened_at_by",
            ),
        ]

    def __str__(self) -> str:
        return f"Closure of {self.case_id}"


class ClosureOutcome(FamilyRecord):
    closure = models.ForeignKey(Closure, on_delete=models.CASCADE, related_name="outcomes", db_constraint=False)
    outcome = models.CharField(max_length=16, choices=Outcome.choices)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["closure", "outcome"], name="closureoutcome_once")]

    def __str__(self) -> str:
        return self.get_outcome_display()


class ClosureGoal(FamilyRecord):
    """How a goal is to end and the family's last score for it: written into the plan at the sign-off."""

    RESULTS: ClassVar = (GoalStatus.ACHIEVED, GoalStatus.CHANGED, GoalStatus.DROPPED)

    closure = models.ForeignKey(Closure, on_delete=models.CASCADE, related_name="goals", db_constraint=False)
    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    result = models.CharField(max_length=8, choices=[(r.value, r.label) for r in RESULTS])
    score = models.PositiveSmallIntegerField(validators=SCORE, null=True, blank=True)
    reason = models.CharField("why it is changed or dropped", max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["goal__position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["closure", "goal"], name="closuregoal_once"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__range=(0, 10)), name="closuregoal_score_0_10"
            ),
            models.CheckConstraint(condition=~Q(result="live"), name="closuregoal_ended"),
        ]

    def __str__(self) -> str:
        return self.get_result_display()


class ExitPlan(FamilyRecord):
    """What stays in place after the case (a recommendation of [E]); shared with the family."""

    closure = models.OneToOneField(Closure, on_delete=models.CASCADE, related_name="exit_plan", db_constraint=False)
    in_place = models.TextField("what stays in place", blank=True)
    wider_family = models.TextField("wider family and friends, by name", blank=True)
    community = models.TextField("community resources", blank=True)
    school = models.TextField(blank=True)
    if_things_slip = models.TextField("what to do if things slip", blank=True)
    back_in_touch = models.TextField("how to get back in touch", blank=True)
    who_stays = models.CharField("who stays in touch", max_length=200, blank=True)
    # Who of the Cluster asks after 3 and 12 months; empty: the leaders.
    follow_up_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    shared_with_family_on = models.DateField(null=True, blank=True)

    class Meta:
        pass

    def __str__(self) -> str:
        return f"Exit plan of {self.closure_id}"


class UndoneReopening(FamilyRecord):
    """A reopening that was a mistake: the closure holds again, and this says what happened in between."""

    closure = models.ForeignKey(Closure, on_delete=models.PROTECT, related_name="mistakes", db_constraint=False)
    reopened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reopened_at = models.DateTimeField()
    reopened_reason = models.TextField(blank=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField("why it was a mistake")

    class Meta:
        ordering: ClassVar = ["created_at"]

    def __str__(self) -> str:
        return f"Reopening of {self.closure_id}, undone"
