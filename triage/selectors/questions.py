"""Questions to referrers that somebody has to see."""

from django.db.models import Q

from clusters.models import User
from referrals.models import Status
from triage.models import Question


def mine(user: User) -> list[Question]:
    """Open ones to this user, and answers to what this user asked, while the referral is undecided."""
    to_me = Q(to_user=user, answered_at__isnull=True) | Q(asked_by=user, answered_at__isnull=False)
    found = Question.objects.filter(to_me, referral__status=Status.TO_SCREEN)
    return list(found.select_related("referral", "asked_by").order_by("due_on")[:20])
