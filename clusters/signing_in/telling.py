"""A change to how somebody signs in is in the history, and is told to the person by mail [OWASP ASVS 5.0 6.3.7]."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from django.http import HttpRequest

from cluster_ehs.core import scope
from clusters.changes import record
from clusters.models import User
from clusters.signing_in import attempts, keys, sessions
from clusters.signing_in.services import tell


def say(user: User, what: str) -> None:
    record(by=user, kind="account", text=f"{user}: {what}.", about=user)
    tell(user, f"This was done in your account: {what}.")


def password_is_new(request: HttpRequest, user: User, **_: Any) -> None:
    """By the link of a mail nobody is signed in yet: the history is written in the name of the link's owner."""
    if not request.user.is_authenticated:
        scope.act_as_user(user.pk, request_id=getattr(request, "request_id", ""))
    if user.email:
        attempts.forget(request, user.email)
    # Whoever had the old one, or the laptop, may be in: only the browser in which it was changed goes on.
    sessions.end_all(user, but=sessions.name_here(request))
    ended = keys.end_all(user, by=user, why="a new password")
    say(user, "the password was changed" + (f", which ended {ended.words}" if ended else ""))


for signal in (password_changed, password_set, password_reset):
    signal.connect(password_is_new, dispatch_uid="tell_password")
