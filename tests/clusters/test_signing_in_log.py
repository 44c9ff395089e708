"""The log of getting in: each attempt with its outcome, its factor and whose it was, and nobody's address or secret."""

import json
import logging
import ssl
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
import time_machine
from django.core.cache import cache
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core import limits
from cluster_ehs.core.models import Message
from cluster_ehs.core.tasks import queue_message, send_messages
from clusters.signing_in import attempts
from clusters.signing_in.council import DirectoryAdapter
from tests.clusters.feed_server import serving
from tests.clusters.test_sign_in import code_for, log_in
from tests.fixtures_cast import Cast, sign_in
from tests.fixtures_logs import logged

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _from_here() -> Iterator[None]:
    logged.lines.clear()
    yield


def told(part: str = "ehs.sign_in") -> list[dict[str, Any]]:
    """What a part has logged since it was last asked, without the clock."""
    found = [line for line in map(json.loads, logged.lines) if line["part"] == part]
    logged.lines.clear()
    return [{k: v for k, v in line.items() if k not in ("at", "part", "request", "view")} for line in found]


def test_each_step_of_a_sign_in_is_logged_with_its_factor_and_whose(client: Client, cast: Cast) -> None:
    leader, mark = cast.leader.pk, attempts.mark_of(cast.leader.email)
    log_in(client, cast.leader.email, "not-the-password")
    log_in(client, "nobody@example.org", "not-the-password")
    said = json.dumps(refused := told())
    assert refused == [
        {"level": "WARNING", "says": "refused", "factor": "password", "account": account}
        for account in (mark, attempts.mark_of("nobody@example.org"))
    ]
    assert "@" not in said
    assert "not-the" not in said

    log_in(client, cast.leader.email)
    assert told() == [
        {"level": "INFO", "says": "shown", "factor": "password", "user": leader},
        {"level": "INFO", "says": "signed in", "user": leader, "account": mark, "factors": ["password"]},
    ]
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})
    answer = client.post(reverse("account_logout"))
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert told()[-1] == {"level": "INFO", "says": "signed out", "user": leader}

    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        log_in(client, cast.leader.email)
        told()
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
        assert told() == [{"level": "WARNING", "says": "refused", "factor": "totp", "user": leader}]
        client.post(reverse("mfa_authenticate"), {"code": code_for(secret)})
        steps = told()
    assert steps[0] == {"level": "INFO", "says": "shown", "factor": "totp", "user": leader}
    assert steps[1]["factors"] == ["password", "totp"]


def test_too_many_attempts_a_wrong_passkey_and_a_wrong_token_are_logged(client: Client, cast: Cast) -> None:
    cache.count(f"attempts:account:{attempts.mark_of(cast.leader.email)}", 3600, 51)
    log_in(client, cast.leader.email)
    assert told()[0]["why"] == "too many attempts"
    client.post(reverse("mfa_login_webauthn"), {"credential": "{}"})
    assert told() == [{"level": "WARNING", "says": "refused", "factor": "passkey"}]
    client.get(reverse("api-family-list"), headers={"authorization": "Bearer ehs_guessed"})
    assert told() == [{"level": "WARNING", "says": "refused", "factor": "token"}]


def test_what_somebody_may_not_do_is_logged_with_who_tried(client: Client, cast: Cast) -> None:
    sign_in(client, cast.practitioner)
    logged.lines.clear()
    client.get(reverse("settings-services"))
    client.get(reverse("family", args=[cast.other_family.pk]))
    lines = [json.loads(line) for line in logged.lines]
    found = [(line["view"], line["status"], line["user"]) for line in lines if line["part"] == "ehs.request"]
    assert found == [("settings-services", 403, cast.practitioner.pk), ("family", 404, cast.practitioner.pk)]


def test_a_limit_that_is_reached_is_logged_once_in_its_time() -> None:
    for _ in range(4):
        limits.over("a-test", "203.0.113.9", at_most=2, seconds=3600)
    (line,) = told("ehs.limits")
    assert line["says"] == "more than 2 in 3600 seconds: a-test"


def test_the_address_that_counts_is_what_our_own_proxy_saw(settings: Any) -> None:
    said = {"REMOTE_ADDR": "10.0.0.2", "HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.9"}
    request = RequestFactory().get("/", **said)
    for proxies, address in ((0, "10.0.0.2"), (1, "203.0.113.9")):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
        assert (limits.address_of(request), attempts.network(request)) == (address, address)


class Untrusted(BaseEmailBackend):
    """A mail server whose certificate is not right."""

    def send_messages(self, messages: Any) -> int:
        raise ssl.SSLCertVerificationError("certificate of zdenka.example has expired")


def test_a_mail_server_that_cannot_be_trusted_is_logged_by_kind(settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Untrusted"
    for number in "12":
        queue_message(key=f"log:{number}", to="dee@example.org", subject="One", body="One")
    assert send_messages() == 0
    (line,) = told("cluster_ehs.core.tasks")
    assert (line["level"], line["says"]) == ("WARNING", "the mail server took nothing: SSLCertVerificationError")
    assert [message.tries for message in Message.objects.order_by("pk")] == [1, 0], "asked once, not for each mail"


def test_no_redirect_of_the_directory_is_followed() -> None:
    with serving() as server:
        server.faults["x"] = f"to {server.url}/services?page=1"
        with DirectoryAdapter().get_requests_session() as session:
            assert session.get(f"{server.url}/services?page=1").status_code == 200
            with pytest.raises(requests.TooManyRedirects):
                session.get(f"{server.url}/services/x")


def test_the_console_is_the_one_that_says_nothing_of_what_it_cannot_write(settings: Any) -> None:
    assert settings.LOGGING["handlers"]["console"]["class"] == "cluster_ehs.core.logs.Console"
    assert logging.getLogger("ehs.sign_in").isEnabledFor(logging.INFO)
