"""Worries about safety in an open case, and what went to and came from Children's Social Work Services (CSWS)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from cases.models.case import Case
from cases.models.contact import Contact
from clusters.models import User
from families.models import FamilyRecord
from referrals.models import Referral
from triage.models import StepUp


class Worry(FamilyRecord):
    """The words of a worry about significant harm. The flag itself is the referral's: one record, one escalation."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="worries", db_constraint=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="worries", db_constraint=False)
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="worries", db_constraint=False
    )
    words = models.TextField()
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-raised_at"]
        verbose_name_plural = "worries"

    def __str__(self) -> str:
        return f"Worry in {self.case_id}"


class SocialCareStep(FamilyRecord):
    """A step up to CSWS from an open case, or CSWS stepping down to it: when, who decided, what came of it."""

    class Direction(models.TextChoices):
        UP = "up", "Stepped up to CSWS"
        DOWN = "down", "Stepped down from CSWS"

    class Meanwhile(models.TextChoices):
        STAYS = "stays", "The case stays open with its lead worker"
        CLOSES = "closes", "The case closes: CSWS lead from here"

    class Outcome(models.TextChoices):
        ASSESSMENT = "assessment", "Social work assessment"
        CHILD_IN_NEED = "child_in_need", "Child in need plan"
        PROTECTION = "protection", "Child protection plan"
        LOOKED_AFTER = "looked_after", "Looked after"
        ADVICE = "advice", "Advice given, stays with early help"
        NO_ACTION = "no_action", "No further action"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="social_care_steps", db_constraint=False)
    direction = models.CharField(max_length=4, choices=Direction.choices)
    stepped_on = models.DateField()
    # The record of significant harm that a step up is; a step down may name the step up that it answers.
    step_up = models.ForeignKey(
        StepUp, on_delete=models.PROTECT, null=True, blank=True, related_name="of_cases", db_constraint=False
    )
    csws_reference = models.CharField("CSWS reference", max_length=60, blank=True)
    decided_by = models.CharField("who decided", max_length=160)
    why = models.TextField("why, and what was agreed")
    meanwhile = models.CharField(max_length=6, choices=Meanwhile.choices)
    outcome = models.CharField(max_length=14, choices=Outcome.choices, blank=True)
    outcome_on = models.DateField(null=True, blank=True)
    outcome_words = models.TextField(blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-stepped_on", "-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(direction="up") | Q(step_up__isnull=False), name="step_up_is_recorded"),
            models.CheckConstraint(
                condition=Q(outcome="", outcome_on__isnull=True) | ~Q(outcome="") & Q(outcome_on__isnull=False),
                name="step_outcome_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_direction_display()} on {self.stepped_on}"
