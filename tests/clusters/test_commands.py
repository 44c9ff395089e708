"""The first manager, made on the server."""

import io

import pytest
from django.core.management import CommandError, call_command

from cluster_ehs.core.models import Message
from clusters.models import User
from clusters.people import duties
from tests.fixtures_cast import Cast

NEW = "four-quite-different-words"


def create(monkeypatch: pytest.MonkeyPatch, *arguments: str, password: str = NEW) -> str:
    out = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("create_user", "--email", "First@Example.org", "--name", "First Manager", *arguments, stdout=out)
    return out.getvalue()


def test_the_first_manager(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "is a manager" in create(monkeypatch, "--role", "manager", "--password-stdin")
    user = User.objects.get(email="first@example.org")
    assert user.check_password(NEW)
    assert duties(user).is_manager
    assert not user.is_staff


def test_a_leader_in_a_cluster_by_invitation(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    create(monkeypatch, "--role", "leader", "--cluster", cast.cluster.name, "--invite", "--technical")
    user = User.objects.get(email="first@example.org")
    assert duties(user).leads == {cast.cluster.pk}
    assert user.is_staff
    assert not user.has_usable_password()
    assert "/account/invitation/" in Message.objects.get(to=user.email).body


@pytest.mark.parametrize(
    ("arguments", "password", "message"),
    [
        (("--role", "leader"), NEW, "Choose the Cluster"),
        (("--role", "leader", "--cluster", "Nowhere"), NEW, "There is no Cluster “Nowhere”"),
        (("--role", "referrer", "--school", "Nowhere"), NEW, "There is no school"),
        (("--role", "manager"), "short", "too short"),
        (("--role", "manager"), "first@example.org", "too similar"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], password: str, message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        create(monkeypatch, *arguments, "--password-stdin", password=password)
    assert not User.objects.filter(email="first@example.org").exists()


def test_an_address_that_is_taken(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="already exists"):
        call_command("create_user", "--email", cast.leader.email, "--name", "X", "--role", "manager", "--invite")
