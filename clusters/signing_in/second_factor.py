"""Who must show a second factor, and whether this sign-in did [OWASP ASVS 5.0 6.3.3]."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest

from clusters.models import Role, User
from clusters.people import duties

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
METHODS, WHOSE = "account_authentication_methods", "account_authentication_methods_user"


def is_required(user: User) -> bool:
    """Of everybody who reads records. A referrer who is nothing else sees the own school's referrals only and may
    choose, unless the service asks everybody."""
    if not settings.SECOND_FACTOR_REQUIRED:
        return False
    everybody = settings.SECOND_FACTOR == "everybody"
    return user.is_staff or any(everybody or role.role != Role.REFERRER for role in duties(user).roles)


def was_shown(request: HttpRequest) -> bool:
    """Whether this session began with, or has since been given, a second factor. Reads the session alone."""
    session = request.session
    if str(session.get(WHOSE)) != str(request.user.pk):
        return False
    return any(
        record.get("method") == "mfa" or record.get("second_factor") for record in session.get(METHODS, []) or ()
    )


def is_lacking(request: HttpRequest) -> bool:
    """Whether somebody is signed in who must show a second factor, and has not: nothing opens for them yet."""
    user: Any = request.user
    return user.is_authenticated and not was_shown(request) and is_required(user)


def factors_of(user: User) -> list[Authenticator]:
    """The apps and passkeys of a person, without the recovery codes."""
    return list(Authenticator.objects.filter(user=user, type__in=FACTORS).order_by("pk"))


def has_one(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


def note_set_up(request: HttpRequest, kind: str) -> None:
    """Who has just set it up has shown it: the code was checked, or the passkey answered."""
    if not was_shown(request):
        record_authentication(request, request.user, "mfa", type=kind, set_up=True)
