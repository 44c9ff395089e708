"""What somebody still holds when a role is to end. The apps above say it, so that nothing is left behind."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone

from clusters.models import Cluster, Role, StaffRole, User

WORKING = (Role.PRACTITIONER, Role.LEADER)


@dataclass(frozen=True)
class Holding:
    """What is held in a Cluster, in words, and the page on which a leader of the Cluster hands it over."""

    cluster: Cluster
    text: str
    url: str


# Asked with the person, the Cluster and the first day without the role.
HOLDS: list[Callable[[User, Cluster, date], Holding | None]] = []


def held_after(role: StaffRole, day: date) -> list[Holding]:
    """What would be left behind if this role ended on a day: nothing, while another working role there goes on."""
    if role.role not in WORKING or role.cluster is None:
        return []
    if role.ends_on is not None and role.ends_on <= timezone.localdate():
        return []
    goes_on = StaffRole.objects.on(max(day, timezone.localdate())).filter(Q(ends_on__isnull=True), user=role.user)
    if goes_on.filter(cluster=role.cluster, role__in=WORKING).exclude(pk=role.pk).exists():
        return []
    return holdings(role.user, role.cluster, day)


def holdings(person: User, cluster: Cluster, day: date) -> list[Holding]:
    found = (ask(person, cluster, day) for ask in HOLDS)
    return [holding for holding in found if holding is not None]


def held_by(person: User, day: date) -> list[Holding]:
    """What is left behind in every Cluster in which the person works, when all roles end on a day."""
    roles = person.roles.on(timezone.localdate()).filter(role__in=WORKING).select_related("cluster").order_by("cluster")
    places = {role.cluster_id: role.cluster for role in roles if role.cluster is not None}
    return [holding for cluster in places.values() for holding in holdings(person, cluster, day)]
