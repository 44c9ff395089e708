"""An extract: who asked, for what and whom, what came of it; its file; and everyone who took it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from clusters.models import User
from monitoring.worked_out import WorkedOut


class Extract(WorkedOut):
    """A pseudonymised file about the children referred in a period. Its key was thrown away after the making."""

    class Basis(models.TextChoices):
        TASK = "task", "Our public task: evaluating our own service"
        RESEARCH = "research", "Research in the public interest, with ethics approval"
        AGREED = "agreed", "The families agreed to it"
        LAW = "law", "A duty in law"

    TASK = "monitoring.make_extract"

    purpose = models.TextField()
    recipient = models.CharField(max_length=160)
    basis = models.CharField(max_length=10, choices=Basis.choices)
    ethics_reference = models.CharField(max_length=120, blank=True)
    # People counted: in the file, left out as restricted, removed, and with something grouped.
    found = models.JSONField(null=True, blank=True)
    expires_on = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(period_to__gte=F("period_from")), name="extract_dates_in_order"),
            models.CheckConstraint(
                condition=~Q(basis="research") | ~Q(ethics_reference=""), name="extract_research_has_approval"
            ),
        ]

    def __str__(self) -> str:
        return f"Extract for {self.recipient}"

    @property
    def can_be_taken(self) -> bool:
        return self.status == "done" and self.ended_at is None


class ExtractFile(models.Model):
    """The file while it lasts; removed when the extract ends. Read only where figures of every Cluster are."""

    extract = models.OneToOneField(Extract, on_delete=models.PROTECT, related_name="file")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"File of {self.extract_id}"


class ExtractTaken(models.Model):
    """Somebody took the file: who, when, why. Never changed, and it outlasts the file."""

    extract = models.ForeignKey(Extract, on_delete=models.PROTECT, related_name="taken")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return f"{self.user} at {self.at}"
