"""Who may change who we are. `check_x` raises Denied with a reason for people; `can_x` derives from it."""

from collections.abc import Callable
from typing import Any

from cluster_ehs.core.denied import Denied
from clusters.models import ClinicalSupervision, Cluster, Role, StaffRole, User
from clusters.people import duties

# What a Cluster leader may give and take away in the own Cluster.
GIVEN_BY_LEADERS = frozenset({Role.PRACTITIONER, Role.PANEL_GUEST})


def allowed(check: Callable[..., None], *about: Any) -> bool:
    try:
        check(*about)
    except Denied:
        return False
    return True


def check_see_settings(user: User) -> None:
    """Managers see all settings, Cluster leaders those of their own Clusters."""
    if not (duties(user).is_manager or duties(user).leads):
        raise Denied("Settings are for managers and Cluster leaders.")


def check_manage(user: User) -> None:
    if not duties(user).is_manager:
        raise Denied("Only a manager changes this.")


def check_see_cluster(user: User, cluster: Cluster) -> None:
    if not (duties(user).is_manager or cluster.pk in duties(user).leads):
        raise Denied("Only a manager or the leader of this Cluster sees its settings.")


def check_set_entitlement(user: User, cluster: Cluster | None) -> None:
    """The general entitlement is a manager's; a Cluster's own also its leader's."""
    if duties(user).is_manager:
        return
    if cluster is None:
        raise Denied("Only a manager changes what holds for every Cluster. Choose your own Cluster.")
    if cluster.pk not in duties(user).leads:
        raise Denied(f"Only a manager or the leader of {cluster} changes what holds there.")


def check_set_budget(user: User, cluster: Cluster) -> None:
    if not duties(user).is_manager and cluster.pk not in duties(user).leads:
        raise Denied(f"Only a manager or the leader of {cluster} sets its budget for interpreters.")


def check_set_contribution(user: User, cluster: Cluster) -> None:
    if not duties(user).is_manager and cluster.pk not in duties(user).leads:
        raise Denied(f"Only a manager or the leader of {cluster} sets what its schools contribute.")


def check_duty(user: User, cluster: Cluster | None) -> None:
    """Who is told in a Cluster is its leader's to say; the city's emergency duty team is a manager's."""
    if not duties(user).is_manager and (cluster is None or cluster.pk not in duties(user).leads):
        raise Denied("Only a manager, or the leader of this Cluster, says who is told.")


def check_give_role(user: User, *, to: User | None, role: str, cluster: Cluster | None) -> None:
    """`to` is None for somebody who is being invited."""
    if duties(user).is_manager:
        if to is not None and to.pk == user.pk and role == Role.MANAGER:
            raise Denied("You cannot make yourself a manager. Ask another manager.")
        return
    if not duties(user).leads:
        raise Denied("Only a manager or a Cluster leader gives roles.")
    if role not in GIVEN_BY_LEADERS:
        raise Denied("A Cluster leader gives the roles practitioner and panel guest. Ask a manager for others.")
    if cluster is None or cluster.pk not in duties(user).leads:
        raise Denied("You give roles in your own Cluster only.")


def check_end_role(user: User, role: StaffRole) -> None:
    check_give_role(user, to=None, role=role.role, cluster=role.cluster)


def check_see_person(user: User, person: User) -> None:
    """A leader sees who works, or worked, in an own Cluster."""
    if duties(user).is_manager:
        return
    check_see_settings(user)
    if not person.roles.filter(cluster_id__in=duties(user).leads).exists():
        raise Denied("You see the staff of your own Cluster.")


def check_invite_again(user: User, person: User) -> None:
    """Who saw a person's settings may send the link again; it goes to the person's own address."""
    check_see_person(user, person)


def check_supervision(user: User, pair: ClinicalSupervision | None = None) -> None:
    check_manage(user)


def check_own_tokens(user: User) -> None:
    held = duties(user)
    if not (held.is_manager or held.clusters):
        raise Denied("Tokens of the API are for practitioners, Cluster leaders and managers.")


def can_see_settings(user: User) -> bool:
    return allowed(check_see_settings, user)


def can_manage(user: User) -> bool:
    return allowed(check_manage, user)


def can_set_entitlement(user: User, cluster: Cluster | None) -> bool:
    return allowed(check_set_entitlement, user, cluster)


def can_end_role(user: User, role: StaffRole) -> bool:
    return allowed(check_end_role, user, role)


def can_own_tokens(user: User) -> bool:
    return allowed(check_own_tokens, user)
