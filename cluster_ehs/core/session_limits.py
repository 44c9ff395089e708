"""How long a sign-in lasts: half an hour without a request, twelve hours in all [OWASP ASVS 5.0 7.3].

A page that asks by itself (the progress of a report) does not count as somebody at work. What was being typed is in a
draft on the server by then; a form sent afterwards is kept (`draft_views.KeepTypedMiddleware`).
"""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from time import time
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

BEGAN, SEEN = "session_began", "session_seen"
# A session is written again at most this often, so that a request costs no statement for it.
NOTED_EVERY = timedelta(minutes=1)
PASSIVE = "X-Passive"


def begin(request: HttpRequest, **_: object) -> None:
    """Start both clocks when somebody signs in."""
    request.session[BEGAN] = request.session[SEEN] = int(time())


user_logged_in.connect(begin, dispatch_uid="session_limits")


def seconds_left(session: SessionBase) -> int:
    """Until the sign-in ends whatever is done."""
    return max(0, session.get(BEGAN, int(time())) + settings.SESSION_COOKIE_AGE - int(time()))


def is_over(session: SessionBase) -> bool:
    return int(time()) - session.get(SEEN, 0) >= settings.SESSION_IDLE_SECONDS or not seconds_left(session)


class SessionLimitsMiddleware:
    """Signs out who has been away too long; the request then goes on as nobody's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session
        if SESSION_KEY in session:
            if BEGAN not in session:
                begin(request)
            elif is_over(session):
                idle = seconds_left(session) > 0
                logout(request)
                if "HX-Request" not in request.headers and "text/html" in request.headers.get("Accept", ""):
                    messages.info(request, over_words(idle=idle))
            elif int(time()) - session[SEEN] >= NOTED_EVERY.total_seconds() and PASSIVE not in request.headers:
                session[SEEN] = int(time())
        return self.get_response(request)


def over_words(*, idle: bool) -> str:
    minutes, hours = settings.SESSION_IDLE_SECONDS // 60, settings.SESSION_COOKIE_AGE // 3600
    return (
        f"You were signed out because nothing was done for {minutes} minutes."
        if idle
        else f"You were signed out because a sign-in lasts {hours} hours at most."
    )


def clocks(request: HttpRequest) -> dict[str, Any]:
    """What the page's script needs to warn in time: seconds, and whose page it is."""
    return {"idle": settings.SESSION_IDLE_SECONDS, "left": seconds_left(request.session), "whose": request.user.pk}


@login_not_required
@require_POST
def stay(request: HttpRequest) -> JsonResponse:
    """“Stay signed in”: 200 with the clocks, or 401 when it is too late."""
    if not request.user.is_authenticated:
        return JsonResponse({"detail": "Your sign-in has ended."}, status=HTTPStatus.UNAUTHORIZED)
    request.session[SEEN] = int(time())
    return JsonResponse(clocks(request))
