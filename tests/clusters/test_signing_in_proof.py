"""What the directory says is taken only with its proof, and for the one whom it is about."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from joserfc.jwk import OctKey, RSAKey

from cluster_ehs.core.session_limits import BEGAN
from clusters.models import User
from clusters.signing_in import council as sign_in_by_council
from clusters.signing_in.second_factor import METHODS
from tests.clusters.test_sign_in import code_for, log_in
from tests.clusters.test_signing_in_council import START, come_from, council, directory, going  # noqa: F401
from tests.fixtures_cast import Cast, sign_in

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, dict[str, Any]]]:
    """A server of somebody else, and what it answers by path."""
    answers: dict[str, Any] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(answers[self.path]).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", answers
    server.shutdown()
    thread.join(5)
    server.server_close()


def instead(council: Any, **addresses: str) -> None:  # noqa: F811
    """The directory's description of itself, with some of it put in by somebody else."""
    app = council.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"] = {**app["settings"], "openid_configuration_overrides": addresses}


def test_a_token_that_the_directory_did_not_sign_is_none(
    client: Client,
    cast: Cast,
    council: Any,  # noqa: F811
    elsewhere: tuple[str, dict[str, Any]],
) -> None:
    address, answers = elsewhere
    real = requests.get(f"{council.DIRECTORY_ISSUER}/jwks", timeout=5).json()
    kid = {"kid": real["keys"][0]["kid"]}
    answers["/keys"] = {"keys": [RSAKey.generate_key(2048, private=False).as_dict() | kid]}
    instead(council, jwks_uri=f"{address}/keys")
    assert come_from(client, "leader").status_code == 401
    # Nor one whose key we hold too: then anybody who knows it could sign.
    answers["/keys"] = {"keys": [OctKey.import_key("a shared secret").as_dict() | kid]}
    assert come_from(client, "leader").status_code == 401
    assert client.get("/").status_code == 302
    assert not SocialAccount.objects.exists()
    answers["/keys"] = real
    assert come_from(client, "leader").status_code == 302
    assert client.get("/").status_code == 200


def test_two_answers_about_two_people_let_nobody_in(
    client: Client,
    cast: Cast,
    council: Any,  # noqa: F811
    elsewhere: tuple[str, dict[str, Any]],
) -> None:
    come_from(Client(), "leader")
    address, answers = elsewhere
    answers["/me"] = {"sub": "leader"}
    instead(council, userinfo_endpoint=f"{address}/me")
    assert come_from(client, "practitioner").status_code == 401
    assert client.get("/").status_code == 302


def test_a_directory_under_another_name_or_for_another_program_is_not_ours(
    client: Client,
    cast: Cast,
    council: Any,  # noqa: F811
) -> None:
    address = going(client.post(START))
    instead(council, issuer="http://directory.example.org")
    assert client.post(START).status_code == 503
    back = requests.post(address, data={"sub": "leader"}, allow_redirects=False, timeout=10)
    assert client.get(back.headers["Location"].replace("http://testserver", "")).status_code in (401, 503)
    assert client.get("/").status_code == 302


def test_who_is_given_the_address_of_a_colleague_is_not_given_the_account(
    client: Client,
    cast: Cast,
    council: Any,  # noqa: F811
) -> None:
    come_from(Client(), "leader")
    answer = come_from(client, "successor")
    assert answer.status_code == 403
    assert "somebody else of the directory signs in with that address" in answer.text
    assert client.get("/").status_code == 302
    assert SocialAccount.objects.get().uid == "leader"
    # Whoever answers for the person says that it is the same one: the directory is forgotten with the second factor.
    manager = sign_in(Client(), cast.manager)
    assert "take away the second factor" in manager.get(reverse("settings-person", args=[cast.leader.pk])).text
    assert manager.post(reverse("settings-second-factor-reset", args=[cast.leader.pk])).status_code == 302
    assert come_from(client, "successor")["Location"] == "/"


def test_a_directory_that_asked_nobody_lets_nobody_in(client: Client, cast: Cast, council: Any) -> None:  # noqa: F811
    """Somebody at an open browser goes to the directory and takes out that it is to ask."""
    User.objects.filter(pk=cast.colleague.pk).update(email="carl.example@example.org")
    assert come_from(client, "asked long ago").status_code == 401
    assert client.get("/").status_code == 302
    council.DIRECTORY_PROMPT = ""
    assert come_from(client, "asked long ago").status_code == 302


def test_a_link_asks_the_directory_for_nothing_else(client: Client, cast: Cast, council: Any) -> None:  # noqa: F811
    query = "?scope=offline_access&process=connect&auth_params=prompt%3Dnone%26response_mode%3Dfragment&next=/cases/"
    address = going(client.post(START + query))
    assert "prompt=login" in address
    assert not [word for word in ("offline_access", "none", "fragment") if word in address]


def test_a_strong_sign_in_that_was_not_ended_counts_for_nobody_else(
    client: Client,
    cast: Cast,
    council: Any,  # noqa: F811
) -> None:
    council.SECOND_FACTOR_REQUIRED = True
    TOTP.activate(cast.leader, SECRET)
    assert come_from(client, "leader")["Location"] == reverse("mfa_authenticate")
    # allauth holds the step open for a quarter of an hour; then another sign-in is taken in this browser.
    session = client.session
    del session["account_login"]
    session.save()
    assert log_in(client, cast.practitioner.email)["Location"] == "/"
    assert client.get("/")["Location"].startswith("/account/second-factor/")
    other = Client()
    come_from(other, "leader")
    assert other.post(reverse("mfa_authenticate"), {"code": code_for(SECRET)})["Location"] == "/"
    assert other.get("/").status_code == 200


def test_who_has_no_password_here_says_who_they_are_at_the_directory(
    client: Client,
    cast: Cast,
    council: Any,  # noqa: F811
) -> None:
    User.objects.filter(pk=cast.leader.pk).update(password="!")
    come_from(client, "leader")
    asked = ["account_set_password", "mfa_add_webauthn", "mfa_activate_totp", "account-token-new"]
    # A quarter of an hour goes by here, not at the directory.
    session = client.session
    session[BEGAN] -= 16 * 60
    session[METHODS] = [{**record, "at": record["at"] - 16 * 60} for record in session[METHODS]]
    session.save()
    for name in asked:
        led = client.get(reverse(name))
        assert led.status_code == 302 and led["Location"].startswith("/account/reauthenticate/"), name
    there = client.get(led["Location"])["Location"]
    assert there.startswith(START) and "next=" in there
    assert client.get(there).status_code == 200
    back = requests.post(going(client.post(there)), data={"sub": "leader"}, allow_redirects=False, timeout=10)
    assert client.get(back.headers["Location"].replace("http://testserver", ""))["Location"] == reverse(asked[-1])
    assert client.get(reverse(asked[-1])).status_code == 200


def test_a_leaver_is_found_by_no_number_of_before(client: Client, cast: Cast, council: Any) -> None:  # noqa: F811
    come_from(client, "leader")
    assert sign_in_by_council.is_connected(cast.leader)
    sign_in(client, cast.manager)
    client.post(reverse("settings-leave", args=[cast.leader.pk]))
    assert not sign_in_by_council.is_connected(cast.leader)
