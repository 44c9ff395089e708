"""Whose way in needs two people, who asks, and who confirms."""

from datetime import timedelta

from django.utils import timezone

from cluster_ehs.core.denied import Denied
from cluster_ehs.core.models import Event
from clusters.models import AccountRequest, ManagerRequest, Role, User
from clusters.people import duties
from clusters.policies import allowed, check_see_person

BY_TWO = "A manager’s account needs two people. Ask for it on the person’s page, and another manager confirms it."
# Who was let in, or whose account was changed, by somebody within this time is no second person beside them.
APART_FOR = timedelta(days=30)
CHANGES = ("settings.person", "settings.role")


def is_managers(person: User) -> bool:
    """The account of a manager of today or later, or of somebody whose role as manager waits to be confirmed."""
    held = person.roles.filter(role=Role.MANAGER).exclude(ends_on__lte=timezone.localdate())
    waits = ManagerRequest.objects.filter(user=person, status=ManagerRequest.Status.WAITING)
    return held.exists() or waits.exists()


def check_ask(user: User, person: User) -> None:
    check_see_person(user, person)
    if not is_managers(person):
        raise Denied(f"{person} is no manager: a manager, or the leader of the Cluster, changes it at once.")


def check_confirm(user: User, asked: AccountRequest) -> None:
    """The second person: a manager, not who asked and not whom it is about."""
    if not duties(user).is_manager:
        raise Denied("A change to a manager’s account is confirmed by a manager.")
    if user.pk == asked.user_id:
        raise Denied("It is about your own account. Another manager confirms it.")
    if user.pk == asked.asked_by_id:
        raise Denied("You asked for it: another manager confirms it.")


def check_refuse(user: User, asked: AccountRequest) -> None:
    """A manager, and whom it is about: what they did not want ends at once."""
    if not duties(user).is_manager and user.pk != asked.user_id:
        raise Denied("A change to a manager’s account is refused by a manager.")


def check_apart(user: User, asker: User | None) -> None:
    """Two people are two people: nobody makes a leader, or takes a leader's account over, and confirms what that asks.

    A manager's own account needs two for that already. Read from the history, where everybody reads their own acts.
    """
    if asker is None or duties(asker).is_manager:
        return
    roles = asker.roles.values_list("pk", flat=True)
    about = [f"clusters.user:{asker.pk}", *(f"clusters.staffrole:{pk}" for pk in roles)]
    mine = Event.objects.filter(user_id=user.pk, family_id=None, about__in=about, kind__in=CHANGES)
    if mine.filter(at__gte=timezone.now() - APART_FOR).exists():
        raise Denied(
            f"You gave {asker} a role, or changed the account, within {APART_FOR.days} days. Another manager confirms "
            "what they ask for, or whoever runs the server does it."
        )


def can_ask(user: User, person: User) -> bool:
    return allowed(check_ask, user, person)


def can_confirm(user: User, asked: AccountRequest) -> bool:
    return allowed(check_confirm, user, asked)
