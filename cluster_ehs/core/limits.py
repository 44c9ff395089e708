"""How often one address or e-mail address may do a thing: counted in Redis, and by each process while that is away."""

import hashlib
import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


def over(what: str, who: str, *, at_most: int, seconds: int) -> bool:
    """Count one more attempt; True when there were more than `at_most` in this window of `seconds`.

    who: an address or an e-mail address; only its digest is kept, and only for the window.
    """
    window = int(time.time() // seconds)
    digest = hashlib.sha256(who.strip().lower().encode()).hexdigest()[:32]
    return cache.count(f"limit:{what}:{digest}:{window}", seconds) > at_most  # type: ignore[attr-defined]


def address_of(request: HttpRequest) -> str:
    """The address that asks, as the last trusted proxy saw it."""
    return get_adapter(request).get_client_ip(request) or "unknown"
