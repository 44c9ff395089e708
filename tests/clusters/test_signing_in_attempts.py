"""Guessing ends, and whoever guesses shuts nobody out: both sides of each count, and the time that an answer takes."""

import re
from time import process_time
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from clusters.models import User
from clusters.signing_in import attempts
from tests.clusters.test_sign_in import NEW, Message, log_in
from tests.fixtures_cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db
REFUSED = "Too many attempts"


def guess(client: Client, email: str, times: int, address: str = "203.0.113.9") -> None:
    for _ in range(times):
        answer = log_in(client, email, "not-the-password", REMOTE_ADDR=address)
    assert answer.status_code == 422


def gets_in(client: Client, email: str, address: str = "198.51.100.7") -> bool:
    answer = log_in(client, email, PASSWORD, REMOTE_ADDR=address)
    if answer.status_code == 302:
        client.post(reverse("account_logout"))
        return True
    assert REFUSED in answer.content.decode()
    return False


def test_guessing_in_one_place_ends_there_and_nowhere_else(client: Client, cast: Cast) -> None:
    guess(Client(), cast.leader.email, 5)
    assert not gets_in(Client(), cast.leader.email, "203.0.113.9")
    assert gets_in(Client(), cast.leader.email)
    # A colleague in the same place is not held up by it.
    assert gets_in(Client(), cast.practitioner.email, "203.0.113.9")


def test_guessing_from_everywhere_shuts_unknown_browsers_and_no_known_one(client: Client, cast: Cast) -> None:
    assert gets_in(client, cast.leader.email)
    cache.count(f"attempts:account:{attempts.mark_of(cast.leader.email)}", 3600, 49)
    guess(Client(), cast.leader.email, 2)
    assert not gets_in(Client(), cast.leader.email)
    # The owner's browser goes on, also from the network of the attacker.
    assert gets_in(client, cast.leader.email)
    assert gets_in(client, cast.leader.email, "203.0.113.9")
    # It is known for that account alone.
    cache.count(f"attempts:account:{attempts.mark_of(cast.manager.email)}", 3600, 51)
    assert not gets_in(client, cast.manager.email)


def test_a_known_browser_does_not_guess_for_ever(client: Client, cast: Cast) -> None:
    assert gets_in(client, cast.leader.email)
    guess(client, cast.leader.email, 10)
    assert not gets_in(client, cast.leader.email)


def test_one_place_does_not_try_many_accounts(client: Client, cast: Cast) -> None:
    assert gets_in(client, cast.leader.email)
    cache.count("attempts:network:203.0.113.9", 600, 99)
    guess(Client(), "nobody@example.org", 2)
    assert not gets_in(Client(), cast.practitioner.email, "203.0.113.9")
    assert gets_in(client, cast.leader.email, "203.0.113.9")


def test_a_whole_office_signs_in_from_one_network_and_a_household_is_one(cast: Cast) -> None:
    for _ in range(7):
        assert gets_in(Client(), cast.leader.email, "203.0.113.9"), "a right password is no guess"
    assert not cache.get("attempts:network:203.0.113.9")
    for number in range(5):
        guess(Client(), cast.manager.email, 1, f"2001:db8:1:2::{number + 1}")
    assert not gets_in(Client(), cast.manager.email, "2001:db8:1:2:ffff::9")
    assert gets_in(Client(), cast.manager.email, "2001:db8:1:3::1")


def test_a_right_password_does_not_wipe_what_was_guessed(cast: Cast) -> None:
    """Who has an account cannot go on guessing by signing in to it now and then."""
    guess(Client(), cast.leader.email, 4)
    for _ in range(3):
        assert gets_in(Client(), cast.practitioner.email, "203.0.113.9")
    guess(Client(), cast.leader.email, 1)
    assert not gets_in(Client(), cast.leader.email, "203.0.113.9")


def test_a_forged_or_foreign_cookie_makes_no_browser_known(client: Client, cast: Cast) -> None:
    gets_in(client, cast.leader.email)
    value = client.cookies[attempts.COOKIE].value
    assert client.cookies[attempts.COOKIE]["httponly"]
    assert cast.leader.email not in value
    guess(Client(), cast.leader.email, 5)
    for forged in (value[:-2] + "xx", "nonsense", ""):
        other = Client()
        other.cookies[attempts.COOKIE] = forged
        assert not gets_in(other, cast.leader.email, "203.0.113.9")


def test_a_new_password_by_mail_opens_what_was_guessed_shut(client: Client, cast: Cast) -> None:
    cache.count(f"attempts:account:{attempts.mark_of(cast.leader.email)}", 3600, 51)
    assert not gets_in(client, cast.leader.email)
    client.post(reverse("account_reset_password"), {"email": cast.leader.email})
    link = re.search(
        r"(/account/password/reset/key/\S+)", Message.objects.filter(to=cast.leader.email).latest("pk").body
    )
    assert link
    url = client.get(link[1], follow=True).redirect_chain[-1][0]
    client.post(url, {"password1": NEW, "password2": NEW})
    assert log_in(client, cast.leader.email, NEW).status_code == 302


def test_an_answer_takes_as_long_for_an_account_as_for_none(cast: Cast, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    for person in (cast.leader, cast.colleague):
        person.set_password(PASSWORD)
        person.save()
    User.objects.filter(pk=cast.colleague.pk).update(is_active=False)
    invited = User.objects.create_user(name="Invited Only", email="invited.only@example.org", password=None)

    def takes(email: str) -> float:
        spent = []
        for number in range(4):
            before = process_time()
            log_in(Client(), email, "not-the-password", REMOTE_ADDR=f"192.0.2.{number}")
            spent.append(process_time() - before)
        return min(spent)

    takes("warming@example.org")
    unknown = takes("nobody@example.org")
    for email in (cast.leader.email, cast.colleague.email, invited.email):
        assert 0.6 < takes(str(email)) / unknown < 1.7, email
