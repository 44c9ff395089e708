"""Roles, exports and emergency access ask for the password again, and nothing typed is lost by it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from clusters.models import StaffRole
from tests.fixtures_cast import Cast

pytestmark = pytest.mark.django_db
PASSWORD = "four words that differ"


@pytest.fixture
def manager(cast: Cast, client: Client) -> Client:
    cast.manager.set_password(PASSWORD)
    cast.manager.save()
    client.post("/account/login/", {"login": cast.manager.email, "password": PASSWORD})
    return client


def later(minutes: int) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False)


def test_within_a_quarter_of_an_hour_nobody_is_asked_twice(manager: Client) -> None:
    with later(14):
        assert manager.get("/settings/staff/invite/").status_code == 200


def test_after_it_the_password_opens_the_page_again(manager: Client) -> None:
    with later(16):
        answer = manager.get("/settings/staff/invite/")
        assert answer.url == "/account/reauthenticate/?next=%2Fsettings%2Fstaff%2Finvite%2F"
        page = manager.get(answer.url)
        assert "This step asks once more who you are." in page.text
        assert manager.post(answer.url, {"password": "wrong"}).status_code == 422
        assert manager.post(answer.url, {"password": PASSWORD}).url == "/settings/staff/invite/"
        assert manager.get("/settings/staff/invite/").status_code == 200


def test_a_form_sent_too_late_is_kept_until_the_password_is_typed(manager: Client, cast: Cast) -> None:
    address = f"/settings/staff/{cast.other_practitioner.pk}/roles/new/"
    who = re.search(r'name="who" value="([^"]+)"', manager.get(address).text)
    assert who
    before = StaffRole.objects.count()
    with later(16):
        answer = manager.post(address, {"who": who[1], "role": "leader", "cluster": cast.cluster.pk})
        assert answer.url.startswith("/account/reauthenticate/?next=%2Fdrafts%2F")
        assert StaffRole.objects.count() == before
        kept = manager.post(answer.url, {"password": PASSWORD}).url
        page = manager.get(kept).text
    assert 'name="role" value="leader"' in page
    assert f'action="{address}"' in page


@pytest.mark.parametrize(
    "address",
    [
        "/families/emergency/",
        "/account/tokens/new/",
        "/settings/staff/1/leave/",
        "/settings/staff/groups/new/",
        "/dashboard/received/?as=csv",
        "/reports/need/list/?as=csv",
        "/reports/quality/list/?as=csv",
        "/reports/extracts/new/",
        "/reports/extracts/00000000-0000-0000-0000-000000000000/file/",
        "/reports/returns/00000000-0000-0000-0000-000000000000/annex-a.xlsx/",
    ],
)
def test_every_dangerous_page_asks(manager: Client, address: str) -> None:
    with later(16):
        assert manager.get(address).url.startswith("/account/reauthenticate/")
