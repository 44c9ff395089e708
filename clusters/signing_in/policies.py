"""Who may help whom back in."""

from cluster_ehs.core.denied import Denied
from clusters.account_changes.policies import BY_TWO, is_managers
from clusters.models import User
from clusters.people import duties
from clusters.policies import GIVEN_BY_LEADERS, allowed, check_see_person


def check_reset_second_factor(user: User, person: User) -> None:
    """A leader for those who work in the own Cluster alone; a manager for everybody. Nobody for themselves.

    Of a manager it is asked for, and another manager confirms it (`account_changes`).
    """
    if person.pk == user.pk:
        raise Denied("You cannot take away your own second factor here. Ask another manager or your leader.")
    check_answers_for(user, person)
    if is_managers(person):
        raise Denied(BY_TWO)


def check_end_sign_ins(user: User, person: User) -> None:
    """The same people; one's own are on one's own account page."""
    if person.pk == user.pk:
        raise Denied("Your own sign-ins are listed, and ended, under Your account.")
    check_answers_for(user, person)


def check_answers_for(user: User, person: User) -> None:
    if duties(user).is_manager:
        return
    check_see_person(user, person)
    held = duties(person)
    if any(role.role not in GIVEN_BY_LEADERS or role.cluster_id not in duties(user).leads for role in held.roles):
        raise Denied(f"{person} has more than the roles of your Cluster. Ask a manager.")


def can_end_sign_ins(user: User, person: User) -> bool:
    return allowed(check_end_sign_ins, user, person)


def can_reset_second_factor(user: User, person: User) -> bool:
    return allowed(check_reset_second_factor, user, person)
