"""How the family is 3 and 12 months after the ending."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from cases.models import SCORE, Case, Goal
from clusters.models import User
from families.models import FamilyRecord, Person


class FollowUpStatus(models.TextChoices):
    DUE = "due", "To be asked"
    DONE = "done", "Answered"
    NOT_REACHED = "not_reached", "Not reached"
    NOT_NEEDED = "not_needed", "Not needed"


class Known(models.TextChoices):
    YES = "yes", "Yes"
    NO = "no", "No"
    UNKNOWN = "unknown", "Not known"


class FollowUp(FamilyRecord):
    """One follow-up after a case has ended [domain 2.9]: when it is due, who asks, and what the family said.

    months: 3 or 12 after the ending. holder: who stays in touch; without one the leaders of the Cluster.
    by_person: the member of the family who answered on the family's own page; then nobody of ours recorded it.
    """

    Status = FollowUpStatus

    class How(models.TextChoices):
        PHONE = "phone", "By phone"
        VISIT = "visit", "At a visit or in person"
        MESSAGE = "message", "By message or letter"
        PAGE = "page", "On the family’s page"

    class Things(models.IntegerChoices):
        MUCH_BETTER = 5, "Much better"
        BETTER = 4, "A bit better"
        SAME = 3, "About the same"
        WORSE = 2, "A bit worse"
        MUCH_WORSE = 1, "Much worse"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="follow_ups", db_constraint=False)
    closure = models.ForeignKey(
        "outcomes.Closure", on_delete=models.PROTECT, related_name="follow_ups", db_constraint=False
    )
    months = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    holder = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=11, choices=FollowUpStatus.choices, default=FollowUpStatus.DUE)
    ended_on = models.DateField(null=True, blank=True)
    how = models.CharField(max_length=7, choices=How.choices, blank=True)
    things = models.PositiveSmallIntegerField("how things are", choices=Things.choices, null=True, blank=True)
    words = models.TextField("in the family’s words", blank=True)
    slipped = models.TextField("what slipped", blank=True)
    wants_help = models.CharField("would like help again", max_length=7, choices=Known.choices, blank=True)
    re_referral = models.CharField("referred again since", max_length=7, choices=Known.choices, blank=True)
    social_care = models.CharField("social care since the ending", max_length=7, choices=Known.choices, blank=True)
    why = models.CharField("why it is not needed", max_length=300, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by_person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )

    class Meta:
        ordering: ClassVar = ["due_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["closure", "months"], name="followup_once"),
            models.CheckConstraint(
                condition=Q(status="due", ended_on__isnull=True) | (~Q(status="due") & Q(ended_on__isnull=False)),
                name="followup_ended_has_date",
            ),
            models.CheckConstraint(
                condition=~Q(status="done") | (Q(things__range=(1, 5)) & ~Q(how="")), name="followup_done_has_answer"
            ),
            models.CheckConstraint(
                condition=Q(by_person__isnull=True) | Q(recorded_by__isnull=True), name="followup_by_one_of_both"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["cluster", "due_on"], name="followup_by_date"),
            models.Index(fields=["holder", "due_on"], name="followup_due", condition=Q(status="due")),
            models.Index(fields=["case"], name="followup_of_case"),
        ]

    def __str__(self) -> str:
        return f"{self.months} months after {self.case_id}"


class FollowUpScore(FamilyRecord):
    """A goal of the ended plan, scored again: 0 to 10."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="scores", db_constraint=False)
    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    score = models.PositiveSmallIntegerField(validators=SCORE)

    class Meta:
        ordering: ClassVar = ["goal__position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["follow_up", "goal"], name="followupscore_once"),
            models.CheckConstraint(condition=Q(score__range=(0, 10)), name="followupscore_0_10"),
        ]

    def __str__(self) -> str:
        return str(self.score)


class FollowUpTry(FamilyRecord):
    """A try to reach the family that nobody answered."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.CASCADE, related_name="attempts", db_constraint=False)
    tried_on = models.DateField()
    how = models.CharField(max_length=7, choices=FollowUp.How.choices)
    words = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["tried_on", "created_at"]

    def __str__(self) -> str:
        return f"{self.get_how_display()} on {self.tried_on}"
