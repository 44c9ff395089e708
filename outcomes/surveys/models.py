"""Surveys of families: the sample, the invitations, and the answers apart from both.

An answer has no key to a family, an invitation or a moment: once it is given, the invitation says only that it was.
Answers are written by a function of the database alone and read by figures alone. What a family wants its worker to
see is a copy, a SharedAnswer, which belongs to the family's record.
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from clusters.models import Service, User
from families.models import FamilyRecord


class Survey(models.Model):
    """What is asked, of whom, until when. The seed and the population of each stratum make the draw reproducible."""

    title = models.CharField(max_length=120)
    starts_on = models.DateField("services given from")
    ends_on = models.DateField("services given until")
    cluster_ids = ArrayField(models.BigIntegerField())
    seed = models.PositiveIntegerField()
    wanted = models.PositiveSmallIntegerField("families of each service")
    instrument_ids = ArrayField(models.BigIntegerField(), default=list)
    # Questions of the authority's own: [{"key", "text", "kind": "scale" or "words"}], with "low" and "high" where a
    # scale has words at its ends and "in": {language: text} where somebody translated it.
    questions = models.JSONField(default=list, blank=True)
    answer_until = models.DateField()
    first_reminder_on = models.DateField(null=True, blank=True)
    second_reminder_on = models.DateField(null=True, blank=True)
    drawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-drawn_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="survey_dates_in_order"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def takes_answers(self) -> bool:
        """Whether a link or letter that is sent today could be answered."""
        return self.ended_at is None and self.answer_until >= timezone.localdate()

    def reminders_due(self, *, asked_on: date, today: date) -> int:
        """How many reminders a family that was asked on a day should have had by today: 0, 1 or 2."""
        days = (self.first_reminder_on, self.second_reminder_on)
        return sum(on is not None and asked_on < on <= today for on in days)


class SurveyStratum(models.Model):
    """One service: how many families there were, how many were drawn, who was left out and why."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="strata")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    population = models.PositiveIntegerField()
    # Another number than the survey's for this service; empty: the survey's.
    wanted = models.PositiveSmallIntegerField(null=True, blank=True)
    drawn = models.PositiveIntegerField()
    excluded = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["service__order"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["survey", "service"], name="stratum_once")]

    def __str__(self) -> str:
        return f"{self.service_id} in {self.survey_id}"


class SurveyInvitation(FamilyRecord):
    """That a family was drawn, was asked, and whether it has answered; never what."""

    class State(models.TextChoices):
        DRAWN = "drawn", "To be asked"
        SENT = "sent", "Asked"
        ANSWERED = "answered", "Answered"
        DECLINED = "declined", "Does not want to be asked"

    class Way(models.TextChoices):
        LINK = "link", "Link"
        LETTER = "letter", "Letter"

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="invitations")
    stratum = models.ForeignKey(SurveyStratum, on_delete=models.PROTECT, related_name="invitations")
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAWN)
    token_digest = models.CharField(max_length=64, unique=True, null=True, blank=True)
    code_digest = models.CharField(max_length=128, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    way = models.CharField(max_length=6, choices=Way.choices, blank=True)
    sent_on = models.DateField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["survey", "family"], name="invitation_once")]
        indexes: ClassVar = [models.Index(fields=["cluster", "survey"], name="invitation_of_cluster")]

    def __str__(self) -> str:
        return self.get_state_display()


class SurveyAnswer(models.Model):
    """What somebody answered. Which family it was is not known here, nor when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="answers")
    stratum = models.ForeignKey(SurveyStratum, on_delete=models.PROTECT, related_name="answers")
    answers = models.JSONField()

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"An answer to {self.survey_id}"


class SharedAnswer(FamilyRecord):
    """What a family answered and wants its worker to see."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField()

    class Meta:
        pass

    def __str__(self) -> str:
        return f"Shared answer of {self.family_id}"
