"""From one worker to the next: what is handed over, when, what the family was told and what the next must know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from cases.models.case import Case, CaseService, LeadWorker
from clusters.models import User
from families.models import FamilyRecord


@dataclass(frozen=True)
class Work:
    """A part of a case that one worker holds. item: the case's id, of a service the service's."""

    part: str
    item: UUID

    @property
    def key(self) -> str:
        return f"{self.part}-{self.item}"


class Handover(FamilyRecord):
    """A handover that was made, or one that is planned for a day: until then the earlier worker stays.

    starts_on: the first day of the next worker. A planned one is carried out on its day, or taken back before.
    """

    class Part(models.TextChoices):
        LEAD = "lead", "Lead worker"
        SERVICE = "service", "Service"
        TASKS = "tasks", "Tasks"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="handovers", db_constraint=False)
    part = models.CharField(max_length=8, choices=Part.choices)
    case_service = models.ForeignKey(
        CaseService, on_delete=models.PROTECT, null=True, blank=True, related_name="moves", db_constraint=False
    )
    lead_worker = models.OneToOneField(
        LeadWorker, on_delete=models.PROTECT, null=True, blank=True, related_name="came_by", db_constraint=False
    )
    from_worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    to_worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField("first day of the next worker")
    must_know = models.TextField("what the next worker must know")
    family_told = models.TextField("what the family was told", blank=True)
    told_on = models.DateField("when the family was told", null=True, blank=True)
    introduced_on = models.DateField("when both workers visited together", null=True, blank=True)
    planned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["-starts_on", "-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"],
                name="handover_one_lead_planned",
                condition=Q(part="lead", done_at__isnull=True, withdrawn_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["case_service"],
                name="handover_one_service_planned",
                condition=Q(part="service", done_at__isnull=True, withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(condition=~Q(from_worker=F("to_worker")), name="handover_to_another"),
            models.CheckConstraint(
                condition=Q(part="service", case_service__isnull=False)
                | ~Q(part="service") & Q(case_service__isnull=True),
                name="handover_names_its_service",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(withdrawn_at__isnull=True), name="handover_done_or_withdrawn"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["cluster", "starts_on"],
                name="handover_planned",
                condition=Q(done_at__isnull=True, withdrawn_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_part_display()}: {self.from_worker} to {self.to_worker} on {self.starts_on}"

    @property
    def planned(self) -> bool:
        return self.done_at is None and self.withdrawn_at is None

    def overdue(self, today: date) -> bool:
        """Its day has come, and it could not be carried out."""
        return self.planned and self.starts_on < today
