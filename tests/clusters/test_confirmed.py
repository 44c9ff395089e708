"""Roles, exports and emergency access ask for the password again, and nothing typed is lost by it."""

import inspect
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from clusters.models import StaffRole
from tests.access import addresses
from tests.escapes.test_requests import example
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


def test_a_button_pressed_too_late_has_done_nothing_and_says_so(manager: Client) -> None:
    with later(16):
        answer = manager.post("/account/sessions/end/", headers={"referer": "http://testserver/account/"})
        assert answer.url == "/account/reauthenticate/?next=%2Faccount%2F"
        assert "Nothing was done yet: press the button again afterwards." in manager.get(answer.url).text


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


# Each of these gives a file away, gives or takes a role, opens a record in an emergency, or disposes of one.
FILES = {
    "report-file",
    "extract-new",
    "extract-file",
    "return-file",
    "access-file",
    "import-rejects",
    "case-audit-table",
    "case-chronology-pdf",
}
ROLES = {
    "settings-invite",
    "settings-invite-again",
    "settings-leave",
    "settings-come-back",
    "settings-role-new",
    "settings-role-edit",
    "settings-role-end",
    "settings-manager-ask",
    "settings-manager-request",
    "settings-account-ask",
    "settings-account-request",
    "settings-acting",
    "settings-access-line",
    "settings-access-finish",
    "settings-group-new",
    "settings-group-end",
    "settings-second-factor-reset",
}
# And these change how somebody gets in, or end sign-ins.
WAYS_IN = {
    "settings-sign-ins-end",
    "settings-person-edit",
    "account-sessions-end",
    "account-session-end",
    "account-token-new",
    "account_set_password",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_add_webauthn",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
}
OTHERS = {"emergency", "family-emergency", "retention-review", "disposal"}


BY_AS = re.compile(r"""GET\.get\("as"\)|"as" in request\.GET""")
# Where a function that the view calls gives the file.
BY_A_HELPER = {"monitoring/suite/views.py": "report-page"}


def hands_out() -> set[str]:
    """Pages that hand out a file by `?as=`, found by their source, so that a new one cannot be left out."""
    plain = {name: inspect.unwrap(view) for name, view in views()}
    return {name for name, view in plain.items() if BY_AS.search(inspect.getsource(view))}


def test_no_page_hands_out_a_file_unseen(settings: Any) -> None:
    root = Path(settings.BASE_DIR)
    known = hands_out()
    found = {inspect.getsourcefile(inspect.unwrap(view)) for name, view in views() if name in known}
    ours = [path for app in root.glob("*/apps.py") for path in app.parent.rglob("*.py")]
    asked = {str(path) for path in ours if BY_AS.search(path.read_text())}
    assert {str(Path(path).relative_to(root)) for path in asked - found} == set(BY_A_HELPER) | {"clusters/confirmed.py"}


def test_exports_role_changes_emergencies_and_disposal_ask_however_they_are_sent(manager: Client) -> None:
    downloads = hands_out() | set(BY_A_HELPER.values())
    assert len(downloads) >= 9
    known = {address.name: address for address in addresses()}
    not_asked = []
    with later(16):
        for name in sorted(downloads | FILES | ROLES | WAYS_IN | OTHERS):
            url = example(known[name])
            sent = [manager.get(f"{url}?as=csv"), manager.get(f"{url}?as=xlsx")]
            if name not in downloads:
                sent += [manager.get(url), manager.post(url), manager.post(url, {"confirm": "yes"})]
            not_asked += [
                f"{name}: {answer.request['REQUEST_METHOD']} {answer.status_code}"
                for answer in sent
                if not answer.headers.get("Location", "").startswith("/account/reauthenticate/")
            ]
    assert not_asked == []


def views() -> Iterator[tuple[str, Callable[..., Any]]]:
    def walk(entries: list[Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
        for entry in entries:
            if isinstance(entry, URLResolver):
                yield from () if entry.namespace else walk(entry.url_patterns)
            else:
                yield entry.name, entry.callback

    return walk(get_resolver().url_patterns)
