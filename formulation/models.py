"""The Rethink formulation: six Ps, made with the family, and what follows from them [E][P]."""

from __future__ import annotations

import uuid
from datetime import date
from typing import ClassVar

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q

from cases.models import Case, Goal
from clusters.models import Term, User
from families.models import FamilyRecord, Person
from referrals.models import Referral


class P(models.TextChoices):
    """The six Ps, with the question that each asks."""

    PRESENTING = "presenting", "Presenting"
    PREDISPOSING = "predisposing", "Predisposing"
    PRECIPITATING = "precipitating", "Precipitating"
    PERPETUATING = "perpetuating", "Perpetuating"
    PROTECTIVE = "protective", "Protective"
    PREDICTIVE = "predictive", "Predictive"


QUESTIONS = {
    P.PRESENTING: "What is the difficulty now?",
    P.PREDISPOSING: "What made the family vulnerable?",
    P.PRECIPITATING: "What set it off?",
    P.PERPETUATING: "What keeps it going?",
    P.PROTECTIVE: "Strengths, people, school",
    P.PREDICTIVE: "What is likely to happen, with and without help?",
}


class Setting(models.TextChoices):
    WITH_FAMILY = "with_family", "With the family"
    GROUP_SUPERVISION = "group_supervision", "Group supervision"
    INDIVIDUAL_SUPERVISION = "individual_supervision", "Individual supervision"
    SCREENING = "screening", "At screening"
    MULTI_AGENCY = "multi_agency", "Multi-agency meeting"


class Assessment(FamilyRecord):
    """An early help assessment: when it began and was completed, and by which organisation (Ofsted's Annex A, list 2).

    What it says is its formulation. It may begin at the screening of a referral and goes on in the case.
    """

    class Status(models.TextChoices):
        BEGUN = "begun", "In progress"
        COMPLETED = "completed", "Completed"
        ENDED = "ended", "Ended without completion"

    class Why(models.TextChoices):
        """Why an assessment ended without completion."""

        DECLINED = "declined", "The family declined"
        NOT_REACHED = "not_reached", "The family could not be reached"
        STEPPED_UP = "stepped_up", "Stepped up to Children's Social Work Services"
        MOVED = "moved", "The family moved away"
        ELSEWHERE = "elsewhere", "It goes on in another assessment"
        NO_CASE = "no_case", "The referral ended without a case"
        MISTAKE = "mistake", "Recorded by mistake"

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="assessments", db_constraint=False
    )
    referral = models.ForeignKey(
        Referral, on_delete=models.PROTECT, null=True, blank=True, related_name="assessments", db_constraint=False
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.BEGUN)
    starts_on = models.DateField()
    completed_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    why_ended = models.CharField(max_length=12, choices=Why.choices, blank=True)
    organisation = models.CharField("organisation that makes it", max_length=160)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["-starts_on", "-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(case__isnull=False) | Q(referral__isnull=False), name="assessment_of_case_or_referral"
            ),
            models.CheckConstraint(
                condition=Q(status="begun", completed_on__isnull=True, ended_on__isnull=True, why_ended="")
                | Q(status="completed", completed_on__isnull=False, ended_on__isnull=True, why_ended="")
                | (Q(status="ended", completed_on__isnull=True, ended_on__isnull=False) & ~Q(why_ended="")),
                name="assessment_status_has_its_date",
            ),
            models.CheckConstraint(
                condition=(Q(completed_on__isnull=True) | Q(completed_on__gte=F("starts_on")))
                & (Q(ended_on__isnull=True) | Q(ended_on__gte=F("starts_on"))),
                name="assessment_dates_in_order",
            ),
            models.UniqueConstraint(fields=["case"], name="assessment_one_live", condition=Q(status="begun")),
            models.UniqueConstraint(
                fields=["referral"],
                name="assessment_one_live_at_screening",
                condition=Q(status="begun", case__isnull=True),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["cluster", "starts_on"], name="assessment_by_date")]

    def __str__(self) -> str:
        return f"Assessment of {self.starts_on}"

    @property
    def finished_on(self) -> date | None:
        return self.completed_on or self.ended_on


class AssessedChild(FamilyRecord):
    """A child whom an assessment is about: a row of the statutory list."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="children", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_constraint=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["assessment", "person"], name="assessedchild_once")]

    def __str__(self) -> str:
        return f"{self.person_id}"


class Formulation(FamilyRecord):
    """One version of the analysis. A later one keeps the earlier ones as they were.

    Made at screening it hangs under the referral, and goes into the case when one opens.
    """

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="formulations", db_constraint=False
    )
    referral = models.ForeignKey(
        Referral, on_delete=models.PROTECT, null=True, blank=True, related_name="formulations", db_constraint=False
    )
    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, null=True, blank=True, related_name="formulations", db_constraint=False
    )
    number = models.PositiveIntegerField(default=1)
    made_on = models.DateField()
    setting = models.CharField(max_length=24, choices=Setting.choices, default=Setting.WITH_FAMILY)
    professionals = models.CharField("professionals who took part", max_length=300, blank=True)
    summary = models.TextField(blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    # How many protective factors, and how many about learning: figures are counted without reading the factors.
    strengths = models.PositiveSmallIntegerField(default=0, db_default=0)
    about_learning = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "number"], name="formulation_number_once"),
            models.UniqueConstraint(
                fields=["referral", "number"],
                name="formulation_number_once_at_screening",
                condition=Q(case__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(case__isnull=False) | Q(referral__isnull=False), name="formulation_of_case_or_referral"
            ),
        ]

    def __str__(self) -> str:
        return f"Formulation {self.number}"


class Participant(FamilyRecord):
    """A member of the family who took part, by name."""

    formulation = models.ForeignKey(
        Formulation, on_delete=models.CASCADE, related_name="participants", db_constraint=False
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_constraint=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["formulation", "person"], name="participant_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}"


class Factor(FamilyRecord):
    """A short factor under one of the six Ps, optionally tagged with a domain and a person."""

    formulation = models.ForeignKey(Formulation, on_delete=models.CASCADE, related_name="factors", db_constraint=False)
    p = models.CharField(max_length=14, choices=P.choices)
    text = models.CharField(max_length=300)
    position = models.PositiveIntegerField(default=0)
    # The same in every version that the factor goes through, whatever becomes of its words.
    thread = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    domain = models.ForeignKey(
        Term,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        limit_choices_to={"vocabulary": "domain"},
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )

    class Meta:
        ordering: ClassVar = ["p", "position", "created_at"]

    def __str__(self) -> str:
        return self.text


class GoalFactor(FamilyRecord):
    """Which factor a goal addresses: the plan is driven by the formulation [E]."""

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="factor_links", db_constraint=False)
    factor = models.ForeignKey(Factor, on_delete=models.CASCADE, related_name="goal_links", db_constraint=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["goal", "factor"], name="goalfactor_once")]

    def __str__(self) -> str:
        return f"{self.goal_id} addresses {self.factor_id}"
