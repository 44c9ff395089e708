"""A manager's role, or a change to how a manager gets in: one person asks, another confirms [docs/adr/0018].

The database holds the rule too (migrations 0014, 0019).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

CONFIRM_WITHIN = timedelta(days=7)


class ManagerRequest(models.Model):
    """One person asks, a manager confirms within seven days: neither alone, and nobody for themselves.

    asked_by is empty for a request from the command line. `role` is what came of it.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "Waits to be confirmed"
        CONFIRMED = "confirmed", "Confirmed"
        REFUSED = "refused", "Refused"
        LAPSED = "lapsed", "Not confirmed in time"

    user = models.ForeignKey("clusters.User", on_delete=models.PROTECT, related_name="manager_requests")
    reason = models.CharField(max_length=300)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    acting = models.BooleanField(default=False)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.WAITING)
    asked_by = models.ForeignKey("clusters.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    answered_by = models.ForeignKey("clusters.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    role = models.OneToOneField("clusters.StaffRole", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-asked_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="managerrequest_dates_in_order"
            ),
            models.CheckConstraint(condition=Q(acting=False) | Q(ends_on__isnull=False), name="managerrequest_acting"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(status="waiting"), name="managerrequest_one_waits_for_each"
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | Q(answered_by__isnull=False, answered_at__isnull=False),
                name="managerrequest_confirmed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: manager{' (acting)' if self.acting else ''}"

    @property
    def asked_by_name(self) -> str:
        return str(self.asked_by) if self.asked_by else "the command line"

    @property
    def lapses_at(self) -> datetime:
        return self.asked_at + CONFIRM_WITHIN


class AccountRequest(models.Model):
    """One person asks, a manager who is neither that person nor the one it is about confirms within seven days.

    email: the new address, of that kind alone. done_at: when it was carried out, once.
    """

    class What(models.TextChoices):
        ADDRESS = "address", "A new e-mail address"
        SECOND_FACTOR = "second_factor", "Take away the second factor"

    class Status(models.TextChoices):
        WAITING = "waiting", "Waits to be confirmed"
        CONFIRMED = "confirmed", "Confirmed"
        REFUSED = "refused", "Refused"
        LAPSED = "lapsed", "Not confirmed in time"

    user = models.ForeignKey("clusters.User", on_delete=models.PROTECT, related_name="account_requests")
    what = models.CharField(max_length=13, choices=What.choices)
    email = models.EmailField("new e-mail address", blank=True)
    reason = models.CharField(max_length=300)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.WAITING)
    asked_by = models.ForeignKey("clusters.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    answered_by = models.ForeignKey("clusters.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-asked_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "what"], condition=Q(status="waiting"), name="accountrequest_one_waits_for_each"
            ),
            models.CheckConstraint(
                condition=Q(what="address") & ~Q(email="") | Q(what="second_factor", email=""),
                name="accountrequest_address_of_its_kind",
            ),
            models.CheckConstraint(
                condition=~Q(status="confirmed")
                | Q(answered_by__isnull=False, answered_at__isnull=False)
                & ~Q(answered_by=F("asked_by"))
                & ~Q(answered_by=F("user")),
                name="accountrequest_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(status="confirmed"), name="accountrequest_done_when_confirmed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_what_display().lower()}"

    @property
    def lapses_at(self) -> datetime:
        return self.asked_at + CONFIRM_WITHIN
