"""Who asks for a manager's role, who confirms it, and who lets somebody act up."""

from cluster_ehs.core.denied import Denied
from clusters.models import ManagerRequest, User
from clusters.people import duties
from clusters.policies import allowed


def check_ask(user: User, to: User) -> None:
    if not (duties(user).is_manager or duties(user).leads):
        raise Denied("A manager’s role is asked for by a manager or a Cluster leader.")
    if user.pk == to.pk:
        raise Denied("Nobody asks for themselves. Let somebody else ask.")


def check_confirm(user: User, asked: ManagerRequest) -> None:
    """The second person: a manager, not who asked and not whom it is about."""
    if not duties(user).is_manager:
        raise Denied("A manager’s role is confirmed by a manager.")
    if user.pk == asked.user_id:
        raise Denied("Nobody confirms their own role. Another manager does.")
    if user.pk == asked.asked_by_id:
        raise Denied("You asked for it: another manager confirms it.")


def can_confirm(user: User, asked: ManagerRequest) -> bool:
    return allowed(check_confirm, user, asked)


def can_ask(user: User, to: User) -> bool:
    return allowed(check_ask, user, to)
