"""What people change of their own account."""

import secrets
from datetime import date, timedelta

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from cluster_ehs.core.denied import Denied
from clusters import policies
from clusters.api_auth import SCOPES, digest_of
from clusters.changes import change, record, wrong
from clusters.models import ApiToken, User
from clusters.signing_in import keys, sessions
from clusters.signing_in.devices import device

TOKEN_DAYS = 366


@transaction.atomic
def change_profile(user: User, *, name: str, telephone: str) -> User:
    user = User.objects.select_for_update().get(pk=user.pk)
    change(user, {"name": name, "telephone": telephone}, by=user, kind="account")
    return user


@transaction.atomic
def set_first_password(user: User, *, password: str) -> User:
    """Uses up the invitation, and ends whatever was open before. The password was checked by the form."""
    user = User.objects.select_for_update().get(pk=user.pk)
    user.set_password(password)
    user.save(update_fields=["password"])
    record(by=user, kind="account", text=f"{user} set the first password.", about=user)
    sessions.end_all(user)
    keys.end_all(user, by=user, why="a new password")
    return user


@transaction.atomic
def make_token(*, by: User, name: str, scopes: list[str], expires_on: date) -> tuple[ApiToken, str]:
    """A token of the API and its text, which is shown once: only the digest is kept.

    Raises ValidationError for unknown scopes and for an end more than a year away, Denied for other roles.
    """
    policies.check_own_tokens(by)
    if not scopes or set(scopes) - SCOPES.keys():
        raise wrong("scopes", "Choose what the token may be used for.")
    today = timezone.localdate()
    if not today <= expires_on <= today + timedelta(days=TOKEN_DAYS):
        raise wrong("expires_on", "The last day must be within a year from today.")
    text = f"ehs_{secrets.token_urlsafe(32)}"
    token = ApiToken(user=by, name=name, digest=digest_of(text), scopes=sorted(scopes), expires_on=expires_on)
    token.full_clean()
    token.save()
    record(by=by, kind="account", text=f"Made the API token “{name}” for {', '.join(token.scopes)}.", about=token)
    return token, text


@transaction.atomic
def revoke_token(token: ApiToken, *, by: User) -> ApiToken:
    """Ends it at once. Only its owner sees it."""
    token = ApiToken.objects.select_for_update().get(pk=token.pk, user=by)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record(by=by, kind="account", text=f"Withdrew the API token “{token.name}”.", about=token)
    return token


@transaction.atomic
def sign_out_elsewhere(request: HttpRequest, *, by: User) -> keys.Keys:
    """A stolen laptop: every other browser of the person is out with its next request, and the keys on it end.

    Returns the keys that ended.
    """
    sessions.end_all(by, but=sessions.name_here(request))
    record(by=by, kind="account", text="Signed out everywhere else.", about=by)
    return keys.end_all(by, by=by, why="signed out everywhere else")


@transaction.atomic
def sign_out_of(row: UserSession, *, by: User) -> None:
    """One browser of one's own is out with its next request; everything else goes on."""
    if row.user_id != by.pk:
        raise Denied("You end your own sign-ins here.")
    sessions.end([row])
    record(by=by, kind="account", text=f"Signed out of {device(row.user_agent)}, from {row.ip}.", about=by)
