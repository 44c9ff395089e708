"""Every URL, every person, every kind of record: the answer that the one table in `docs/access.md` says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from cluster_ehs.core import scope
from tests.access import PEOPLE, Address, Quick, addresses, ask, client_for, lines, unnamed, url_for
from tests.fixtures_cast import make_cast
from tests.world import FILE, KINDS, World, arguments_for, make_world

# The technical admin makes hundreds of addresses of one kind; a line with a star stands for all of them.
STARRED = ("admin:",)
# A method that the table does not name is one that the address does not take; signing in is asked for first.
NOT_TAKEN = {"405", "302", "401"}


def walked() -> list[Address]:
    return [a for a in addresses() if not a.name.startswith(STARRED)]


def asked(address: Address, world: World) -> list[tuple[str, str]]:
    """(kind of record, URL) for each kind that exists; a URL about no record is asked once."""
    if not address.arguments:
        return [("–", url_for(address.name, {}))]
    found = []
    for kind in KINDS:
        arguments = arguments_for(world, address, kind)
        if arguments is not None:
            found.append((kind, url_for(address.name, arguments)))
    return found


@pytest.fixture(scope="module")
def made(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Made once for all people: each request is undone by itself (`ask`)."""
    folder: Path = tmp_path_factory.mktemp("files")
    (folder / FILE).parent.mkdir()
    (folder / FILE).write_bytes(b"%PDF-1.7")
    (folder / f"{FILE}.preview.jpg").write_bytes(b"a small picture")
    with django_db_blocker.unblock(), override_settings(FILES_ROOT=folder), transaction.atomic():
        yield make_world(make_cast())
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _no_scope_left_behind() -> None:
    """In place of the one for all tests: a scope ends with its request here, since each request is undone (`ask`)."""


@pytest.fixture
def world(made: World) -> Iterator[World]:
    """As one person finds it: sign-ins and tokens are undone as well."""
    with transaction.atomic():
        yield made
        assert actor() == "", "a request has left its scope behind"
        transaction.set_rollback(True)


def actor() -> str:
    """In whose scope the next request would begin."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('ehs.actor', true), '')")
        return cursor.fetchone()[0]


def visitor(world: World, person: str, *, api: bool) -> Quick:
    client = client_for(person, world.cast, api=api, kind=Quick)
    # The first page writes into the session when it began: each request would, where each is undone.
    client.get("/")
    scope.act_as_nobody()
    return client


def test_every_address_has_a_name() -> None:
    assert [path for path in unnamed() if not path.startswith("technical/")] == []


def test_every_address_is_in_the_table_and_the_table_has_no_other(world: World) -> None:
    there = {(a.name, kind) for a in walked() for kind, _ in asked(a, world)}
    said = [key for line in lines() for key in line.keys if not line.name.startswith(STARRED)]
    assert len(said) == len(set(said)), "a line stands twice"
    records = {(name, kind) for _, name, kind in said}
    assert there - records == set(), "not in docs/access.md"
    assert records - there == set(), "in docs/access.md, but not in the program"


@pytest.mark.slow
@pytest.mark.parametrize("person", PEOPLE)
def test_the_answers_are_those_of_the_table(world: World, person: str) -> None:
    said = {key: line.statuses[PEOPLE.index(person)] for line in lines() for key in line.keys}
    wrong = []
    clients = {api: visitor(world, person, api=api) for api in (False, True)}
    for address in walked():
        client = clients[address.is_api]
        for kind, url in asked(address, world):
            for method in ("GET", "POST"):
                status = str(ask(client, method, url))
                expected = said.get((method, address.name, kind))
                if status != expected and not (expected is None and status in NOT_TAKEN):
                    wrong.append(f"{method} {address.name} ({kind}): {status}, not {expected}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("person", PEOPLE)
def test_the_technical_admin_is_shut_to_everybody_in_the_cast(world: World, person: str) -> None:
    client = visitor(world, person, api=False)
    said = {line.name: line.statuses[PEOPLE.index(person)] for line in lines() if line.name.startswith("admin:")}
    wrong = [
        f"{address.name}: {status}"
        for address in addresses()
        if address.name.startswith("admin:") and not address.arguments
        if (status := str(ask(client, "GET", url_for(address.name, {})))) != said.get(address.name, said["admin:*"])
    ]
    assert not wrong, "\n".join(wrong)
