"""The second factor where it is required: nobody who reads records gets past it, and a lost telephone is mended."""

import re
from datetime import timedelta
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.models import Event, Message
from clusters.models import User
from clusters.signing_in.adapter import MFAAdapter
from clusters.signing_in.passwords import stands_in
from tests.clusters.test_sign_in import code_for, log_in
from tests.fixtures_cast import PASSWORD, Cast, as_, sign_in

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _required(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


def set_up(client: Client) -> str:
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})
    assert answer.url == reverse("mfa_view_recovery_codes")
    return secret


def test_nothing_opens_before_a_second_factor_is_set_up(client: Client, cast: Cast) -> None:
    log_in(client, cast.practitioner.email)
    case = reverse("case", args=[cast.case.pk])
    for path in ("/", case, reverse("account"), reverse("account-token-new"), reverse("mfa_index")):
        assert client.get(path).url.startswith("/account/second-factor/?next="), path
    answer = client.post(reverse("draft-discard", args=["00000000-0000-0000-0000-000000000000"]))
    assert answer.url.startswith("/account/second-factor/")
    fragment = client.get(case, headers={"HX-Request": "true"})
    assert fragment.status_code == 403
    assert fragment["HX-Redirect"].startswith("/account/second-factor/")

    page = client.get(client.get(case).url)
    assert "Set up a second factor" in page.text
    set_up(client)
    codes = client.get(reverse("mfa_view_recovery_codes"))
    assert len(codes.context["unused_codes"]) == 10
    assert codes.context["unused_codes"][0] in codes.text
    assert client.get(reverse("second-factor")).url == case
    assert client.get(case).status_code == 200
    again = client.get(reverse("mfa_view_recovery_codes"))
    assert "are not shown again" in again.text
    assert codes.context["unused_codes"][0] not in again.text


def test_nothing_is_offered_that_opens_only_after_the_second_factor(client: Client, cast: Cast) -> None:
    log_in(client, cast.leader.email)
    offered = (
        reverse("search"),
        reverse("notices"),
        f'"{reverse("account")}"',
        reverse("case-list"),
        f'"{reverse("home")}"',
    )
    open_before = [
        reverse(name) for name in ("second-factor", "mfa_activate_totp", "mfa_add_webauthn", "accessibility")
    ]
    for path in (*open_before, "/no/such/page/"):
        page = client.get(path)
        assert page.status_code == (404 if "no/such" in path else 200), path
        said = page.text.partition("<main>")[0]
        assert str(cast.leader) in said and reverse("account_logout") in said, path
        assert [one for one in offered if one in said] == [], path
        # Nor does a link back lead in a ring.
        assert f'back-link" href="{reverse("account")}"' not in page.text
    other = Client()
    log_in(other, cast.leader.email)
    set_up(client)
    assert reverse("search") in client.get("/").text
    # A second browser gives the code: the password once more would not help.
    asked = other.get("/", follow=True)
    assert asked.redirect_chain[-1][0].startswith(reverse("mfa_reauthenticate"))
    assert reverse("account_reauthenticate") not in asked.text
    assert reverse("search") not in asked.text


def test_a_foreign_page_is_not_gone_on_to(client: Client, cast: Cast) -> None:
    log_in(client, cast.practitioner.email)
    client.get("/account/second-factor/?next=https://example.com/")
    set_up(client)
    assert client.get(reverse("second-factor")).url == reverse("account")


@pytest.mark.parametrize("who", ["leader", "manager", "supervisor", "guest", "therapist"])
def test_every_staff_role_needs_one(client: Client, cast: Cast, who: str) -> None:
    sign_in(client, getattr(cast, who))
    assert client.get("/").url.startswith("/account/second-factor/")


def test_who_looks_after_the_service_needs_one_without_any_role(client: Client, cast: Cast) -> None:
    technician = User.objects.create_user(name="Tess Example", email="tess@example.org", is_staff=True)
    sign_in(client, technician)
    for path in ("/", "/technical/"):
        assert client.get(path).url.startswith("/account/second-factor/"), path


def test_what_somebody_else_showed_in_this_browser_counts_for_nobody(client: Client, cast: Cast) -> None:
    log_in(client, cast.leader.email)
    set_up(client)
    assert client.get("/").status_code == 200
    session = client.session
    session["account_authentication_methods_user"] = str(cast.manager.pk)
    session.save()
    assert client.get("/").url.startswith("/account/second-factor/")


def test_a_referrer_may_go_on_with_the_password(client: Client, cast: Cast) -> None:
    sign_in(client, cast.referrer)
    assert client.get("/").status_code == 200


def test_another_browser_that_was_in_before_shows_the_factor_too(client: Client, cast: Cast) -> None:
    other = Client()
    log_in(other, cast.leader.email)
    log_in(client, cast.leader.email)
    secret = set_up(client)
    assert client.get("/").status_code == 200
    asked = other.get("/", follow=True)
    assert asked.redirect_chain[-1][0].startswith(reverse("mfa_reauthenticate"))
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        shown = other.post(asked.redirect_chain[-1][0], {"code": code_for(secret)})
        assert shown.url == "/"
        assert other.get("/").status_code == 200


def test_the_last_factor_stays_and_its_key_is_sealed(client: Client, cast: Cast) -> None:
    log_in(client, cast.leader.email)
    secret = set_up(client)
    kept = Authenticator.objects.get(user=cast.leader, type=Authenticator.Type.TOTP)
    assert secret not in str(kept.data)
    assert "Your work needs a second factor" in client.get(reverse("mfa_deactivate_totp")).text
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(pk=kept.pk).exists()
    told = Message.objects.filter(to=cast.leader.email).latest("pk")
    assert "an authenticator app was added" in told.body
    with as_(cast.manager):
        assert Event.objects.filter(kind="settings.account", text__contains="an authenticator app was added").exists()


def with_app(person: Any) -> None:
    TOTP.activate(person, SECRET)


def test_a_lost_telephone_is_mended_by_the_leader_and_the_person_is_told(client: Client, cast: Cast) -> None:
    with_app(cast.practitioner)
    theirs = Client()
    log_in(theirs, cast.practitioner.email)
    assert theirs.post(reverse("mfa_authenticate"), {"code": code_for(SECRET)}).url == "/"
    assert theirs.get("/").status_code == 200
    log_in(client, cast.leader.email)
    set_up(client)
    address = reverse("settings-second-factor-reset", args=[cast.practitioner.pk])
    assert address in client.get(reverse("settings-person", args=[cast.practitioner.pk])).text
    assert "Speak with the person first" in client.get(address).text
    assert client.post(address).url == reverse("settings-person", args=[cast.practitioner.pk])
    assert not Authenticator.objects.filter(user=cast.practitioner).exists()
    assert theirs.get("/").url.startswith(reverse("account_login"))
    told = Message.objects.filter(to=cast.practitioner.email).latest("pk")
    assert f"{cast.leader} took away the second factor" in told.body
    with as_(cast.manager):
        assert Event.objects.filter(text__startswith=f"Took away the second factor of {cast.practitioner}").exists()
    assert log_in(theirs, cast.practitioner.email).url == "/"
    assert theirs.get("/").url.startswith("/account/second-factor/")
    # Nothing is left to take away.
    assert client.post(address).status_code == 403


@pytest.mark.parametrize(
    ("who", "whose", "status"),
    [
        ("leader", "leader", 403),
        ("leader", "manager", 403),
        ("leader", "other_practitioner", 403),
        ("practitioner", "colleague", 403),
        ("manager", "leader", 302),
        ("manager", "manager", 403),
    ],
)
def test_who_takes_it_away_from_whom(
    client: Client, cast: Cast, settings: Any, who: str, whose: str, status: int
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    person = getattr(cast, whose)
    with_app(person)
    sign_in(client, getattr(cast, who))
    assert client.post(reverse("settings-second-factor-reset", args=[person.pk])).status_code == status
    assert Authenticator.objects.filter(user=person).exists() == (status == 403)


def test_taking_it_away_asks_who_is_there(client: Client, cast: Cast) -> None:
    log_in(client, cast.leader.email)
    set_up(client)
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        answer = client.get(reverse("settings-second-factor-reset", args=[cast.practitioner.pk]))
        assert answer.url.startswith(reverse("account_reauthenticate"))
        assert client.post(answer.url, {"password": PASSWORD}).status_code == 302


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("Iloveyou12345", "tried first"),
        ("passwordpassword2", "tried first"),
        ("qwertyuiop12", "tried first"),
        ("elevenchars", "too short"),
        ("known from elsewhere", "known from a breach"),
        ("three quiet wet umbrellas", ""),
        ("ünder die ärmel der köche", ""),
        ("no capitals no digits no signs at all", ""),
    ],
)
def test_a_password_that_is_known_elsewhere_is_refused(
    settings: Any, tmp_path: Path, cast: Cast, password: str, says: str
) -> None:
    breached = ["known from elsewhere", *(f"filling {number}" for number in range(300))]
    lines = sorted(
        f"{sha1(word.encode(), usedforsecurity=False).hexdigest().upper()}:{number}"
        for number, word in enumerate(breached)
    )
    settings.BREACHED_PASSWORDS = str(tmp_path / "list.txt")
    (tmp_path / "list.txt").write_text("\r\n".join(lines) + "\r\n")
    try:
        validate_password(password, cast.practitioner)
    except ValidationError as refused:
        assert says, refused
        assert re.search(says, " ".join(refused.messages))
    else:
        assert not says
    if says == "known from a breach":
        assert all(stands_in(Path(settings.BREACHED_PASSWORDS), word) for word in breached)
        assert not any(stands_in(Path(settings.BREACHED_PASSWORDS), f"other {number}") for number in range(300))


def test_the_only_managers_telephone_is_mended_on_the_server(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    with_app(cast.manager)
    call_command("reset_second_factor", cast.manager.email.upper())
    assert not Authenticator.objects.filter(user=cast.manager).exists()
    assert "sets up a new second factor" in capsys.readouterr().out
    for address in (cast.manager.email, "nobody@example.org"):
        with pytest.raises(CommandError):
            call_command("reset_second_factor", address)


def test_keys_are_read_with_the_key_of_before_and_sealed_anew(cast: Cast, settings: Any) -> None:
    TOTP.activate(cast.leader, "JBSWY3DPEHPK3PXP")
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another-key-that-takes-over-from-the-one-of-before"

    def key() -> str:
        return MFAAdapter().decrypt(Authenticator.objects.get(user=cast.leader).data["secret"])

    settings.SECRET_KEY_FALLBACKS = [before]
    assert key() == "JBSWY3DPEHPK3PXP"
    call_command("reseal_second_factors")
    settings.SECRET_KEY_FALLBACKS = []
    assert key() == "JBSWY3DPEHPK3PXP"
    # A lost key opens nothing, and what comes instead is not to be guessed.
    settings.SECRET_KEY = before
    assert key() != key()
