"""School attendance of a child over time, and the stages of legal action on it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from cases.models.case import Case
from clusters.models import Term, User
from families.models import FamilyRecord, Person


class SchoolAttendance(FamilyRecord):
    """One period of one child's attendance. A session is half a school day; without any the percentage is typed."""

    class Source(models.TextChoices):
        REGISTER = "register", "The school's register"
        SCHOOL = "school", "School staff said so"
        FAMILY = "family", "The family said so"
        OTHER = "other", "Another source"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="school_attendance", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="attendance", db_constraint=False)
    starts_on = models.DateField()
    ends_on = models.DateField("last day")
    possible = models.PositiveSmallIntegerField("possible sessions", null=True, blank=True)
    authorised = models.PositiveSmallIntegerField("authorised absences", null=True, blank=True)
    unauthorised = models.PositiveSmallIntegerField("unauthorised absences", null=True, blank=True)
    percentage = models.DecimalField(max_digits=4, decimal_places=1)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.REGISTER)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["starts_on", "ends_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "starts_on", "ends_on"], name="attendance_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="attendance_dates_in_order"),
            models.CheckConstraint(condition=Q(percentage__gte=0, percentage__lte=100), name="attendance_percentage"),
            models.CheckConstraint(
                condition=Q(possible__isnull=True) | Q(possible__gte=F("authorised") + F("unauthorised")),
                name="attendance_sessions_add_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percentage} % from {self.starts_on} to {self.ends_on}"


def percentage_of(possible: int, absent: int) -> Decimal:
    """Sessions attended as a percentage of those possible, half up to one decimal."""
    return (Decimal(100) * (possible - absent) / possible).quantize(Decimal("0.1"), ROUND_HALF_UP)


class LegalStep(FamilyRecord):
    """A stage of legal action on attendance, as an authority names them (a code list), with what came of it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="legal_steps", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="legal_steps", db_constraint=False)
    stage = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+")
    taken_on = models.DateField()
    words = models.TextField("against whom, and for what", blank=True)
    outcome = models.CharField(max_length=300, blank=True)
    outcome_on = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["taken_on"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome_on__isnull=True) | Q(outcome_on__gte=F("taken_on")), name="legal_dates_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} on {self.taken_on}"
