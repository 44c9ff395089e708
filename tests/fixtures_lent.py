"""The cast is made once in each process, in a database of its own, and lent to each test inside the test's transaction.

A test that names `cast` runs on that database from the beginning of its transaction to its end; the others run on one
without any people. What a test does to the lent rows is undone with its transaction. Tests that commit have the cast
made anew in the database that is thrown away after them.
"""

import pickle
from collections.abc import Generator, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from tests.database import drop, make
from tests.fixtures_cast import Cast, make_cast

# Of pytest-django: opens the transaction of a test.
OPENS_THE_TRANSACTION = "_django_db_helper"


class Lent:
    """The database with the cast in it, and a connection that only borrowing tests use."""

    def __init__(self) -> None:
        self.usual: BaseDatabaseWrapper = connections[DEFAULT_DB_ALIAS]
        name = self.usual.settings_dict["NAME"]
        self.clean, self.name = f"{name}_clean", f"{name}_cast"
        self.own = connections.create_connection(DEFAULT_DB_ALIAS)
        self.own.settings_dict = {**self.usual.settings_dict, "NAME": self.name}
        self.made = b""
        self.made_on: date | None = None

    @property
    def is_lent(self) -> bool:
        return connections[DEFAULT_DB_ALIAS] is self.own

    def lend(self) -> None:
        connections[DEFAULT_DB_ALIAS] = self.own
        # The cast's dates are counted from today.
        if self.made_on != timezone.localdate():
            self.make()

    def give_back(self) -> None:
        connections[DEFAULT_DB_ALIAS] = self.usual

    def make(self) -> None:
        self.own.close()
        make(self.name, self.clean)
        self.made_on = timezone.localdate()
        with transaction.atomic():
            self.made = pickle.dumps(make_cast())

    def cast(self) -> Cast:
        """Objects of this test's own for the rows that are there."""
        assert self.made_on == timezone.localdate(), "the clock was set after the test's transaction had begun"
        return pickle.loads(self.made)  # noqa: S301 - pickled above

    def end(self) -> None:
        self.own.close()
        drop(self.name)


@pytest.fixture(scope="session")
def lent(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Lent]:
    with django_db_blocker.unblock():
        lent = Lent()
    yield lent
    with django_db_blocker.unblock():
        lent.end()


def borrows(request: pytest.FixtureRequest) -> bool:
    """Whether a test names the cast and commits nothing."""
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction", False)
    commits = commits or not {"transactional_db", "live_server"}.isdisjoint(request.fixturenames)
    return "cast" in request.fixturenames and not commits


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> Generator[None]:
    """Before the transaction of a test that borrows is opened, its database is chosen; after it has ended, put back."""
    if fixturedef.argname == OPENS_THE_TRANSACTION and borrows(request):
        lent = request.getfixturevalue("lent")
        fixturedef.addfinalizer(lent.give_back)
        with request.getfixturevalue("django_db_blocker").unblock():
            lent.lend()
    elif fixturedef.argname == OPENS_THE_TRANSACTION:
        with request.getfixturevalue("django_db_blocker").unblock():
            forget_if_ended(connections[DEFAULT_DB_ALIAS])
    return (yield)


def forget_if_ended(connection: BaseDatabaseWrapper) -> None:
    """A connection that idled while others borrowed may have been ended with the database that was thrown away."""
    if connection.connection is not None and not connection.is_usable():
        connection.close()


@pytest.fixture
def cast(lent: Lent, db: None) -> Cast:
    """The people and their records (`tests/fixtures_cast.py`)."""
    return lent.cast() if lent.is_lent else make_cast()
