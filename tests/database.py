"""The tests' database: made and migrated by its owner, used by the application role.

A superuser or an owner would see every row, so tests that ran as one would prove nothing about
the row policies. Tests that commit cannot be rolled back, and the application role may not empty
tables either, so after each of them the database is made again from a copy of the clean one.
"""

import fcntl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dj_database_url
import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from cluster_ehs.core.backups.programs import environment, major, program
from cluster_ehs.core.embedded import Servers

SCHEMA_RIGHTS = """
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO ehs_app, ehs_backup;
"""

END_SESSIONS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND usename = current_user
"""

# The last word of the process that makes the tables for several workers (`tests/migrated.py`).
MADE = "made"


@contextmanager
def login(url: str, database: str = "") -> Iterator[Any]:
    """A cursor outside Django, each statement its own transaction."""
    known = dj_database_url.parse(url)
    raw = psycopg2.connect(
        host=known["HOST"],
        port=known["PORT"] or 5432,
        user=known["USER"],
        password=known["PASSWORD"],
        dbname=database or known["NAME"],
    )
    raw.autocommit = True
    try:
        with raw.cursor() as cursor:
            yield cursor
    finally:
        raw.close()


def drop(name: str) -> None:
    with login(settings.DATABASE_OWNER_URL) as cursor:
        _drop(cursor, name)


def _drop(cursor: Any, name: str) -> None:
    """cursor: the owner's, in another database."""
    cursor.execute("SELECT usename FROM pg_stat_activity WHERE datname = %s", [name])
    # Only a role itself may end its sessions: the application's (a stray server thread), then the owner's.
    if dj_database_url.parse(settings.DATABASE_URL)["USER"] in {role for (role,) in cursor}:
        with login(settings.DATABASE_URL) as application:
            application.execute(END_SESSIONS, [name])
    cursor.execute(END_SESSIONS, [name])
    cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def make(name: str, template: str = "template0") -> None:
    with login(settings.DATABASE_OWNER_URL) as cursor:
        _drop(cursor, name)
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" ENCODING \'UTF8\'')


def make_tables(name: str) -> None:
    """Make a database and migrate it; the connection is left pointing at it."""
    make(name)
    with login(settings.DATABASE_OWNER_URL, name) as cursor:
        cursor.execute(SCHEMA_RIGHTS)
    migrate(name)


def migrate(name: str) -> None:
    connection.settings_dict["NAME"] = name
    call_command("migrate", verbosity=0, interactive=False)
    connection.close()


def await_tables(told: str) -> None:
    """Wait for that process. Raises RuntimeError with its words when it has not made them."""
    with open(told) as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        words = file.read()
    if words.splitlines()[-1:] != [MADE]:
        raise RuntimeError(f"the tables could not be made:\n{words}")


class TestDatabase:
    """One database per test process, `test_ehs` or `test_ehs_gw0`, and its clean copy."""

    __test__ = False

    def __init__(self, suffix: str) -> None:
        self.main = connection.settings_dict["NAME"]
        self.name = f"test_{self.main}{suffix}"
        self.clean = f"{self.name}_clean"

    def set_up(self, *, keep: bool, tables: str = "") -> None:
        """Make and migrate, or copy `tables`; with `keep` (pytest --reuse-db) migrate what an earlier run left."""
        connections.close_all()
        with login(settings.DATABASE_OWNER_URL) as cursor:
            cursor.execute("SELECT count(*) FROM pg_database WHERE datname IN (%s, %s)", [self.name, self.clean])
            kept = keep and cursor.fetchone()[0] == 2
        if kept:
            migrate(self.clean)
        elif tables:
            make(self.clean, tables)
        else:
            make_tables(self.clean)
        connection.settings_dict["NAME"] = self.name
        self.restore()

    def restore(self) -> None:
        """Make the database anew from the clean copy."""
        connections.close_all()
        make(self.name, self.clean)

    def tear_down(self) -> None:
        connections.close_all()
        connection.settings_dict["NAME"] = self.main
        drop(self.name)
        drop(self.clean)


def copy_clean_tables(servers: Servers) -> None:
    """Give servers of a test's own the migrated tables of the tests' database: migrating again takes a minute."""
    clean = f"{connection.settings_dict['NAME']}_clean"
    owner = servers.postgres_url("owner")
    with login(owner) as cursor:
        cursor.execute(SCHEMA_RIGHTS)
    with login(settings.DATABASE_OWNER_URL, clean) as cursor:
        server = major(cursor.connection)
    # The dump of a newer major version may hold what only the server of its own minor version can read.
    with subprocess.Popen(
        [program("pg_dump", server), "--format=custom", "--compress=0"],
        env=environment(settings.DATABASE_OWNER_URL, clean),
        stdout=subprocess.PIPE,
    ) as dump:
        subprocess.run(
            [servers.pg("pg_restore"), "--no-owner", "--exit-on-error", "--single-transaction", "--dbname=ehs"],
            env=environment(owner),
            stdin=dump.stdout,
            check=True,
        )
    assert dump.returncode == 0
