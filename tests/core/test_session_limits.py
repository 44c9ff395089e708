"""A sign-in ends half an hour after the last request and twelve hours after it began; what was typed is kept."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from cluster_ehs.core.models import Draft
from cluster_ehs.core.session_store import name_of
from tests.fixtures_cast import Cast, as_, sign_in

HTML = {"headers": {"accept": "text/html"}}


def after(minutes: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False)


@pytest.fixture
def client(cast: Cast, client: Client) -> Client:
    return sign_in(client, cast.practitioner)


@pytest.mark.django_db
def test_out_after_half_an_hour_without_a_request_and_told_why(client: Client) -> None:
    name = name_of(client.cookies["sessionid"].value)
    assert Session.objects.filter(session_key=name).exists()
    with after(29.9):
        assert client.get("/").status_code == 200
    with after(59.8):
        assert client.get("/").status_code == 200
    with after(89.9):
        answer = client.get("/", follow=True, **HTML)
        assert answer.redirect_chain == [("/account/login/?next=/", 302)]
        assert "signed out because nothing was done for 30 minutes" in answer.text
        assert not Session.objects.filter(session_key=name).exists()


@pytest.mark.django_db
def test_out_after_twelve_hours_however_busy(client: Client) -> None:
    for minutes in range(20, 12 * 60, 20):
        with after(minutes):
            assert client.post("/account/stay/").status_code == 200
    with after(12 * 60 + 0.1):
        assert client.post("/account/stay/").status_code == 401
        assert "lasts 12 hours at most" not in client.get("/", follow=True).text


@pytest.mark.django_db
def test_a_page_that_asks_by_itself_does_not_keep_a_sign_in_alive(client: Client) -> None:
    for minutes in range(2, 30, 2):
        with after(minutes):
            assert client.get("/notices/", headers={"x-passive": "yes"}).status_code == 200
    with after(30.1):
        assert client.get("/notices/").status_code == 302


@pytest.mark.django_db
def test_a_form_sent_too_late_is_kept_for_its_writer(client: Client, cast: Cast) -> None:
    page = client.get(f"/cases/{cast.case.pk}/contacts/new/").text
    who = re.search(r'name="who" value="([^"]+)"', page)
    assert who
    with after(31):
        answer = client.post(
            f"/cases/{cast.case.pk}/contacts/new/",
            {"who": who[1], "note": "She walked in by herself."},
        )
        assert answer.status_code == 302
        assert answer.url.startswith("/account/login/?next=/drafts/")
    with as_(cast.practitioner):
        kept = Draft.objects.get(user_id=cast.practitioner.pk)
    assert kept.data["fields"]["note"] == ["She walked in by herself."]


@pytest.mark.django_db
def test_sign_out_everywhere_else(cast: Cast, client: Client) -> None:
    password = "four words that differ"
    cast.practitioner.set_password(password)
    cast.practitioner.save()
    here, there = Client(headers={"user-agent": "Firefox Windows"}), Client(headers={"user-agent": "Chrome Android"})
    for browser in (here, there):
        browser.post("/account/login/", {"login": cast.practitioner.email, "password": password})
    page = here.get("/account/").text
    assert "Firefox on Windows" in page
    assert "Chrome on Android" in page
    assert here.post("/account/sessions/end/").url == "/account/"
    assert there.get("/").status_code == 302
    page = here.get("/account/").text
    assert "Firefox on Windows" in page
    assert "Chrome on Android" not in page
