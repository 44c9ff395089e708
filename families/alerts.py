"""Who is told at once when something happens to a record. The message holds a link and no name."""

from collections.abc import Collection

from clusters.models import Role, StaffRole, User


def people_to_tell(*, cluster_id: int, restricted: bool, named: Collection[int] = ()) -> list[User]:
    """The Cluster's leaders; of a restricted record only leaders who are named in it, or else the managers."""
    roles = StaffRole.objects.today().filter(user__is_active=True, user__email__isnull=False).select_related("user")
    leaders = roles.filter(role=Role.LEADER, cluster_id=cluster_id)
    if restricted:
        leaders = leaders.filter(user_id__in=named)
    chosen = list(leaders) or list(roles.filter(role=Role.MANAGER))
    return list({role.user_id: role.user for role in chosen}.values())
