"""The page that asks for a second factor, the reset of somebody else's, and the end of their sign-ins."""

from allauth.account import views as allauth
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_http_methods, require_safe

from clusters.http import UserRequest
from clusters.models import User
from clusters.signing_in import keys, policies, second_factor, services
from clusters.views.pages import settings_page

GOING = "second_factor_next"


def wanted(request: UserRequest) -> str:
    """The page that was asked for before the second factor was; the account when it is not one of ours."""
    address = request.GET.get("next") or request.session.get(GOING) or ""
    ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if ours else reverse("account")


@require_safe
def needed(request: UserRequest) -> HttpResponse:
    """Where the second factor stands between a person and the page that was asked for.

    Who has one shows it. Who has none sets one up here first; then the recovery codes, then the page.
    """
    going = wanted(request)
    if second_factor.was_shown(request) or not second_factor.is_required(request.user):
        request.session.pop(GOING, None)
        return redirect(going)
    held = {factor.type for factor in second_factor.factors_of(request.user)}
    if held:
        name = "mfa_reauthenticate" if Authenticator.Type.TOTP in held else "mfa_reauthenticate_webauthn"
        return redirect(f"{reverse(name)}?{urlencode({'next': going})}")
    request.session[GOING] = going
    return render(request, "account/second_factor_needed.html", {"alone": True})


@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: UserRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    policies.check_reset_second_factor(request.user, person)
    back = reverse("settings-person", args=[pk])
    if request.method == "POST":
        services.reset_second_factor(person, by=request.user)
        messages.success(
            request, f"{person} is signed out everywhere and told by mail. The next sign-in asks for a new one."
        )
        return redirect(back)
    return settings_page(
        request,
        "clusters/confirm.html",
        title=f"Take away the second factor of {person}?",
        text=(
            "For a lost telephone. Speak with the person first, by voice or face to face: a message that asks for this "
            "may be from somebody else. The app, passkeys and recovery codes stop working, all sign-ins end, API "
            "tokens and the calendar’s address too, and the person is told by mail. The password stays. Through the "
            "council’s directory the account is found by its e-mail address again, once."
        ),
        action="Take it away",
        back_url=back,
    )


def sign_out(request: UserRequest) -> HttpResponse:
    """Whoever has left leaves nothing: the browser is told to drop what it holds of us, pages and stores alike."""
    answer = allauth.logout(request)
    if not request.user.is_authenticated:
        answer["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def what_else_ends(person: User) -> str:
    held = keys.of(person)
    return f"This ends as well: {held.words}. " if held else ""


@require_http_methods(["GET", "HEAD", "POST"])
def end_sign_ins(request: UserRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    policies.check_end_sign_ins(request.user, person)
    back = reverse("settings-person", args=[pk])
    if request.method == "POST":
        services.end_sign_ins(person, by=request.user)
        messages.success(request, f"{person} is signed out everywhere and told by mail.")
        return redirect(back)
    return settings_page(
        request,
        "clusters/confirm.html",
        title=f"Sign {person} out everywhere?",
        text=(
            "For a telephone or laptop that is lost, or a browser left open where others are. "
            f"{what_else_ends(person)}Password and second factor stay as they are: the person can sign in again at "
            "once, and is told by mail. What was being typed is kept."
        ),
        action="Sign out everywhere",
        back_url=back,
    )


@login_not_required
@require_safe
def stopped(request: UserRequest) -> HttpResponse:
    """The person said no at the council's directory."""
    messages.info(request, "You stopped at the council’s directory. Sign in here, or try again.")
    return redirect("account_login")
