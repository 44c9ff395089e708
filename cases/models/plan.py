"""The plan: goals, who does what, who agrees, scores, reviews."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from cases.models.case import Case
from cases.models.contact import Contact
from clusters.models import User
from families.models import FamilyRecord, Person


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
        indexes: ClassVar = [
            # What ended in a period is read without its rows: figures of the whole city over years.
            models.Index(
                fields=["cluster", "ended_on"],
                name="goal_by_end",
                condition=Q(ended_on__isnull=False),
                include=["id", "family", "baseline", "plan"],
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
    """Whether a named member of the family agrees with a goal, or the disagreement in words [E].

    by_itself_at: when that person said so on the family's page; empty while a worker noted it.
    """

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="agreements", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    agrees = models.BooleanField()
    words = models.CharField(max_length=300, blank=True)
    by_itself_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["goal", "person"], name="goalagreement_once")]

    def __str__(self) -> str:
        return "agrees" if self.agrees else "does not agree"


class GoalScore(FamilyRecord):
    """A score of 0 to 10 for a goal on a day: at a contact, by the family itself on its page, or a baseline."""

    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="scores", db_constraint=False)
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="scores", db_constraint=False
    )
    # Who gave it on the family's page, without a worker.
    given_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    score = models.PositiveSmallIntegerField(validators=SCORE)
    scored_on = models.DateField()

    class Meta:
        ordering: ClassVar = ["scored_on", "created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["goal", "given_by", "scored_on"], name="goalscore_once_a_day_by_itself"),
            models.CheckConstraint(
                condition=Q(given_by__isnull=True) | Q(contact__isnull=True), name="goalscore_itself_or_at_a_contact"
            ),
            models.CheckConstraint(condition=Q(score__range=(0, 10)), name="goalscore_0_10"),
            models.UniqueConstraint(fields=["goal", "contact"], name="goalscore_once_a_contact"),
        ]
        indexes: ClassVar = [
            # The last score of each goal, in the order in which it is asked for.
            models.Index(
                fields=["cluster", "goal", "-scored_on", "-created_at"],
                name="goalscore_latest",
                include=["score", "contact", "family"],
            ),
        ]

    def __str__(self) -> str:
        return str(self.score)


class GoalNotAsked(FamilyRecord):
    """At this contact the goal was not asked about. With neither this nor a score, nothing is known of the goal."""

    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="not_asked", db_constraint=False)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="not_asked", db_constraint=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["goal", "contact"], name="goalnotasked_once")]

    def __str__(self) -> str:
        return f"{self.goal_id} at {self.contact_id}"


class Review(FamilyRecord):
    """A review of the plan: when, who took part, what was decided. Members of the family are ReviewPersons."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="reviews", db_constraint=False)
    reviewed_on = models.DateField()
    took_part = models.CharField("professionals and others who took part", max_length=300, blank=True)
    decisions = models.TextField(blank=True)
    next_due_on = models.DateField(null=True, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-reviewed_on"]

    def __str__(self) -> str:
        return f"Review of {self.reviewed_on}"


class ReviewPerson(FamilyRecord):
    """A member of the family who took part in a review."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="people", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_constraint=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["review", "person"], name="reviewperson_once")]

    def __str__(self) -> str:
        return f"{self.person_id}"
