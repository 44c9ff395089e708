"""A stolen laptop: what ends with one browser, with all of them, with a new password, and with the last role."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.services import calendar
from cluster_ehs.core.models import Event, Message
from clusters.models import ApiToken, StaffRole
from clusters.services import staff
from clusters.signing_in import keys
from tests.api.callers import Caller, url
from tests.clusters.test_sign_in import NEW, log_in
from tests.fixtures_cast import PASSWORD, Cast, as_, sign_in

pytestmark = pytest.mark.django_db
HELD = "2 API tokens and the calendar address"


@dataclass
class Laptop:
    """A browser that is signed in, a program with a token, and a calendar, of the practitioner."""

    browser: Client
    program: Caller
    address: str

    def opens(self) -> list[bool]:
        """The browser, the program, the calendar."""
        answers = (self.browser.get("/"), self.program.get(url("case-list")), Client().get(self.address))
        return [answer.status_code == 200 for answer in answers]


@pytest.fixture
def laptop(cast: Cast) -> Laptop:
    browser = Client(headers={"user-agent": "Chrome Windows"})
    log_in(browser, cast.practitioner.email)
    Caller(cast.practitioner)
    with as_(cast.practitioner):
        address = reverse("calendar-feed", args=[calendar.make_feed(by=cast.practitioner)])
    found = Laptop(browser, Caller(cast.practitioner), address)
    assert found.opens() == [True, True, True]
    return found


def test_one_browser_is_ended_and_nothing_else(client: Client, cast: Cast, laptop: Laptop) -> None:
    third = Client(headers={"user-agent": "Safari iPhone"})
    for browser in (client, third):
        log_in(browser, cast.practitioner.email)
    stolen = UserSession.objects.get(user_agent="Chrome Windows")
    address = reverse("account-session-end", args=[stolen.pk])
    page = client.get(reverse("account")).text
    assert page.count("/account/sessions/") == 3, "the two others, and all at once"
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert client.post(address)["Location"].startswith("/account/reauthenticate/")
        assert laptop.opens()[0], "it asks first"
    assert client.get(address).status_code == 405
    assert client.post(address)["Location"] == reverse("account")
    assert laptop.opens() == [False, True, True]
    assert third.get("/").status_code == 200
    assert "You are signed out of Chrome on Windows." in client.get(reverse("account")).text
    assert "Chrome on Windows" not in client.get(reverse("account")).text
    assert Event.objects.filter(text__startswith="Signed out of Chrome on Windows").exists()
    assert client.post(address).status_code == 404
    # Neither this browser nor another person's.
    for row in UserSession.objects.filter(user=cast.practitioner):
        sign_in(third, cast.leader)
        assert third.post(reverse("account-session-end", args=[row.pk])).status_code == 404


def everywhere(client: Client, cast: Cast) -> None:
    log_in(client, cast.practitioner.email)
    assert f"Your {HELD} end as well." in client.get(reverse("account")).text
    client.post(reverse("account-sessions-end"))
    assert f"Ended as well: {HELD}." in client.get(reverse("account")).text


def new_password(client: Client, cast: Cast) -> None:
    log_in(client, cast.practitioner.email)
    page = reverse("account_change_password")
    assert f"signed out everywhere else. Your {HELD} end as well." in client.get(page).text
    client.post(page, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert client.get("/").status_code == 200, "where it was changed, one stays in"
    assert HELD in Message.objects.filter(to=cast.practitioner.email).latest("pk").body


def forgotten_password(client: Client, cast: Cast) -> None:
    cast.practitioner.refresh_from_db()
    key = default_token_generator.make_token(cast.practitioner)
    link = reverse(
        "account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(cast.practitioner), "key": key}
    )
    form = client.get(link)["Location"]
    assert "ends API tokens" in client.get(form).text
    client.post(form, {"password1": NEW, "password2": NEW})


def by_the_leader(client: Client, cast: Cast) -> None:
    sign_in(client, cast.leader)
    page = reverse("settings-sign-ins-end", args=[cast.practitioner.pk])
    assert f"This ends as well: {HELD}." in client.get(page).text
    client.post(page)
    assert HELD in Message.objects.filter(to=cast.practitioner.email).latest("pk").body


@pytest.mark.parametrize("done", [everywhere, new_password, forgotten_password, by_the_leader])
def test_what_one_does_when_a_laptop_is_stolen_ends_all_that_is_on_it(
    client: Client, cast: Cast, laptop: Laptop, done: Callable[[Client, Cast], None]
) -> None:
    done(client, cast)
    assert laptop.opens() == [False, False, False]
    assert not keys.of(cast.practitioner)
    assert Event.objects.filter(text__startswith=f"{cast.practitioner}: {HELD} ended").count() == 1


def test_with_the_last_role_they_end_and_do_not_come_back_with_the_next(cast: Cast, laptop: Laptop) -> None:
    roles, today = StaffRole.objects.filter(user=cast.practitioner), timezone.localdate()
    StaffRole.objects.create(user=cast.practitioner, role="panel_guest", cluster=cast.other_cluster, starts_on=today)
    roles.filter(role="practitioner").update(ends_on=today)
    keys.end_without_role()
    assert keys.of(cast.practitioner), "one role is left"
    roles.update(ends_on=today)
    assert laptop.opens()[1:] == [False, False], "at once"
    keys.end_without_role()
    roles.filter(role="practitioner").update(ends_on=None)
    assert laptop.opens()[1:] == [False, False]
    assert Event.objects.filter(text=f"{cast.practitioner}: {HELD} ended: the last role has ended.").count() == 1


def test_who_loses_a_role_is_told_whichever_page_it_was_done_on(cast: Cast) -> None:
    with as_(cast.leader):
        staff.end_role(cast.guest.roles.get(), by=cast.leader, ends_on=timezone.localdate() + timedelta(days=3))
    told = Message.objects.get(user_id=cast.guest.pk, key__startswith="role-ends:")
    assert told.subject.startswith("A role of yours ends on ")
    assert f"Panel guest, {cast.cluster}. If it is a mistake" in told.body


def test_tokens_that_have_run_out_are_not_counted(cast: Cast) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    ApiToken.objects.create(user=cast.leader, name="Old", digest="1" * 64, expires_on=yesterday)
    assert (keys.of(cast.leader).own, bool(keys.of(cast.leader))) == ("", False)
    Caller(cast.leader)
    assert keys.of(cast.leader).own == "Your 1 API token ends as well."
