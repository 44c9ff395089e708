"""Needs at the start and at the end of a case, stepping up that was averted, and what a step would have cost.

The needs themselves are a code list (`clusters.Vocabulary.NEED`): ten outcomes with their needs, which a manager edits.
Children's social care before, during and after is on the people's own records (`families.SocialCareInvolvement`).
"""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from cases.models import Case
from clusters.models import Term, User
from families.models import FamilyRecord, Person

MOST_WEEKS = 520


class NeedsRound(FamilyRecord):
    """The needs were gone through: what is not found in a round was not present, what has no round is not known."""

    class Moment(models.TextChoices):
        START = "start", "At the start"
        END = "end", "At the end"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="needs_rounds", db_constraint=False)
    moment = models.CharField(max_length=5, choices=Moment.choices)
    done_on = models.DateField()
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "moment"], name="needsround_once")]

    def __str__(self) -> str:
        return f"Needs {self.get_moment_display().lower()}"


class NeedFound(FamilyRecord):
    """A need that was present."""

    round = models.ForeignKey(NeedsRound, on_delete=models.CASCADE, related_name="found", db_constraint=False)
    need = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["round", "need"], name="needfound_once")]

    def __str__(self) -> str:
        return str(self.need_id)


class NeedPerson(FamilyRecord):
    """Whose need it is."""

    found = models.ForeignKey(NeedFound, on_delete=models.CASCADE, related_name="people", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_constraint=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["found", "person"], name="needperson_once")]

    def __str__(self) -> str:
        return str(self.person_id)


class NeedEvidence(FamilyRecord):
    """How we know."""

    found = models.OneToOneField(NeedFound, on_delete=models.CASCADE, related_name="evidence", db_constraint=False)
    text = models.TextField()

    def __str__(self) -> str:
        return self.text


class StatutoryLevel(models.TextChoices):
    """What a family can be stepped up to, the heaviest last."""

    ASSESSMENT = "assessment", "Social work assessment"
    CHILD_IN_NEED = "child_in_need", "Child in need plan"
    PROTECTION = "protection", "Child protection plan"
    LOOKED_AFTER = "looked_after", "Looked after"


class AvertedStep(FamilyRecord):
    """A step up that did not come, in the judgement of those who know the family [L 10.7, recommendation 5]."""

    class Judge(models.TextChoices):
        TAF = "taf", "Team around the family"
        SUPERVISION = "supervision", "Supervision"
        CSWS = "csws", "Children’s Social Work Services"
        WORKER = "worker", "Lead worker alone"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="averted_steps", db_constraint=False)
    level = models.CharField("what was averted", max_length=14, choices=StatutoryLevel.choices)
    children = models.PositiveSmallIntegerField(
        "for how many children", default=1, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    averted_on = models.DateField()
    # How long it would have lasted; needed where the cost is by the week.
    weeks = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(MOST_WEEKS)])
    judged_by = models.CharField(max_length=11, choices=Judge.choices)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    mistaken = models.BooleanField("recorded by mistake", default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["averted_on", "created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(children__range=(1, 20)), name="averted_children"),
            models.CheckConstraint(
                condition=Q(weeks__isnull=True) | Q(weeks__range=(1, MOST_WEEKS)), name="averted_weeks"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()} averted"


class AvertedReason(FamilyRecord):
    """Why we think that it would have come, and what stopped it."""

    averted = models.OneToOneField(AvertedStep, on_delete=models.CASCADE, related_name="reason", db_constraint=False)
    text = models.TextField()

    def __str__(self) -> str:
        return self.text


class UnitCost(models.Model):
    """What a statutory step costs per child, from a day on, with where the figure is from. None is shipped."""

    class Per(models.TextChoices):
        WEEK = "week", "a week"
        EPISODE = "episode", "each time"

    level = models.CharField("of what", max_length=14, choices=StatutoryLevel.choices)
    per = models.CharField(max_length=7, choices=Per.choices)
    pence = models.PositiveIntegerField()
    starts_on = models.DateField()
    source = models.CharField(max_length=300)

    class Meta:
        ordering: ClassVar = ["level", "-starts_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["level", "starts_on"], name="unitcost_once_a_day"),
            models.CheckConstraint(condition=~Q(source=""), name="unitcost_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()}: £{self.pence / 100:,.2f} {self.get_per_display()} from {self.starts_on}"
