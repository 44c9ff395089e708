"""Sessions that are planned, a service that passes from one worker to another, and interpreters."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from cases.models.case import Case, CaseService
from cases.models.contact import Contact
from cases.models.meeting import CaseMeeting
from clusters.models import Term, User
from families.models import FamilyRecord, Person


class ServiceHandover(FamilyRecord):
    """A service passed to another worker. That of therapy or counselling is as closed as its notes."""

    case_service = models.ForeignKey(
        CaseService, on_delete=models.PROTECT, related_name="handovers", db_constraint=False
    )
    from_worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    to_worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    handed_on = models.DateField()
    text = models.TextField("what the next worker must know")
    private = models.BooleanField(default=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["handed_on", "created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(from_worker=F("to_worker")), name="servicehandover_to_another")
        ]

    def __str__(self) -> str:
        return f"{self.from_worker_id} to {self.to_worker_id}"


class PlannedSession(FamilyRecord):
    """A session or visit to come. Recorded, it has its contact; withdrawn, it is planned no more."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="planned", db_constraint=False)
    case_service = models.ForeignKey(
        CaseService, on_delete=models.PROTECT, null=True, blank=True, related_name="planned", db_constraint=False
    )
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Contact.Kind.choices, default=Contact.Kind.SESSION)
    at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    place = models.CharField(max_length=120, blank=True)
    planned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    contact = models.OneToOneField(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="planned_as", db_constraint=False
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(contact__isnull=True) | Q(withdrawn_at__isnull=True), name="planned_recorded_or_withdrawn"
            ),
            models.UniqueConstraint(
                fields=["case", "worker", "at"], name="planned_once", condition=Q(withdrawn_at__isnull=True)
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["worker", "at"], name="planned_of_worker", condition=Q(withdrawn_at__isnull=True)),
            models.Index(fields=["case", "at"], name="planned_of_case"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class InterpreterBooking(FamilyRecord):
    """An interpreter asked for, booked, used or cancelled, and what it cost in pence."""

    class Mode(models.TextChoices):
        IN_PERSON = "in_person", "In person"
        PHONE = "phone", "By phone"
        VIDEO = "video", "By video"

    class Status(models.TextChoices):
        ASKED = "asked", "Asked for"
        BOOKED = "booked", "Booked"
        USED = "used", "Used"
        CANCELLED = "cancelled", "Cancelled"

    OPEN: ClassVar = (Status.ASKED, Status.BOOKED)

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="interpreters", db_constraint=False)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    planned = models.ForeignKey(
        PlannedSession,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="interpreters",
        db_constraint=False,
    )
    meeting = models.ForeignKey(
        CaseMeeting, on_delete=models.PROTECT, null=True, blank=True, related_name="interpreters", db_constraint=False
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="interpreters", db_constraint=False
    )
    language = models.ForeignKey(
        Term, on_delete=models.PROTECT, related_name="+", limit_choices_to={"vocabulary": "language"}
    )
    at = models.DateTimeField()
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.IN_PERSON)
    provider = models.CharField(max_length=120, blank=True)
    minutes_booked = models.PositiveSmallIntegerField()
    minutes_used = models.PositiveSmallIntegerField(null=True, blank=True)
    pence = models.PositiveIntegerField("cost in pence", null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ASKED)
    cancelled_late = models.BooleanField("cancelled so late that it is charged", default=False)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(status="used") | Q(minutes_used__isnull=False), name="interpreter_used_has_minutes"
            ),
            models.CheckConstraint(
                condition=Q(cancelled_late=False) | Q(status="cancelled"), name="interpreter_late_is_cancelled"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["cluster", "at"], name="interpreter_by_date"),
            models.Index(fields=["case", "-at"], name="interpreter_of_case"),
        ]

    def __str__(self) -> str:
        return f"{self.language_id}, {self.get_status_display().lower()}"

    @property
    def pounds(self) -> str:
        """“48.50”; empty while the cost is not known."""
        return "" if self.pence is None else f"{self.pence / 100:,.2f}"
