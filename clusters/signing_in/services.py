"""What others do for somebody's way in: a lost telephone, a browser left open."""

import uuid

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import transaction

from cluster_ehs.core.audit import Actor
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.tasks import queue_message
from clusters.changes import record
from clusters.models import User
from clusters.signing_in import keys, policies, second_factor, sessions


@transaction.atomic
def reset_second_factor(person: User, *, by: User) -> User:
    """The telephone is lost: the apps, passkeys and recovery codes of a person stop working, and whatever is open ends.

    The password stays, so that whoever resets it is no nearer to the account. The council's directory is forgotten
    with them: at the next sign-in through it the account is found by its address again. Raises Denied.
    """
    policies.check_reset_second_factor(by, person)
    return take_away_second_factor(person, by=by)


@transaction.atomic
def take_away_second_factor(person: User, *, by: Actor) -> User:
    """The reset itself; who may do it is the caller's to check."""
    person = User.objects.select_for_update().get(pk=person.pk)
    gone, _by_kind = Authenticator.objects.filter(user=person).delete()
    forgotten, _by_kind = SocialAccount.objects.filter(user=person).delete()
    if not gone and not forgotten:
        raise Denied(f"{person} has no second factor.")
    also = _end_all(person, by=by, why="the second factor was taken away")
    record(by=by, kind="person", text=f"Took away the second factor of {person}; all sign-ins ended.", about=person)
    did = f"{by.actor_name} took away the second factor of your account, and you are signed out everywhere."
    tell(person, did + also)
    return person


def has_a_way_in(person: User) -> bool:
    """Whether there is anything to take away: a factor, or the directory's number."""
    return second_factor.has_one(person) or SocialAccount.objects.filter(user=person).exists()


def _end_all(person: User, *, by: Actor, why: str) -> str:
    """What is open anywhere: browsers, tokens, the calendar's address. Returns what to add to the mail about it."""
    sessions.end_all(person)
    ended = keys.end_all(person, by=by, why=why)
    return f" This ended as well: {ended.words}. Make new ones where you need them." if ended else ""


@transaction.atomic
def end_sign_ins(person: User, *, by: User) -> None:
    """A telephone left on the bus, a browser left open: each of the person's browsers is out with its next request.

    Raises Denied.
    """
    policies.check_end_sign_ins(by, person)
    also = _end_all(person, by=by, why="signed out everywhere")
    record(by=by, kind="person", text=f"Signed {person} out everywhere.", about=person)
    tell(person, f"{by.actor_name} signed you out everywhere. Sign in again where you need to.{also}")


def tell(person: User, what: str) -> None:
    """By mail to the person's own address, whatever else was done by somebody who got in."""
    if not person.email:
        return
    queue_message(
        key=f"signing-in:{uuid.uuid4()}",
        to=person.email,
        subject=f"Signing in to {settings.LABELS['service']} has changed",
        body=f"Hello {person.first_name},\n\n{what}\n\nIf you did not expect this, tell your manager at once.\n",
    )
