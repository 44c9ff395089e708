"""Case-file audit: a sample drawn by a leader, questions as data, an answer per question and case, moderation.

What an auditor writes is read by the Cluster's leaders and the two readers; whoever works on the case reads it when it
is finished.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from cases.models.case import Case
from clusters.models import Cluster, User
from families.models import FamilyRecord


class AuditQuestion(models.Model):
    """A question of the audit. A retired one stays on the audits that asked it."""

    text = models.CharField(max_length=200, unique=True)
    help = models.CharField(max_length=400, blank=True)
    order = models.PositiveIntegerField(default=0)
    retired_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["order", "pk"]

    def __str__(self) -> str:
        return self.text


class AuditSample(models.Model):
    """Cases drawn at random. The seed and the frame give the same draw again; it names no family.

    stratum: by whom or what the draw is spread. frame: how many cases there were to draw from.
    """

    class Which(models.TextChoices):
        OPEN = "open", "Open on the last day of the period"
        CLOSED = "closed", "Closed in the period"

    class Stratum(models.TextChoices):
        WORKER = "worker", "Lead worker"
        SERVICE = "service", "Service"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+", db_index=False)
    which = models.CharField(max_length=6, choices=Which.choices)
    stratum = models.CharField(max_length=8, choices=Stratum.choices)
    starts_on = models.DateField()
    ends_on = models.DateField()
    wanted = models.PositiveSmallIntegerField()
    frame = models.PositiveIntegerField()
    seed = models.PositiveIntegerField()
    # The questions as they stood on the day of the draw.
    questions = ArrayField(models.BigIntegerField())
    drawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-drawn_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "cluster"], name="auditsample_in_cluster"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="auditsample_dates_in_order"),
            models.CheckConstraint(condition=Q(wanted__range=(1, 60)), name="auditsample_range"),
        ]

    def __str__(self) -> str:
        return f"{self.get_which_display()}, {self.starts_on} to {self.ends_on}"


class CaseAudit(FamilyRecord):
    """One case of a sample. author: who reads it. Finished it is closed to change, and moderated by another reader."""

    class Judgement(models.TextChoices):
        GOOD = "good", "Good"
        MIXED = "mixed", "Good in parts"
        POOR = "poor", "Needs improvement"
        UNSAFE = "unsafe", "A worry to be dealt with today"

    sample = models.ForeignKey(AuditSample, on_delete=models.PROTECT, related_name="audits", db_constraint=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="audits", db_constraint=False)
    stratum = models.CharField("lead worker or service", max_length=160)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    judgement = models.CharField(max_length=8, choices=Judgement.choices, blank=True)
    summary = models.TextField("what stands out", blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    moderator = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    moderated_at = models.DateTimeField(null=True, blank=True)
    agrees = models.BooleanField(null=True, blank=True)
    moderation = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    private = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["stratum", "created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sample", "case"], name="caseaudit_once"),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | ~Q(judgement=""), name="caseaudit_finished_is_judged"
            ),
            models.CheckConstraint(
                condition=Q(moderated_at__isnull=True, moderator__isnull=True, agrees__isnull=True)
                | Q(
                    moderated_at__isnull=False, moderator__isnull=False, agrees__isnull=False, finished_at__isnull=False
                ),
                name="caseaudit_moderated_at_by",
            ),
            models.CheckConstraint(
                condition=Q(moderator__isnull=True) | ~Q(moderator=F("author")), name="caseaudit_two_readers"
            ),
            models.CheckConstraint(condition=Q(private=True), name="caseaudit_private"),
        ]
        indexes: ClassVar = [models.Index(fields=["case"], name="caseaudit_of_case")]

    def __str__(self) -> str:
        return f"Audit of {self.case_id}"


class AuditAnswer(FamilyRecord):
    """The answer to one question for one case."""

    class Scale(models.TextChoices):
        YES = "yes", "Yes"
        PARTLY = "partly", "Partly"
        NO = "no", "No"
        NOT_APPLICABLE = "na", "Not applicable"

    audit = models.ForeignKey(CaseAudit, on_delete=models.CASCADE, related_name="answers", db_constraint=False)
    question = models.ForeignKey(AuditQuestion, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=6, choices=Scale.choices)
    comment = models.TextField(blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    private = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["audit", "question"], name="auditanswer_once"),
            models.CheckConstraint(condition=Q(private=True), name="auditanswer_private"),
        ]

    def __str__(self) -> str:
        return self.get_answer_display()
