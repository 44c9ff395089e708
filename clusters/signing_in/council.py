"""Signing in through the council's directory (OpenID Connect), for people whom we know already.

Who is not known here is refused with a plain page: the directory says who somebody is, not that they belong here. The
first time, a person is found by the e-mail address that the directory vouches for; from then on by its own number.
It stands for a second factor only where it says that one was used (`amr` or `acr`).
"""

import logging
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.http import urlencode
from requests import RequestException

from cluster_ehs.core import scope
from cluster_ehs.core.denied import Denied
from clusters.changes import record
from clusters.models import User
from clusters.people import duties
from clusters.signing_in import council_roles, logged
from clusters.signing_in.proof import Directory, asked_just_now

PROVIDER = "council"
STRONG = "directory_was_strong"
log = logging.getLogger("ehs.sign_in")


def claims_of(login: SocialLogin) -> dict[str, Any]:
    """What the directory says of the person: the signed token, and what it adds when asked."""
    data = login.account.extra_data
    return {**(data.get("userinfo") or {}), **(data.get("id_token") or {})}


def says_second_factor(claims: dict[str, Any]) -> bool:
    said = claims.get("amr") or []
    methods = {said} if isinstance(said, str) else set(said)
    return bool((methods | {str(claims.get("acr", ""))}) & set(settings.DIRECTORY_SECOND_FACTOR))


class DirectoryAdapter(DefaultSocialAccountAdapter):
    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """allauth's, with our way of reading what the directory answers."""
        found = super().get_provider(request, provider, client_id)
        found.oauth2_adapter_class = Directory
        return found

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Any:
        """Nobody is made from what the directory says; the name here stays the one given here."""
        return sociallogin.user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the person, or refuse; then roles follow the groups. Nothing of the claims is stored."""
        if sociallogin.state.get("process") != "login":
            raise Denied("Accounts are connected by signing in, not otherwise.")
        claims = claims_of(sociallogin)
        if sociallogin.is_existing:
            # allauth has just stored them with the account.
            SocialAccount.objects.filter(pk=sociallogin.account.pk).update(extra_data={})
        if not asked_just_now(claims):
            logged.refused("directory", why="asked nobody for this sign-in")
            raise ImmediateHttpResponse(render(request, "socialaccount/authentication_error.html", status=401))
        user = sociallogin.user if sociallogin.is_existing else self.by_address(claims)
        if user is None or not user.is_active:
            raise ImmediateHttpResponse(refused(request, claims, user))
        if not sociallogin.is_existing and is_connected(user):
            raise ImmediateHttpResponse(refused(request, claims, user, taken=True))
        # What follows is written in the name of the person who is signing in.
        scope.act_as_user(user.pk, request_id=getattr(request, "request_id", ""))
        if not sociallogin.is_existing:
            sociallogin.account.extra_data = {}
            sociallogin.connect(request, user)
            record(by=user, kind="account", text=f"{user} signs in through the council’s directory.", about=user)
        council_roles.follow(user, claims.get(settings.DIRECTORY_GROUPS) or [])
        if not duties(user).roles:
            raise ImmediateHttpResponse(refused(request, claims, user))
        # allauth writes the person into the session while our own second step is asked for.
        user.duties_today = None
        # With whose it is: the step after this one may never come, and somebody else's sign-in instead.
        request.session[STRONG] = user.pk if says_second_factor(claims) else None

    def by_address(self, claims: dict[str, Any]) -> User | None:
        vouched = claims.get("email_verified") is True or settings.DIRECTORY_TRUSTS_ADDRESSES
        address = str(claims.get("email") or "").strip().lower()
        return User.objects.filter(email=address, is_active=True).first() if vouched and address else None

    def validate_disconnect(self, account: Any, accounts: Any) -> None:
        raise ValidationError("A manager changes how somebody signs in.")

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """Its page says so to the person; the log has of what kind, such as a certificate that is not right."""
        logged.refused("directory", why=type(exception).__name__ if exception else "stopped")

    def get_requests_session(self) -> Any:
        """A directory is where its settings say: a redirect would take our secret with it."""
        session = super().get_requests_session()
        session.max_redirects = 0
        return session

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """What matters is told by our own mails."""


def is_connected(user: Any) -> bool:
    return SocialAccount.objects.filter(user_id=user.pk, provider=PROVIDER).exists()


def note_strength(request: HttpRequest, user: AbstractBaseUser) -> None:
    """After the last step: a directory that used a second factor has shown it for this session."""
    if request.session.pop(STRONG, None) == user.pk:
        record_authentication(request, user, "socialaccount", provider=PROVIDER, second_factor=True)


def refused(request: HttpRequest, claims: dict[str, Any], user: User | None, *, taken: bool = False) -> HttpResponse:
    """taken: the account with this address belongs to another number of the directory."""
    why = "the address is connected with another number" if taken else "no account or no role"
    logged.refused("directory", user=user, why=why)
    return render(request, "account/not_known.html", {"address": claims.get("email", ""), "taken": taken}, status=403)


@login_not_required
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """To the directory; when it is away, a plain page, and the password still works.

    A page leads there and not a redirect: browsers refuse a form whose answer redirects to another place than
    `form-action` names, and the directory's own redirects lead to places that nobody here knows.
    """
    # allauth would pass on what a link puts there: other scopes, another way of coming back.
    going = {"next": request.GET["next"]} if "next" in request.GET else {}
    request.GET = QueryDict(urlencode(going))  # type: ignore[assignment]
    try:
        answer = OAuth2LoginView.adapter_view(Directory(request, provider_id))(request)
    except SocialApp.DoesNotExist as none:
        raise Http404 from none
    except (RequestException, OAuth2Error) as error:
        return unreachable(request, error)
    if isinstance(answer, HttpResponseRedirect):
        return render(request, "socialaccount/going.html", {"url": answer.url})
    return answer


@login_not_required
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        return OAuth2CallbackView.adapter_view(Directory(request, provider_id))(request)
    except SocialApp.DoesNotExist as none:
        raise Http404 from none
    except (RequestException, OAuth2Error) as error:
        return unreachable(request, error)


def unreachable(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("the council's directory did not answer: %s", error)
    return render(request, "socialaccount/authentication_error.html", status=503)
