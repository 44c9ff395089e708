"""How often one address or e-mail address may do a thing: counted in Redis, and by each process while that is away."""

import hashlib
import logging
import os
import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

from cluster_ehs.core.denied import TooOften

log = logging.getLogger("ehs.limits")

# Against whoever reads the records out by a program, under somebody's sign-in or token [OWASP ASVS 5.0 2.4.1].
MINUTE = 60
SEARCHES_A_MINUTE = int(os.environ.get("EHS_SEARCHES_A_MINUTE", "60"))
CALLS_A_MINUTE = int(os.environ.get("EHS_API_CALLS_A_MINUTE", "300"))


def count_search(user_id: int) -> None:
    """Before a search for people. Raises TooOften after SEARCHES_A_MINUTE of one person."""
    if over("search", str(user_id), at_most=SEARCHES_A_MINUTE, seconds=MINUTE):
        raise TooOften


def count_call(token: str) -> None:
    """Before an answer of the API. Raises TooOften after CALLS_A_MINUTE of one token."""
    if over("api", token, at_most=CALLS_A_MINUTE, seconds=MINUTE):
        raise TooOften


def over(what: str, who: str, *, at_most: int, seconds: int) -> bool:
    """Count one more attempt; True when there were more than `at_most` in this window of `seconds`.

    who: an address or an e-mail address; only its digest is kept, and only for the window.
    """
    window = int(time.time() // seconds)
    digest = hashlib.sha256(who.strip().lower().encode()).hexdigest()[:32]
    number = cache.count(f"limit:{what}:{digest}:{window}", seconds)  # type: ignore[attr-defined]
    if number == at_most + 1:
        # Once in a window: whoever goes on trying fills no log.
        log.warning("more than %s in %s seconds: %s", at_most, seconds, what)
    return number > at_most


def address_of(request: HttpRequest) -> str:
    """The address that asks, as the last trusted proxy saw it."""
    return get_adapter(request).get_client_ip(request) or "unknown"
