"""Ways past the sign-in that were tried: an old session, an old address, an old key, a code seen over a shoulder."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.models import Message
from cluster_ehs.core.session_store import name_of
from clusters.models import CalendarFeed
from clusters.services import staff
from tests.clusters.test_sign_in import NEW, code_for, log_in
from tests.clusters.test_signing_in import set_up
from tests.fixtures_cast import PASSWORD, Cast, as_, sign_in

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"


def later(minutes: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes))


def with_cookie(client: Client) -> Client:
    """A copy of the browser's session, in another's hands."""
    thief = Client()
    thief.cookies["sessionid"] = client.cookies["sessionid"].value
    return thief


def test_a_session_from_before_the_second_factor_adds_none_of_its_own(
    client: Client, cast: Cast, settings: Any
) -> None:
    """Somebody with the password alone was in first; then the owner sets up an app."""
    settings.SECOND_FACTOR_REQUIRED = True
    thief = Client()
    log_in(thief, cast.leader.email)
    assert thief.get(reverse("mfa_add_webauthn")).status_code == 200
    log_in(client, cast.leader.email)
    set_up(client)
    for name in ("mfa_add_webauthn", "mfa_activate_totp", "mfa_view_recovery_codes"):
        assert thief.get(reverse(name))["Location"].startswith("/account/second-factor/"), name
        assert thief.post(reverse(name), {"code": "000000"})["Location"].startswith("/account/second-factor/"), name
    codes = Authenticator.objects.get(user=cast.leader, type=Authenticator.Type.RECOVERY_CODES)
    assert not codes.wrap().did_view
    assert client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]


def test_an_address_of_before_opens_nothing(client: Client, cast: Cast) -> None:
    old, new = cast.leader.email, "dee.new@example.org"
    client.post(reverse("account_reset_password"), {"email": old})
    with as_(cast.manager):
        staff.invite_again(cast.leader, by=cast.manager)
    assert not EmailAddress.objects.exists(), "the account has one address, and no list of them beside it"
    # As an earlier version of the program left it.
    EmailAddress.objects.create(user=cast.leader, email=old)
    with as_(cast.manager):
        staff.change_person(cast.leader, by=cast.manager, email=new)
    before = Message.objects.filter(to=old).count()
    client.post(reverse("account_reset_password"), {"email": old})
    assert Message.objects.filter(to=old).count() == before
    assert log_in(client, old).status_code == 422
    assert log_in(client, new).status_code == 302


def test_who_shows_again_who_they_are_goes_on_under_a_new_key(client: Client, cast: Cast) -> None:
    log_in(client, cast.leader.email)
    old = with_cookie(client)
    with later(16):
        asked = client.get(reverse("mfa_activate_totp"))["Location"]
        assert old.get("/").status_code == 200
        client.post(asked, {"password": PASSWORD})
        assert old.get("/").status_code == 302, "a copy of the cookie of before opens nothing"
        old = with_cookie(client)
        set_up(client)
        assert old.get("/").status_code == 302
        page = client.get(reverse("account"))
        assert page.text.count("This browser") == 1
    # It can still be ended from outside.
    names = [one.session_key for one in UserSession.objects.filter(user=cast.leader)]
    assert names == [name_of(client.session.session_key)]


def test_a_code_of_the_app_works_once(client: Client, cast: Cast) -> None:
    TOTP.activate(cast.leader, SECRET)
    with time_machine.travel(timezone.now(), tick=False):
        code = code_for(SECRET)
        for browser, expected in ((client, 302), (Client(), 422)):
            log_in(browser, cast.leader.email)
            assert browser.post(reverse("mfa_authenticate"), {"code": code}).status_code == expected
    with later(1.1):
        # Nor does one of the half minute before.
        late = Client()
        log_in(late, cast.leader.email)
        with later(-0.5):
            before = code_for(SECRET)
        assert late.post(reverse("mfa_authenticate"), {"code": before}).status_code == 422


def test_a_leader_signs_somebody_out_everywhere(client: Client, cast: Cast) -> None:
    theirs = Client()
    log_in(theirs, cast.practitioner.email)
    address = reverse("settings-sign-ins-end", args=[cast.practitioner.pk])
    log_in(client, cast.leader.email)
    assert address in client.get(reverse("settings-person", args=[cast.practitioner.pk])).text
    assert "Password and second factor stay" in client.get(address).text
    assert theirs.get("/").status_code == 200, "asking ends nothing"
    assert client.post(address).status_code == 302
    assert theirs.get("/")["Location"].startswith(reverse("account_login"))
    told = Message.objects.filter(to=cast.practitioner.email).latest("pk")
    assert f"{cast.leader} signed you out everywhere" in told.body
    for who, whose in (("other_leader", "practitioner"), ("leader", "leader"), ("leader", "manager")):
        sign_in(client, getattr(cast, who))
        url = reverse("settings-sign-ins-end", args=[getattr(cast, whose).pk])
        assert client.post(url).status_code == 403, (who, whose)


def test_ending_the_other_sign_ins_asks_who_is_there(client: Client, cast: Cast) -> None:
    other = Client()
    log_in(client, cast.leader.email)
    log_in(other, cast.leader.email)
    with later(16):
        asked = client.post(reverse("account-sessions-end"), headers={"referer": "http://testserver/account/"})
        assert asked["Location"].startswith("/account/reauthenticate/")
        assert other.get("/").status_code == 200
        assert client.post(asked["Location"], {"password": PASSWORD})["Location"] == "/account/"
        client.post(reverse("account-sessions-end"))
        assert other.get("/").status_code == 302


def test_the_present_password_is_not_guessed_where_it_is_changed(client: Client, cast: Cast) -> None:
    """Ten tries in a quarter of an hour, as at the sign-in: with the right one too it is too late then."""
    log_in(client, cast.leader.email)
    url = reverse("account_change_password")
    with time_machine.travel(timezone.now()) as clock:
        for _ in range(10):
            clock.shift(timedelta(seconds=20))
            assert client.post(url, {"oldpassword": "x", "password1": NEW, "password2": NEW}).status_code == 422
        clock.shift(timedelta(seconds=20))
        answer = client.post(url, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert "Too many attempts" in answer.text
    cast.leader.refresh_from_db()
    assert cast.leader.check_password(PASSWORD)


def test_a_service_may_ask_referrers_for_a_second_factor_too(client: Client, cast: Cast, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED, settings.SECOND_FACTOR = True, "everybody"
    sign_in(client, cast.referrer)
    assert client.get("/")["Location"].startswith("/account/second-factor/")


def test_what_a_leaver_held_does_not_come_back_with_them(client: Client, cast: Cast) -> None:
    log_in(client, cast.leader.email)
    feed = CalendarFeed.objects.create(user=cast.leader, digest="0" * 64)
    with as_(cast.manager):
        staff.leave(cast.leader, by=cast.manager)
        assert not UserSession.objects.filter(user=cast.leader).exists()
        staff.come_back(cast.leader, by=cast.manager)
    feed.refresh_from_db()
    assert feed.revoked_at is not None
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    "password", ["LeedsCityCouncil26", "earlyhelp-practitioner", "Mindmate-safeguarding", "0113Leeds2026"]
)
def test_words_of_the_place_and_the_work_make_no_password(cast: Cast, password: str) -> None:
    with pytest.raises(ValidationError, match="tried first"):
        validate_password(password, cast.practitioner)
