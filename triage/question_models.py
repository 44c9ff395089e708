"""What the referrer was asked, and the answer."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from clusters.models import User
from families.models import FamilyRecord
from referrals.models import Referral


class Question(FamilyRecord):
    """A question to who referred. Answered by staff on its page, or by a link that was sent, without a sign-in.

    Until it is answered, or its day has passed, the referral stands on no agenda.
    """

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="questions", db_constraint=False)
    text = models.TextField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    # The colleague who logged the referral; empty when it came from outside.
    to_user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # Only the digest of the link is kept; empty when nobody could be written to.
    token_digest = models.CharField(max_length=64, blank=True)
    tries = models.PositiveIntegerField(default=0)
    # Asked when the record was restricted already; a link from before ends with that.
    while_restricted = models.BooleanField(default=False, db_default=False)
    answer = models.TextField(blank=True)
    answered_by_name = models.CharField(max_length=120, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["asked_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["token_digest"], name="question_by_token", condition=~Q(token_digest="")),
            models.UniqueConstraint(
                fields=["referral"], name="question_one_open", condition=Q(answered_at__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="") | Q(answered_at__isnull=False) & ~Q(answer=""),
                name="question_answered_with_words",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["referral", "-asked_at"], name="question_of_referral")]

    def __str__(self) -> str:
        return f"Question of {self.asked_at:%Y-%m-%d}"
