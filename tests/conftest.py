"""What every test stands on: real servers, a database seen by the application role, and no silent skips."""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from cluster_ehs.core import catalogues, servers
from tests.database import TestDatabase, await_tables

# Each app's fixtures lie in its own `tests/fixtures_<app>.py`.
pytest_plugins = [
    "tests.skips",
    "tests.order",
    "tests.migrated",
    *(f"tests.{path.stem}" for path in sorted(Path(__file__).parent.glob("fixtures_*.py"))),
]

# The shell is the same engine without a browser's own window, and asks the processor for a third less.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)

# Playwright keeps an event loop in the test's own thread; the database is used beside it, never from it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# Little of what is made while tests are collected is garbage, and looking for it takes a tenth of that time.
gc.set_threshold(100_000, 50, 100)

servers.ensure_started()
catalogues.compile_stale()
settings.PASSWORD_HASHERS = ["tests.hashers.QuickArgon2"]


def pytest_collection_finish() -> None:
    """What was imported stays: the collector of garbage skips it."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM:
        return
    no_browser = pytest.mark.skip(reason="no Chromium is installed (Debian package: chromium-headless-shell)")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(no_browser)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    worker = getattr(request.config, "workerinput", {}).get("workerid", "")
    keep = request.config.getvalue("reuse_db") and not request.config.getvalue("create_db")
    database = TestDatabase(f"_{worker}" if worker else "")
    tables, told = getattr(request.config, "workerinput", {}).get("tables", ("", ""))
    if told:
        await_tables(told)
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        database.set_up(keep=keep, tables=tables)
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: database.restore())
        yield
        if not keep:
            database.tear_down()


@pytest.fixture(autouse=True)
def _attempts_of_its_own() -> Iterator[None]:
    """Attempts are counted in the real Redis, which all tests share: each test counts its own and no other's."""
    prefix, own = settings.CACHES["default"]["KEY_PREFIX"], f"test-{uuid4()}"
    # The cache of this thread, and those that the threads of a live server make for themselves.
    settings.CACHES["default"]["KEY_PREFIX"] = cache.key_prefix = own
    yield
    settings.CACHES["default"]["KEY_PREFIX"] = cache.key_prefix = prefix


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Debian's Chromium; root and containers have no sandbox to offer it."""
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": ["--no-sandbox"]}
