"""Leads whoever needs a second factor and has not shown one to it, before anything else opens."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cluster_ehs.core import drafts
from clusters.signing_in import second_factor

# What is needed to show one, to say who one is, and to leave.
OPEN = frozenset(
    {
        "second-factor",
        "account_logout",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
    }
)
# To set one up, for who has none: anybody who knows the password alone would add their own beside the owner's.
SETTING_UP = frozenset({"mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes"})


class SecondFactorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Pages that open all the same, and those of errors, offer nothing that would only lead back here.
        request.is_half_signed_in = lambda: second_factor.is_lacking(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not getattr(view, "login_required", True):
            return None
        user: Any = request.user
        name = request.resolver_match.url_name if request.resolver_match else ""
        if name in OPEN or not second_factor.is_lacking(request):
            return None
        if name in SETTING_UP and not second_factor.has_one(user):
            return None
        there = f"{reverse('second-factor')}?{urlencode({'next': self.back_to(request)})}"
        if "HX-Request" in request.headers:
            return HttpResponse(status=HTTPStatus.FORBIDDEN, headers={"HX-Redirect": there})
        return redirect(there)

    def back_to(self, request: HttpRequest) -> str:
        """The page that was asked for; a form that was sent is kept, to be sent with one button."""
        if request.method in {"GET", "HEAD"}:
            return request.get_full_path()
        kept = drafts.keep_posted(request, "What you sent before the second factor") if request.POST else None
        return reverse("kept-draft", args=[kept.id]) if kept else reverse("home")
