"""Who is told at once when something happens to a record. The message holds a link and no name."""

from collections.abc import Collection
from datetime import datetime

from clusters.duty import Rung, managers, on_duty, without_repeats
from clusters.models import Role, StaffRole, User


def people_to_tell(*, cluster_id: int, restricted: bool, named: Collection[int] = ()) -> list[User]:
    """The Cluster's leaders, longest in the role first; of a restricted record only leaders who are named in it, or
    else the managers."""
    roles = StaffRole.objects.today().filter(user__is_active=True, user__email__isnull=False)
    roles = roles.select_related("user").order_by("starts_on", "pk")
    leaders = roles.filter(role=Role.LEADER, cluster_id=cluster_id)
    if restricted:
        leaders = leaders.filter(user_id__in=named)
    chosen = list(leaders) or list(roles.filter(role=Role.MANAGER))
    return list({role.user_id: role.user for role in chosen}.values())


def harm_rungs(*, cluster_id: int, restricted: bool, named: Collection[int] = (), at: datetime) -> list[Rung]:
    """Who is told of a risk of significant harm, first to last (`clusters.duty`).

    Of a restricted record only those of them who are named in it, then the managers (domain section 5).
    """
    rungs = on_duty(cluster_id, at)
    if not restricted:
        return rungs
    known = [[told for told in rung if told.user_id in set(named)] for rung in rungs]
    return without_repeats([*known, managers(day_of=at)])
