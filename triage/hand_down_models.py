"""Referrals that Children's Social Work Services handed down, and what they came from."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from clusters.models import User
from families.models import FamilyRecord
from referrals.models import Referral


class HandDown(FamilyRecord):
    """What a referral handed down by CSWS came from: their reference, and our own step-up when it was ours before."""

    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="hand_down", db_constraint=False)
    csws_reference = models.CharField("CSWS reference", max_length=60, blank=True)
    step_up = models.ForeignKey(
        "triage.StepUp",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="handed_down",
        db_constraint=False,
    )
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(csws_reference="") | models.Q(step_up__isnull=False), name="handdown_says_something"
            ),
        ]

    def __str__(self) -> str:
        return f"Hand-down of {self.referral_id}"
