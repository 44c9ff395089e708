"""A database of its own for each city, beside the one of the environment and on the same server."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from cluster_ehs.core import servers

ROOT = Path(__file__).resolve().parents[2]
RIGHTS = "REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO ehs_app, ehs_backup"


def addresses() -> tuple[str, str]:
    """The application's and the owner's address of this environment's database."""
    app = os.environ.get("DATABASE_URL") or servers.database_url()
    owner = os.environ.get("DATABASE_OWNER_URL") or servers.database_owner_url()
    if not owner:
        raise SystemExit("DATABASE_OWNER_URL is not set. The bench makes databases of its own with it.")
    return app, owner


def beside(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def environment(city: str) -> dict[str, str]:
    """The environment of the processes that work on a city. Production's settings but for what needs secrets."""
    app, owner = addresses()
    name = database_name(city)
    return {
        "DATABASE_URL": beside(app, name),
        "DATABASE_OWNER_URL": beside(owner, name),
        "DEBUG": "0",
        "EHS_ENV": "development",
        "DJANGO_SETTINGS_MODULE": "scripts.bench.settings",
        "EHS_SEARCHES_A_MINUTE": "1000000",
        "EHS_API_CALLS_A_MINUTE": "1000000",
    }


def database_name(city: str) -> str:
    return f"{urlsplit(addresses()[1]).path.strip('/')}_bench_{city}"


def drop(city: str) -> None:
    _as_owner(f'DROP DATABASE IF EXISTS "{database_name(city)}"')


def empty(city: str) -> dict[str, str]:
    """An empty database, migrated. Returns the environment of the processes that work on it."""
    drop(city)
    _as_owner(f"CREATE DATABASE \"{database_name(city)}\" TEMPLATE template0 ENCODING 'UTF8'")
    ours = {**os.environ, **environment(city)}
    connection = psycopg2.connect(ours["DATABASE_OWNER_URL"])
    with connection, connection.cursor() as cursor:
        cursor.execute(RIGHTS)
    connection.close()
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=ours, check=True)
    return ours


def make(city: str, referrals: int) -> str:
    """An empty database, migrated and filled. Returns the last line of the filling: the rows of the main tables."""
    ours = empty(city)
    filling = subprocess.Popen(  # noqa: S603 - a fixed command
        [sys.executable, "-m", "scripts.bench.fill", str(referrals)],
        cwd=ROOT,
        env=ours,
        stdout=subprocess.PIPE,
        text=True,
    )
    last = ""
    for line in filling.stdout or ():
        last = line.strip()
        if not last.startswith("{"):
            print(f"  {last}", flush=True)
    if filling.wait():
        raise SystemExit(f"The city {city} could not be made; the reason is above.")
    return last


def _as_owner(statement: str) -> None:
    connection = psycopg2.connect(addresses()[1])
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()
