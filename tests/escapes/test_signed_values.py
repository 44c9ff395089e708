"""What the program signs and gives out: believed unchanged, in its time, and for the one thing that it was made for."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from cluster_ehs.core import drafts
from clusters import invitations
from clusters.signing_in import attempts
from referrals import harm
from tests.fixtures_cast import Cast

Made = tuple[str, Callable[[str], Any], timedelta]


def known_in(cookie: str) -> dict[str, Any]:
    request = RequestFactory().get("/")
    request.COOKIES = {attempts.COOKIE: cookie}
    return attempts.known(request)


def a_known_browser(cast: Cast) -> str:
    response = HttpResponse()
    attempts.remember(RequestFactory().get("/"), response, str(cast.leader.email))
    return response.cookies[attempts.COOKIE].value


@pytest.fixture
def made(cast: Cast) -> dict[str, Made]:
    cast.leader.set_unusable_password()
    cast.leader.save()
    return {
        "invitation": (
            invitations.link(cast.leader).rstrip("/").rpartition("/")[2],
            invitations.invited,
            invitations.VALID_FOR,
        ),
        "link of a contact on duty": (
            harm.contact_token(cast.referral.pk, 7),
            harm.read_contact_token,
            harm.LINK_LASTS,
        ),
        "whose page": (drafts.who_token(cast.leader), drafts.whose, timedelta(seconds=drafts.WHO_AGE)),
        "known browser": (a_known_browser(cast), known_in, timedelta(days=attempts.DAYS)),
    }


def test_each_is_believed_unchanged_for_its_own_purpose_and_in_its_time(made: dict[str, Made], settings: Any) -> None:
    for name, (value, read, lasts) in made.items():
        assert read(value), name
        body, _, signature = value.rpartition(":")
        for forged in (
            f"{body[:-1]}{'a' if body[-1] != 'a' else 'b'}:{signature}",
            f"{body}:{signature[:-2]}{'aa' if signature[-2:] != 'aa' else 'bb'}",
            body,
            f"{body}:",
            "",
        ):
            assert not read(forged), f"{name}: {forged}"
        for other, (theirs, _, _) in made.items():
            assert other == name or not read(theirs), f"{name} takes the {other}"
        with time_machine.travel(timezone.now() + lasts + timedelta(minutes=1)):
            assert not read(value), f"{name} after its time"
        with time_machine.travel(timezone.now() + lasts - timedelta(minutes=1)):
            assert read(value), f"{name} before its end"
    settings.SECRET_KEY = "another-key-of-fifty-characters-that-signed-none-of-these"
    settings.SECRET_KEY_FALLBACKS = []
    for name in ("invitation", "known browser"):
        value, read, _ = made[name]
        assert not read(value), f"{name} under another key"


def test_they_are_signed_with_sha_256(made: dict[str, Made]) -> None:
    """43 characters are 256 bits; SHA-1 would leave 27."""
    for name, (value, _, _) in made.items():
        assert len(value.rpartition(":")[2]) == 43, name
