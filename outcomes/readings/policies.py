"""Who makes a reading, who corrects one, who draws and rates again."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from cases.models import Case, CaseStatus
from cases.policies import check_write, leads_cluster
from cluster_ehs.core.denied import Denied
from clusters.models import User
from clusters.people import duties
from outcomes.models import FamilyReading, SecondReading
from outcomes.policies import REOPEN_DAYS

Moment = FamilyReading.Moment


def check_read(user: User, case: Case) -> None:
    if case.cluster_id not in duties(user).clusters:
        raise Denied("Readings are read by the practitioners and leaders of the Cluster.")


def check_record(user: User, case: Case, moment: str) -> None:
    """Whoever writes in the case. After its closure the end can still be read for a while, by staff of the Cluster."""
    check_read(user, case)
    if case.status != CaseStatus.CLOSED:
        check_write(user, case)
        return
    if moment != Moment.END or not late_end_is_possible(case):
        day = f"{case.closed_on:%-d %B %Y}" if case.closed_on else "earlier"
        raise Denied(f"This case was closed on {day}. Only its end can still be read, for {REOPEN_DAYS} days.")


def late_end_is_possible(case: Case) -> bool:
    return case.closed_on is not None and timezone.localdate() <= case.closed_on + timedelta(days=REOPEN_DAYS)


def can_record(user: User, case: Case, moment: str) -> bool:
    try:
        check_record(user, case, moment)
    except Denied:
        return False
    return True


def check_second(user: User, second: SecondReading) -> None:
    if second.reader_id != user.pk:
        raise Denied("Only the second reader whom the leader named rates this reading.")


def check_draws(user: User) -> None:
    if not duties(user).leads:
        raise Denied("Only a leader of a Cluster draws readings for a second reader.")


def check_draws_in(user: User, cluster_id: int) -> None:
    if not leads_cluster(user, cluster_id):
        raise Denied("Only a leader of this Cluster draws readings for a second reader.")
