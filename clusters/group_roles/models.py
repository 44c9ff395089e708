"""What a group of the council's directory means here. Read when somebody signs in (`signing_in/council_roles.py`)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from clusters.querysets import DatedQuerySet


class GroupRole(models.Model):
    """Who is in the group has the role, from a day to a day. `ends_on` is the first day without it.

    Never a manager's: that takes two people, and the database refuses it here as it does elsewhere.
    """

    group = models.CharField("group", max_length=200)
    role = models.CharField(max_length=20)
    cluster = models.ForeignKey("clusters.Cluster", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    school = models.ForeignKey("clusters.School", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    post = models.CharField(max_length=30, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    added_by = models.ForeignKey("clusters.User", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["group", "role", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="grouprole_dates_in_order"
            ),
            # As a role of a person has it (staffrole_has_its_place), without a manager's.
            models.CheckConstraint(
                condition=Q(role="clinical_supervisor", cluster__isnull=True, school__isnull=True)
                | Q(role="referrer", cluster__isnull=True, school__isnull=False)
                | Q(role="practitioner", cluster__isnull=False, school__isnull=True) & ~Q(post="")
                | Q(role__in=["leader", "panel_guest"], cluster__isnull=False, school__isnull=True),
                name="grouprole_has_its_place",
            ),
            models.UniqueConstraint(
                fields=["group", "role", "cluster", "school"],
                condition=Q(ends_on__isnull=True),
                nulls_distinct=False,
                name="grouprole_once",
            ),
        ]

    def __str__(self) -> str:
        return self.group
