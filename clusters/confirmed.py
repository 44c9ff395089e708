"""Dangerous acts ask once more who is there: exports, roles, emergency access [OWASP ASVS 5.0 7.5.3]."""

from collections.abc import Callable
from functools import wraps
from time import time
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cluster_ehs.core import drafts
from cluster_ehs.core.session_limits import BEGAN

View = Callable[..., HttpResponse]


def is_recent(request: HttpRequest) -> bool:
    """Whether the person signed in, or typed the password again, within the last minutes (the setting's)."""
    shown = [record["at"] for record in get_authentication_records(request, request.user)]
    return time() - max([*shown, request.session.get(BEGAN, 0)]) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def confirmed(view: View, *, when: Callable[[HttpRequest], bool] = lambda request: True) -> View:
    """The view behind the password, unless it was typed a short while ago.

    when: which requests are meant, such as a page's downloads. A form that was sent meanwhile is kept as a draft; it
    is shown after the password, to be sent with one button.
    """

    @wraps(view)
    def asked_first(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated or not when(request) or is_recent(request):
            return view(request, *args, **kwargs)
        kept = drafts.keep_posted(request, "What you sent before you were asked who you are") if request.POST else None
        # A button without text has no page of its own to come back to: back to where it stands.
        page = drafts.page_of(request) if request.method == "POST" else ""
        back = reverse("kept-draft", args=[kept.id]) if kept else page or request.get_full_path()
        # Who comes back by a password would think that it was done.
        again = " Nothing was done yet: press the button again afterwards." if request.method == "POST" else ""
        then = " What you typed is kept." if kept else again
        messages.info(request, f"This step asks once more who you are.{then}")
        return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': back})}")

    asked_first.asks_again = True  # type: ignore[attr-defined]
    return asked_first


def downloads(request: HttpRequest) -> bool:
    """Of a page with its downloads beside it: those that ask for a file."""
    return "as" in request.GET
