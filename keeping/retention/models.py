"""How long a record is kept, what stops its disposal, and who looked at it at its time [domain section 5]."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from clusters.models import User
from families.models import FamilyRecord


class RetentionRule(models.Model):
    """How many years one kind of record is kept, from a day on. The latest that has begun holds; none is changed."""

    class Kind(models.TextChoices):
        TRIAGED = "triaged", "Ended at triage"
        SERVED = "served", "Had help from the Cluster"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    years = models.PositiveSmallIntegerField()
    starts_on = models.DateField(default=timezone.localdate)
    source = models.CharField(max_length=200)
    why = models.CharField(max_length=300)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    set_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["kind", "-starts_on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(years__gte=1, years__lte=100), name="retentionrule_years"),
            models.CheckConstraint(condition=~Q(why=""), name="retentionrule_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.counted}"

    @property
    def counted(self) -> str:
        """From when the years are counted, in words."""
        if self.kind == self.Kind.SERVED:
            return f"until the youngest child would be {self.years}"
        return f"{self.years} year{'' if self.years == 1 else 's'} after the ending"


class RetentionReview(FamilyRecord):
    """Somebody looked at a family's record and said what is to become of it, and why."""

    class Decision(models.TextChoices):
        DISPOSE = "dispose", "Dispose of it"
        LONGER = "longer", "Keep it longer"
        HOLD = "hold", "Put it on legal hold"
        LIFT = "lift", "Lift the hold"

    decision = models.CharField(max_length=7, choices=Decision.choices)
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(reason=""), name="retentionreview_has_a_reason")]

    def __str__(self) -> str:
        return self.get_decision_display()


class Hold(FamilyRecord):
    """What stops a disposal: a legal hold, until it is lifted, or a decision to keep the record longer, until a day.

    Without words: managers see that there is one. Why stands in the review.
    """

    class Kind(models.TextChoices):
        LEGAL = "legal", "Legal hold"
        LONGER = "longer", "Kept longer"

    class Ground(models.TextChoices):
        INQUIRY = "inquiry", "A public inquiry asked that nothing be destroyed"
        CLAIM = "claim", "A claim or a court case, begun or expected"
        POLICE = "police", "The police, or a safeguarding review"
        REQUEST = "request", "A request to see the record, or a complaint, is open"
        WORK = "work", "The work may need it"
        OTHER = "other", "Another ground"

    kind = models.CharField(max_length=6, choices=Kind.choices)
    ground = models.CharField(max_length=8, choices=Ground.choices)
    until = models.DateField(null=True, blank=True)
    review = models.ForeignKey(RetentionReview, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["family", "kind"], condition=Q(ended_at=None), name="hold_one_of_a_kind"),
            models.CheckConstraint(condition=Q(kind="legal") | Q(until__isnull=False), name="hold_longer_has_a_day"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="hold_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
