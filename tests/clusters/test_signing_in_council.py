"""The council's directory: a real OpenID Connect provider in a process of its own, asked over the loopback."""

import html
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.denied import Denied
from cluster_ehs.core.embedded import free_ports
from cluster_ehs.core.models import Message
from clusters.group_roles import services as group_roles
from clusters.models import GroupRole, Role, StaffRole, User
from clusters.signing_in import council_roles
from tests.fixtures_cast import Cast, as_, sign_in

pytestmark = pytest.mark.django_db
START = "/account/council/login/"
# Whom the directory knows. The addresses are those of the cast.
PEOPLE = {
    "leader": {"email_verified": True, "amr": ["pwd", "mfa"], "groups": ["leaders"]},
    "practitioner": {"email_verified": True, "amr": ["pwd"], "groups": []},
    "colleague": {"email_verified": False},
    # Somebody new, who was given the address of the leader.
    "successor": {"email": "dee.example@example.org", "email_verified": True, "amr": ["mfa"]},
    "asked long ago": {"email": "carl.example@example.org", "email_verified": True, "auth_time": 1},
    "stranger": {"email": "stranger@example.org", "email_verified": True, "amr": ["mfa"]},
}


@pytest.fixture(scope="module")
def directory() -> Iterator[str]:
    """Its address. The people's claims are given when it starts, as a directory has them."""
    port = next(free_ports())
    addresses = {"leader": "dee.example@example.org", "practitioner": "asha.example@example.org"}
    addresses["colleague"] = "ben.example@example.org"
    given = [json.dumps({"sub": sub, "email": addresses.get(sub), **claims}) for sub, claims in PEOPLE.items()]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    command += [part for claims in given for part in ("--user-claims", claims)]
    process = subprocess.Popen(command, env={**os.environ, "NO_COLOR": "1"}, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                requests.get(f"{address}/.well-known/openid-configuration", timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def council(directory: str, settings: Any) -> Any:
    settings.DIRECTORY_ISSUER = directory
    app = {"provider_id": "council", "name": "your council account", "client_id": "ehs", "secret": "only-for-tests"}
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            **django_settings.SOCIALACCOUNT_PROVIDERS["openid_connect"],
            "APPS": [{**app, "settings": {"server_url": directory}}],
        }
    }
    return settings


def going(answer: HttpResponse) -> str:
    """Where the page leads that the button opens: browsers refuse a form that is redirected to another place."""
    assert answer.status_code == 200
    return html.unescape(re.search(r'content="0;url=([^"]+)"', answer.text)[1])  # type: ignore[index]


def come_from(client: Client, who: str, **sent: str) -> HttpResponse:
    """As the browser does: our button, the directory's own page, and back."""
    address = going(client.post(START, sent))
    assert (
        "code_challenge=" in address
        and "prompt=login" in address
        and address.startswith(django_settings.DIRECTORY_ISSUER)
    )
    back = requests.post(address, data={"sub": who}, allow_redirects=False, timeout=10)
    assert back.status_code == 302, back.text
    return client.get(back.headers["Location"].replace("http://testserver", ""))


def test_who_is_known_gets_in_and_is_found_again_by_the_directorys_number(
    client: Client, cast: Cast, council: Any
) -> None:
    assert "Sign in with your council account" in client.get(reverse("account_login")).text
    answer = come_from(client, "leader", next="/cases/")
    assert answer["Location"] == "/cases/"
    assert client.get("/cases/").status_code == 200
    known = SocialAccount.objects.get(user=cast.leader)
    assert (known.uid, known.extra_data) == ("leader", {})
    # The address may change here; the person is the same.
    User.objects.filter(pk=cast.leader.pk).update(email="moved@example.org")
    again = Client()
    assert come_from(again, "leader")["Location"] == "/"
    assert again.get("/").status_code == 200
    known.refresh_from_db()
    assert known.extra_data == {}, "nothing of what the directory says is kept, at no sign-in"


@pytest.mark.parametrize("who", ["stranger", "colleague"])
def test_who_is_not_known_or_not_vouched_for_reads_a_plain_page(
    client: Client, cast: Cast, council: Any, who: str
) -> None:
    answer = come_from(client, who)
    assert answer.status_code == 403
    assert "You have no account here" in answer.text
    assert client.get("/").status_code == 302
    assert not SocialAccount.objects.exists()


def test_a_directory_whose_addresses_are_the_councils_own_may_be_trusted(
    client: Client, cast: Cast, council: Any
) -> None:
    council.DIRECTORY_TRUSTS_ADDRESSES = True
    assert come_from(client, "colleague")["Location"] == "/"


def test_who_has_left_does_not_come_in_by_the_directory(client: Client, cast: Cast, council: Any) -> None:
    come_from(client, "leader")
    StaffRole.objects.filter(user=cast.leader).update(ends_on=timezone.localdate())
    assert come_from(Client(), "leader").status_code == 403
    User.objects.filter(pk=cast.leader.pk).update(is_active=False)
    assert come_from(Client(), "leader").status_code == 403


def test_it_stands_for_a_second_factor_only_where_it_says_so(client: Client, cast: Cast, council: Any) -> None:
    council.SECOND_FACTOR_REQUIRED = True
    come_from(client, "leader")
    assert client.get("/").status_code == 200
    other = Client()
    come_from(other, "practitioner")
    assert other.get("/")["Location"].startswith("/account/second-factor/")
    council.DIRECTORY_SECOND_FACTOR = []
    third = Client()
    come_from(third, "leader")
    assert third.get("/")["Location"].startswith("/account/second-factor/")


def test_an_answer_that_was_not_asked_for_is_refused(client: Client, cast: Cast, council: Any) -> None:
    address = going(Client().post(START))
    back = requests.post(address, data={"sub": "leader"}, allow_redirects=False, timeout=10)
    answer = client.get(back.headers["Location"].replace("http://testserver", ""))
    assert "You are not signed in" in answer.text
    assert client.get("/").status_code == 302
    said_no = client.get(f"{START}callback/", {"error": "access_denied"})
    assert said_no.status_code in {302, 401}


def test_a_directory_that_is_away_is_said_plainly(client: Client, cast: Cast, council: Any) -> None:
    council.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"] = {"server_url": "http://127.0.0.1:9"}
    answer = client.post(START)
    assert answer.status_code == 503
    assert "The directory did not answer" in answer.text
    assert client.get(reverse("account_login")).status_code == 200


# --- groups and roles ---
def write(settings: Any, tmp_path: Path, *lines: str) -> None:
    path = tmp_path / f"roles-{time.monotonic_ns()}.csv"
    path.write_text("\n".join(("group,role,cluster,school,post,from,until", *lines)))
    settings.DIRECTORY_ROLES = str(path)


def test_a_role_comes_with_the_group_and_goes_with_it(client: Client, cast: Cast, council: Any, tmp_path: Path) -> None:
    write(council, tmp_path, f"leaders,panel_guest,{cast.other_cluster.name},,,,2099-01-01")
    come_from(client, "leader")
    given = StaffRole.objects.get(user=cast.leader, cluster=cast.other_cluster)
    assert (given.role, str(given.ends_on)) == (Role.PANEL_GUEST, "2099-01-01")
    # Roles that the file does not name are not the directory's to end.
    assert StaffRole.objects.today().filter(user=cast.leader, role=Role.LEADER, cluster=cast.cluster).exists()
    write(council, tmp_path, f"another group,panel_guest,{cast.other_cluster.name},,,,")
    come_from(Client(), "leader")
    assert not StaffRole.objects.today().filter(user=cast.leader, cluster=cast.other_cluster).exists()
    # Told as of any other role that ends, and why.
    told = Message.objects.get(user_id=cast.leader.pk, key__startswith="role-ends:")
    assert f"Panel guest, {cast.other_cluster}. No group of the council’s directory gives it" in told.body


def test_a_line_counts_from_its_day_until_its_day(client: Client, cast: Cast, council: Any, tmp_path: Path) -> None:
    place = f"leaders,panel_guest,{cast.other_cluster.name},,,"
    for days in ("2099-01-01,", ",2020-01-01"):
        write(council, tmp_path, place + days)
        come_from(Client(), "leader")
        assert not StaffRole.objects.filter(user=cast.leader, cluster=cast.other_cluster).exists()


def test_a_role_with_work_in_hand_stays_until_it_is_handed_over(
    client: Client, cast: Cast, council: Any, tmp_path: Path
) -> None:
    write(council, tmp_path, f"elsewhere,practitioner,{cast.cluster.name},,family_practitioner,,")
    come_from(client, "practitioner")
    assert StaffRole.objects.today().filter(user=cast.practitioner, role=Role.PRACTITIONER).exists()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("chiefs,manager,,,,,", "two people"),
        ("chiefs,king,,,,,", "one of the roles"),
        ("chiefs,practitioner,X,,,,", "one of the posts"),
        ("chiefs,leader,X,,,soon,", "2026-11-23"),
    ],
)
def test_a_line_that_is_wrong_is_named_before_anybody_signs_in(
    settings: Any, tmp_path: Path, line: str, says: str
) -> None:
    write(settings, tmp_path, line)
    assert [says in found.msg and "line 2" in found.msg for found in council_roles.check_file()] == [True]
    with pytest.raises(ImproperlyConfigured):
        council_roles.rows()


def said(cast: Cast, group: str, **changed: Any) -> GroupRole:
    today = timezone.localdate()
    values = {"role": Role.PANEL_GUEST, "cluster": cast.other_cluster, "starts_on": today, **changed}
    with as_(cast.manager):
        return group_roles.add(by=cast.manager, group=group, **values)


def ended(cast: Cast, row: GroupRole) -> None:
    with as_(cast.manager):
        group_roles.end(row, by=cast.manager, ends_on=timezone.localdate())


def test_a_manager_says_on_a_page_what_a_group_means(client: Client, cast: Cast, council: Any) -> None:
    today = timezone.localdate()
    guests = StaffRole.objects.today().filter(user=cast.leader, role=Role.PANEL_GUEST, cluster=cast.other_cluster)
    manager = sign_in(Client(), cast.manager)
    day = {f"starts_on-{part}": getattr(today, part) for part in ("day", "month", "year")}
    sent = {"group": "leaders", "role": "panel_guest", "cluster": cast.other_cluster.pk, **day}
    page = manager.post(reverse("settings-group-new"), {**sent, "cluster": ""})
    assert page.status_code == 422 and "Choose the Cluster of the panel guest" in page.text
    assert 'value="leaders"' in page.text
    assert manager.post(reverse("settings-group-new"), {**sent, "role": "manager"}).status_code == 422
    assert manager.post(reverse("settings-group-new"), sent)["Location"] == reverse("settings-groups")
    come_from(client, "leader")
    assert guests.exists()
    ended(cast, GroupRole.objects.get())
    said(cast, "another group")
    come_from(Client(), "leader")
    assert not guests.exists(), "the directory decides, and no group of theirs gives it any more"
    changes = manager.get(reverse("settings-changes")).text
    assert "The group “leaders” means Panel guest" in changes and "no longer means Panel guest" in changes


def test_what_has_ended_or_is_to_come_takes_nothing_away(client: Client, cast: Cast, council: Any) -> None:
    today = timezone.localdate()
    ended(cast, said(cast, "elsewhere", role=Role.LEADER, cluster=cast.cluster))
    said(cast, "elsewhere", role=Role.LEADER, cluster=cast.cluster, starts_on=today + timedelta(days=1))
    come_from(client, "leader")
    assert StaffRole.objects.today().filter(user=cast.leader, role=Role.LEADER, cluster=cast.cluster).exists()


def test_no_group_makes_a_manager_and_no_leader_says_what_a_group_means(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="two people"):
        said(cast, "chiefs", role=Role.MANAGER, cluster=None)
    with pytest.raises(Denied):
        today = timezone.localdate()
        group_roles.add(by=cast.leader, group="x", role=Role.LEADER, cluster=cast.cluster, starts_on=today)
    with pytest.raises(IntegrityError), transaction.atomic():
        GroupRole.objects.create(group="x", role="manager", starts_on=timezone.localdate(), added_by=cast.manager)
