"""The Rethink formulation: six Ps, made with the family, and what follows from them [E][P]."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from cases.models import Case, Goal
from clusters.models import Term, User
from families.models import FamilyRecord, Person


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


class Formulation(FamilyRecord):
    """One version of the analysis. A later one keeps the earlier ones as they were."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="formulations", db_constraint=False)
    number = models.PositiveIntegerField(default=1)
    made_on = models.DateField()
    setting = models.CharField(max_length=24, choices=Setting.choices, default=Setting.WITH_FAMILY)
    professionals = models.CharField("professionals who took part", max_length=300, blank=True)
    summary = models.TextField(blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "number"], name="formulation_number_once")]

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
