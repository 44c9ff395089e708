"""A family moves to another Cluster: what is offered, what arrives there, what is kept of it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from clusters.models import Cluster, User
from families.models import Agreement, FamilyRecord
from referrals.models import Referral


class TransferStatus(models.TextChoices):
    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted there"
    DECLINED = "declined", "Declined there"
    WITHDRAWN = "withdrawn", "Withdrawn"
    ENDED = "ended", "Moved: ended here"


class Transfer(FamilyRecord):
    """The sending side: which parts the family agreed to share, the letter made of them, and the answer."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="transfers", db_constraint=False)
    to_cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    # Who may open it there; needed when the record is restricted.
    for_user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    status = models.CharField(max_length=10, choices=TransferStatus.choices, default=TransferStatus.OFFERED)
    why = models.TextField()
    letter = models.JSONField()
    offered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField()
    answered_by_name = models.CharField(max_length=120, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["-offered_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["family"], name="transfer_one_at_a_time", condition=Q(status__in=["offered", "accepted"])
            ),
        ]

    def __str__(self) -> str:
        return f"Transfer of {self.referral_id}"


class IncomingTransfer(models.Model):
    """The receiving side until it answers: a letter of no family of theirs yet. Written by the database alone."""

    # The same id as the transfer on the other side.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    from_cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    for_user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    restricted = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=TransferStatus.choices, default=TransferStatus.OFFERED)
    # Emptied by the answer: accepted, it stands in the family's own record here; else nothing of it stays.
    letter = models.JSONField(null=True)
    offered_by_name = models.CharField(max_length=120)
    offered_at = models.DateTimeField()
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-offered_at"]

    def __str__(self) -> str:
        return f"From {self.from_cluster_id}"


class ReceivedRecord(FamilyRecord):
    """What another Cluster sent with the family's agreement, as it was sent. Never changed."""

    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="received", db_constraint=False)
    from_cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    letter = models.JSONField()
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"Received with {self.referral_id}"
