"""The case, its referrals, lead worker, services and the family's private link."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q

from clusters.models import Cluster, DateRange, Entitlement, Service, User
from families.models import FamilyRecord, Person
from referrals.models import Referral
from triage.models import Offer


class CaseStatus(models.TextChoices):
    OPEN = "open", "Open"
    CLOSING = "closing", "Waiting for sign-off"
    CLOSED = "closed", "Closed"


class CaseQuerySet(models.QuerySet):
    def open(self) -> CaseQuerySet:
        """Cases being worked on; one that waits for its sign-off is still open."""
        return self.exclude(status=CaseStatus.CLOSED)


class Case(FamilyRecord):
    """A family being helped. At most one open case per family (domain section 5)."""

    reference = models.CharField(max_length=24)
    status = models.CharField(max_length=8, choices=CaseStatus.choices, default=CaseStatus.OPEN)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    last_contact_on = models.DateField(null=True, blank=True)
    next_step = models.CharField(max_length=300, blank=True)
    next_step_on = models.DateField(null=True, blank=True)
    review_due_on = models.DateField(null=True, blank=True)
    imported = models.BooleanField(default=False)
    sessions_before = models.PositiveIntegerField("attended sessions known only as a number", default=0)
    version = models.PositiveIntegerField(default=1)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cluster", "reference"], name="case_reference_once"),
            models.UniqueConstraint(fields=["family"], name="case_one_open", condition=~Q(status="closed")),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")), name="case_dates_in_order"
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_on__isnull=False)
                | (~Q(status="closed") & Q(closed_on__isnull=True)),
                name="case_closed_has_date",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["cluster", "-opened_on", "-id"], name="case_by_date"),
            models.Index(fields=["-opened_on", "-id"], name="case_city_by_date"),
            models.Index(fields=["cluster", "closed_on"], name="case_by_closing", condition=Q(status="closed")),
        ]

    def __str__(self) -> str:
        return self.reference


class CaseReferral(FamilyRecord):
    """Several referrals may lead to one case: siblings, re-referrals while it is open."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="case_referrals", db_constraint=False)
    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="case_link", db_constraint=False)

    class Meta:
        pass

    def __str__(self) -> str:
        return f"{self.referral_id} in {self.case_id}"


class LeadWorker(FamilyRecord):
    """Who holds the plan, from when to when. Exactly one at any moment [E]."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="lead_workers", db_constraint=False)
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="leads_cases")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    handover = models.TextField("what the next worker must know", blank=True)
    # The days between a closure and this row belong to no lead worker, since the case was closed.
    after_closure = models.BooleanField("begins with a case opened again", default=False, db_default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case"], name="leadworker_one_live", condition=Q(ends_on__isnull=True)),
            ExclusionConstraint(
                name="leadworker_one_at_a_time",
                expressions=[
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                    ("case", RangeOperators.EQUAL),
                ],
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="leadworker_dates_in_order"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["worker"], name="leadworker_live", condition=Q(ends_on__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.worker_id} leads {self.case_id}"


class CaseService(FamilyRecord):
    """A service a case has, with its worker and the entitlement it began under."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        ENDED = "ended", "Ended"

    class EndReason(models.TextChoices):
        COMPLETED = "completed", "Completed"
        STOPPED = "stopped", "Stopped by the family"
        NOT_REACHED = "not_reached", "The family could not be reached"
        NOT_NEEDED = "not_needed", "No longer needed"
        UNSUITABLE = "unsuitable", "Not the right service"
        STAFFING = "staffing", "Nobody to give it any more"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="services", db_constraint=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    offer = models.OneToOneField(
        Offer, on_delete=models.PROTECT, null=True, blank=True, related_name="taken_up", db_constraint=False
    )
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="case_services")
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ACTIVE)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=12, choices=EndReason.choices, blank=True)
    end_words = models.CharField("how it ended", max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="caseservice_dates_in_order"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["worker"], name="caseservice_live", condition=Q(status="active"))]

    def __str__(self) -> str:
        return f"{self.service_id} in {self.case_id}"


class Extension(FamilyRecord):
    """More of a service than its entitlement: asked for with a reason, approved or refused by the leader."""

    class Status(models.TextChoices):
        ASKED = "asked", "Asked for"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"

    case_service = models.ForeignKey(
        CaseService, on_delete=models.PROTECT, related_name="extensions", db_constraint=False
    )
    # One of the two, as the entitlement counts.
    weeks = models.PositiveSmallIntegerField(null=True, blank=True)
    sessions = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.TextField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ASKED)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="extension_answered_at_by",
            ),
            models.CheckConstraint(
                condition=Q(weeks__isnull=True) ^ Q(sessions__isnull=True), name="extension_weeks_or_sessions"
            ),
        ]

    def __str__(self) -> str:
        return self.get_status_display()

    @property
    def more(self) -> str:
        """“6 more weeks”, “1 more session”."""
        return more(self.weeks, self.sessions)


def more(weeks: int | None, sessions: int | None) -> str:
    number, unit = (sessions, "session") if sessions else (weeks or 0, "week")
    return f"{number} more {unit}{'' if number == 1 else 's'}"


class FamilyLink(models.Model):
    """One person's private link to the family's page: digests of the token and of the code told apart from it.

    shared_goals: goals of other members that this person may read too; the goals of the whole family and the own ones
    need no naming. while_restricted: it was given when the record was restricted already; one given before ends with
    the restriction. tries: codes tried since `tries_since` on devices that had never opened it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    family = models.ForeignKey("families.Family", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="family_links", db_constraint=False)
    # Links of the time before a page was one person's have none, and open nothing.
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    language = models.CharField(max_length=6, default="en", db_default="en")
    shared_goals = ArrayField(models.UUIDField(), default=list, db_default=[], blank=True)
    while_restricted = models.BooleanField(default=False, db_default=False)
    token_digest = models.CharField(max_length=64, unique=True)
    code_digest = models.CharField(max_length=128)
    tries = models.PositiveSmallIntegerField(default=0)
    tries_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_on = models.DateField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "person"], name="familylink_one_live", condition=Q(withdrawn_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"Link of {self.case_id}"
