"""A case lent to a partner service that hands back: RES team, Early Help Hub [E][P]."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from cases.models.case import Case
from cluster_ehs.core.figures import weeks_between
from clusters.models import PartnerService, User
from families.models import FamilyRecord


class Loan(FamilyRecord):
    """The case stays open, with its lead worker, plan and formulation, and carries on where it was when it is back."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="loans", db_constraint=False)
    partner = models.ForeignKey(PartnerService, on_delete=models.PROTECT, related_name="+")
    lent_on = models.DateField()
    lent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    why = models.TextField()
    back_expected_on = models.DateField()
    back_on = models.DateField(null=True, blank=True)
    back_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    brought_back = models.TextField("what was done there, and what is needed now", blank=True)

    class Meta:
        ordering: ClassVar = ["-lent_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case"], name="loan_one_at_a_time", condition=Q(back_on__isnull=True)),
            models.CheckConstraint(
                condition=Q(back_on__isnull=True) | Q(back_on__gte=F("lent_on")), name="loan_dates_in_order"
            ),
            models.CheckConstraint(
                condition=Q(back_on__isnull=True, back_by__isnull=True)
                | Q(back_on__isnull=False, back_by__isnull=False),
                name="loan_back_by",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["cluster", "back_expected_on"], name="loan_out", condition=Q(back_on__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"Loan of {self.case_id}"

    @property
    def weeks(self) -> int:
        """Whole weeks away, so far or in all."""
        return weeks_between(self.lent_on, self.back_on or timezone.localdate()) or 0

    def days_late(self, today: date) -> int:
        return 0 if self.back_on else max((today - self.back_expected_on).days, 0)
