"""Why a panel guest reads something of a family: its referral is on the agenda of a meeting that is open."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from clusters.http import UserRequest
from families.models import Family
from triage.models import Attendee


def guests_of(request: UserRequest, *, family: Family) -> dict[str, Any]:
    """Guests of open meetings that have the family on the agenda: from an hour before to a day after the start."""
    now = timezone.now()
    rows = Attendee.objects.filter(
        meeting__items__family=family,
        meeting__items__deferred_at__isnull=True,
        meeting__starts_at__range=(now - timedelta(days=1), now + timedelta(hours=1)),
        user__isnull=False,
    ).select_related("meeting")
    return {
        "reasons": [
            (
                row.user_id,
                f"Guest of the meeting of {timezone.localtime(row.meeting.starts_at):%-d %B}: sees the referral on its "
                f"agenda, not the family’s page, until "
                f"{timezone.localtime(row.meeting.starts_at + timedelta(days=1)):%-d %B at %H:%M}",
            )
            for row in {row.user_id: row for row in rows}.values()
        ]
    }
