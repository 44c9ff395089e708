"""One's own account, and the first password."""

from copy import copy
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cluster_ehs.core import scope
from clusters import policies
from clusters.account_forms import FirstPasswordForm, ProfileForm, TokenForm
from clusters.api_auth import SCOPES
from clusters.http import UserRequest
from clusters.invitations import invited
from clusters.models import ApiToken
from clusters.people import duties
from clusters.services import accounts
from clusters.signing_in import keys, second_factor
from clusters.signing_in import sessions as signed_in
from clusters.signing_in.devices import device
from clusters.views.pages import form_page

NEW_TOKEN = "new_api_token"  # noqa: S105 - the session's key, not a token


@require_safe
def account(request: UserRequest) -> HttpResponse:
    """Name, roles, password, second factor and tokens; a token just made is shown this once."""
    user = request.user
    factors = list(Authenticator.objects.filter(user=user))
    tokens = [
        {"token": token, "scopes": [SCOPES.get(scope_, scope_) for scope_ in token.scopes]}
        for token in user.api_tokens.order_by("-created_at")
    ]
    codes = next((one.wrap() for one in factors if one.type == Authenticator.Type.RECOVERY_CODES), None)
    return render(
        request,
        "account/account.html",
        {
            "held": duties(user),
            "tokens": tokens,
            "may_have_tokens": policies.can_own_tokens(user),
            "new_token": request.session.pop(NEW_TOKEN, None),
            "second_factor": any(one.type in second_factor.FACTORS for one in factors),
            "sessions": sessions_of(request),
            "keys": keys.of(user),
            "codes_left": len(codes.get_unused_codes()) if codes else 0,
        },
    )


def sessions_of(request: UserRequest) -> list[dict[str, Any]]:
    """Where the person is signed in, this browser first."""
    here = signed_in.name_here(request)
    rows = [
        {
            "pk": one.pk,
            "device": device(one.user_agent),
            "ip": one.ip,
            "since": one.created_at,
            "here": one.session_key == here,
        }
        for one in signed_in.browsers_of(request.user)
    ]
    return sorted(rows, key=lambda row: not row["here"])


@require_POST
def sessions_end(request: UserRequest) -> HttpResponse:
    """Sign out everywhere else: each other browser of the person is out with its next request."""
    ended = accounts.sign_out_elsewhere(request, by=request.user)
    also = f" Ended as well: {ended.words}." if ended else ""
    messages.success(request, f"You are signed out everywhere but here.{also}")
    return redirect("account")


@require_POST
def session_end(request: UserRequest, pk: int) -> HttpResponse:
    """One browser of one's own; this one is left by signing out."""
    row = get_object_or_404(UserSession, pk=pk, user=request.user)
    if row.session_key == signed_in.name_here(request):
        messages.info(request, "That is this browser. Sign out to leave it.")
        return redirect("account")
    accounts.sign_out_of(row, by=request.user)
    messages.success(request, f"You are signed out of {device(row.user_agent)}.")
    return redirect("account")


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: UserRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=copy(request.user))

    def act() -> str:
        accounts.change_profile(request.user, **form.values)
        return reverse("account")

    return form_page(request, form, title="Your name and telephone", act=act, done="Saved.", back=reverse("account"))


@sensitive_variables("text")
@require_http_methods(["GET", "HEAD", "POST"])
def token_new(request: UserRequest) -> HttpResponse:
    policies.check_own_tokens(request.user)
    form = TokenForm(request.POST or None)

    def act() -> str:
        token, text = accounts.make_token(by=request.user, **form.values)
        request.session[NEW_TOKEN] = {"name": token.name, "text": text}
        return reverse("account")

    return form_page(
        request,
        form,
        title="Make a token",
        act=act,
        done="The token is made. Copy it now: it is not shown again.",
        back=reverse("account"),
        lead="A token lets a program work in your name through the API.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def token_revoke(request: UserRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk, user=request.user)
    if request.method == "POST":
        accounts.revoke_token(token, by=request.user)
        messages.success(request, f"The token “{token.name}” no longer works.")
        return redirect("account")
    return render(
        request,
        "clusters/confirm.html",
        {
            "title": f"Withdraw the token “{token.name}”?",
            "text": "Programs that use it are refused from now on. This cannot be undone; make a new one instead.",
            "action": "Withdraw the token",
            "back_url": reverse("account"),
        },
    )


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: UserRequest, key: str) -> HttpResponse:
    """Set the first password by the link of the invitation: public, since nobody can be signed in yet."""
    user = invited(key)
    if user is None:
        return render(request, "account/invitation_over.html", status=410)
    form = FirstPasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        scope.act_as_user(user.pk, request_id=getattr(request, "request_id", ""))
        accounts.set_first_password(user, password=form.cleaned_data["password1"])
        messages.success(request, "Your password is set. Sign in with it now.")
        return redirect("account_login")
    return render(request, "account/invitation.html", {"form": form, "person": user})
