"""Where people are signed in: the list of their browsers, and its end. Nothing else refers to a session by its name.

allauth's table says who, since when and from where; its own handlers would note there the key that stands in the cookie
(`session_list` leaves them out). The session itself is found by the name that `core.session_store` gives it.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from allauth.account.signals import password_changed, password_set, user_logged_in
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from cluster_ehs.core import limits, session_store
from clusters.models import User

# As long as the table's column.
AGENT = 200


def name_here(request: HttpRequest) -> str:
    """What the table calls the session of this request."""
    return session_store.name_of(request.session.session_key or "")


def note(request: HttpRequest, user: User, **_: Any) -> None:
    """A browser is in from now on, or goes on under a new key after a new password."""
    if not request.session.session_key:
        request.session.save()
    UserSession.objects.update_or_create(
        session_key=name_here(request),
        defaults={
            "user": user,
            "ip": limits.address_of(request),
            "user_agent": request.headers.get("User-Agent", "")[:AGENT],
        },
    )


def browsers_of(user: User) -> list[UserSession]:
    """Where somebody is signed in now, the latest first."""
    since = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    rows = list(UserSession.objects.filter(user=user, created_at__gt=since).order_by("-created_at", "-pk"))
    alive = session_store.alive(row.session_key for row in rows)
    return [row for row in rows if row.session_key in alive]


def end(rows: Iterable[UserSession]) -> None:
    """Each of these browsers is out with its next request."""
    rows = list(rows)
    session_store.end(row.session_key for row in rows)
    UserSession.objects.filter(pk__in=[row.pk for row in rows]).delete()


def end_all(user: User, *, but: str = "") -> None:
    """Every browser of somebody's; `but` is the name of the one that stays in."""
    end(UserSession.objects.filter(user=user).exclude(session_key=but))


def renamed(before: str, request: HttpRequest) -> None:
    """The session goes on under a new key; `before` is its former name."""
    UserSession.objects.filter(session_key=before).update(session_key=name_here(request))


def put_away() -> None:
    """For the sweep of each minute: what has expired is not kept, nor where it was from."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    too_old = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    UserSession.objects.filter(created_at__lt=too_old).delete()


user_logged_in.connect(note, dispatch_uid="note_session")
for signal in (password_changed, password_set):
    signal.connect(note, dispatch_uid="note_session")
