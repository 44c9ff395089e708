"""Who asks how a family is after the ending, and how often it is tried."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from cases.policies import leads_cluster
from cluster_ehs.core.denied import Denied
from clusters.models import User
from clusters.people import duties
from outcomes.followup.models import FollowUp

# Months after the ending (domain section 2.9).
MONTHS = (3, 12)
# “Not reached” is an answer after so many tries. Our own line: no source draws one.
TRIES = 3


def months_after(day: date, months: int) -> date:
    """The same day some months on, or the last one of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def check_record(user: User, follow_up: FollowUp) -> None:
    """Who stays in touch, or a leader of the Cluster. Raises Denied."""
    if leads_cluster(user, follow_up.cluster_id):
        return
    if follow_up.holder_id != user.pk or follow_up.cluster_id not in duties(user).clusters:
        raise Denied("Only who stays in touch with the family, or the Cluster leader, records the follow-up.")


def can_record(user: User, follow_up: FollowUp) -> bool:
    try:
        check_record(user, follow_up)
    except Denied:
        return False
    return True


def check_give_up(user: User, follow_up: FollowUp) -> None:
    if not leads_cluster(user, follow_up.cluster_id):
        raise Denied("Only a leader of this Cluster can say that a follow-up is not needed, or who asks.")
