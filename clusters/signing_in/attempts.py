"""Attempts at a password are counted so that guessing ends, and nobody else's sign-in with it [OWASP device cookies].

A browser in which somebody has signed in before is known by a signed cookie, and has a count of its own. All other
browsers share a count for the account and their network, one for the account, and one for their network. Whoever
guesses at an account from anywhere shuts it for browsers that have never been in, for a while; its owner goes on, and
gets in anywhere with a passkey, or after choosing a new password by mail. Counts are the same for accounts that do not
exist.
"""

import ipaddress
import secrets
from dataclasses import dataclass
from typing import Any, cast

from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from cluster_ehs.core.cache import SharedCache

# The one cache: of counts alone.
shared = cast(SharedCache, cache)
COOKIE = f"{settings.HOST_COOKIE_PREFIX}known_browser"
SALT = "clusters.signing_in.known"
DAYS = 180
ACCOUNTS = 5


@dataclass(frozen=True)
class Count:
    """So many failed attempts in so many seconds."""

    key: str
    most: int
    seconds: int


def mark_of(email: str) -> str:
    """An account without its address: neither the cookie nor the counts name anybody."""
    return salted_hmac(SALT, email.strip().lower(), algorithm="sha256").hexdigest()[:24]


def known(request: HttpRequest) -> dict[str, Any]:
    """The browser's own name, and the accounts that have signed in there; empty for an unknown or a forged one."""
    try:
        return dict(signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=DAYS * 24 * 60 * 60))
    except (signing.BadSignature, ValueError, TypeError):
        return {}


def remember(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """Know this browser the next time, for the last few accounts that signed in there."""
    cookie = known(request)
    mark = mark_of(email)
    accounts = [mark, *(one for one in cookie.get("accounts", []) if one != mark)][:ACCOUNTS]
    value = {"browser": cookie.get("browser") or secrets.token_urlsafe(12), "accounts": accounts}
    response.set_cookie(
        COOKIE,
        signing.dumps(value, salt=SALT),
        max_age=DAYS * 24 * 60 * 60,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def network(request: HttpRequest) -> str:
    """The client's address; of IPv6 the /64, within which a household or an attacker changes addresses at will."""
    address = get_ip(request) or "unknown"
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{parsed}/64", strict=False)) if parsed.version == 6 else str(parsed)


def counts(request: HttpRequest, email: str) -> list[Count]:
    """Those that an attempt from this browser is counted in."""
    mark, cookie = mark_of(email), known(request)
    if mark in cookie.get("accounts", []):
        return [Count(f"attempts:known:{cookie['browser']}:{mark}", 10, 15 * 60)]
    from_here = network(request)
    return [
        Count(f"attempts:here:{from_here}:{mark}", 5, 5 * 60),
        Count(f"attempts:account:{mark}", 50, 60 * 60),
        Count(f"attempts:network:{from_here}", 100, 10 * 60),
    ]


def begin(request: HttpRequest, email: str) -> list[Count] | None:
    """Count an attempt before the password is looked at; None when there were too many."""
    counted = counts(request, email)
    # Each is counted, also when an earlier one is full already.
    full = [shared.count(one.key, one.seconds) > one.most for one in counted]
    return None if any(full) else counted


def take_back(counted: list[Count]) -> None:
    """The password was right: this attempt does not count."""
    for one in counted:
        shared.count(one.key, one.seconds, -1)


def forget(request: HttpRequest, email: str) -> None:
    """A new password was chosen by the link of a mail: what was guessed at the old one no longer counts."""
    mark = mark_of(email)
    for key in (f"attempts:here:{network(request)}:{mark}", f"attempts:account:{mark}"):
        shared.delete(key)
