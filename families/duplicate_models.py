"""Records that may be of one person, what people decided about them, and what became one."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from clusters.models import Cluster, User


class DuplicatePair(models.Model):
    """Two people of one Cluster who may be the same. A decision is remembered: the pair is not found again.

    `why` says in words what they share; it holds no name.
    """

    class Status(models.TextChoices):
        OPEN = "open", "To look at"
        NOT_SURE = "not_sure", "Not sure"
        DIFFERENT = "different", "Different people"
        SAME = "same", "The same person"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+", db_index=False)
    one = models.ForeignKey("families.Person", on_delete=models.CASCADE, related_name="+")
    two = models.ForeignKey("families.Person", on_delete=models.CASCADE, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    certain = models.BooleanField(default=False)
    score = models.PositiveSmallIntegerField(default=0)
    why = models.JSONField(default=list)
    note = models.CharField(max_length=300, blank=True)
    found_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["one", "two"], name="duplicatepair_once"),
            models.CheckConstraint(condition=Q(one__lt=F("two")), name="duplicatepair_in_order"),
            models.CheckConstraint(
                condition=Q(status="open") | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="duplicatepair_decided_by_somebody",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["cluster", "status", "-score", "id"], name="duplicatepair_queue")]

    def __str__(self) -> str:
        return self.get_status_display()


class PersonToCheck(models.Model):
    """Somebody whose record was made or changed since duplicates of it were last looked for."""

    id = models.BigAutoField(primary_key=True)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    person = models.OneToOneField("families.Person", on_delete=models.CASCADE, related_name="+")

    class Meta:
        pass

    def __str__(self) -> str:
        return str(self.person_id)


class Merge(models.Model):
    """Two people, or two families, made one by a leader.

    Both originals stay as they were, hidden by the row policies and pointing to the one that is kept. `moved` holds
    what it takes to undo it: the rows that changed hands, the links that were pointed elsewhere, the rows that would
    have stood there twice, and the blanks that were filled.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+", db_index=False)
    family = models.ForeignKey("families.Family", on_delete=models.PROTECT, related_name="merges", db_constraint=False)
    gone_family = models.ForeignKey(
        "families.Family", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    moved = models.JSONField(default=dict)
    merged_at = models.DateTimeField(auto_now_add=True)
    merged_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="merge_undone_by_somebody",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["cluster", "-merged_at"], name="merge_by_date")]

    def __str__(self) -> str:
        return f"merged into {self.family_id}"

    @property
    def person_pairs(self) -> list[tuple[uuid.UUID, uuid.UUID]]:
        """Who became whom: pairs of the person that is gone and the one that is kept."""
        return [(uuid.UUID(gone), uuid.UUID(kept)) for gone, kept in self.moved.get("people", [])]
