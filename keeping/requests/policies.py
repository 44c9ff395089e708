"""Who may log, read and answer a request about records (docs/adr/0022).

Anybody may be asked, so anybody who works in the Cluster logs. A leader of the Cluster deals with it, or whoever opened
the record in an emergency. Managers see no names and so no request; they have the figures.
"""

from cluster_ehs.core.denied import Denied
from clusters.models import User
from clusters.people import duties
from families.models import Family
from families.policies import check_open, has_emergency_access
from keeping.requests.models import RightsRequest


def check_log(user: User, family: Family) -> None:
    check_open(user, family)


def can_see_log(user: User, **_: object) -> bool:
    return bool(duties(user).clusters)


def check_see_log(user: User) -> None:
    if not can_see_log(user):
        raise Denied("Requests about records are for the workers of a Cluster. The figures are among the reports.")


def can_handle(user: User, asked: RightsRequest) -> bool:
    return asked.cluster_id in duties(user).leads or has_emergency_access(user, asked.family)


def check_handle(user: User, asked: RightsRequest) -> None:
    if not can_handle(user, asked):
        raise Denied("A leader of the Cluster deals with requests about records.")


def check_read(user: User, asked: RightsRequest) -> None:
    """Of a complaint the row policies show the row to fewer: it may be about a colleague."""
    if asked.cluster_id not in duties(user).clusters and not has_emergency_access(user, asked.family):
        raise Denied("A request about records is read by the workers of its Cluster.")


def check_second(user: User, asked: RightsRequest) -> None:
    check_open(user, asked.family)
    if user.pk == asked.sent_to_reader_by_id:
        raise Denied("Somebody else reads the copy a second time before it goes out.")
