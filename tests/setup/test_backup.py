"""The commands of docs/operations.md, run: a back-up by the read-only role, restored by the owner."""

import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

from cluster_ehs.core.embedded import Servers
from tests.database import login

ROOT = Path(__file__).resolve().parents[2]
A_FAMILY = """
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Cluster
from families.models import Family
cluster = Cluster.objects.create(name="Beck")
with acting_as(NamedActor.IMPORTER, clusters=[cluster.pk]):
    Family.objects.create(cluster=cluster, name="Thistlewood", reference="BECK-1")
"""
# What the walls are made of: rights, policies, guards.
WALLS = """
SELECT 'table', relname::text, concat_ws(' ', relrowsecurity,
       (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(
            coalesce(relacl, acldefault((CASE relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char", relowner))) a))
  FROM pg_class WHERE relkind IN ('r', 'S') AND relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'policy', tablename || '.' || policyname, concat_ws(' | ', cmd, qual, with_check) FROM pg_policies
UNION ALL
SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'schema', nspname, nspacl::text FROM pg_namespace WHERE nspname = 'public'
"""
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


def run(*command: str, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def counts(url: str) -> dict[str, int]:
    with login(url) as cursor:
        cursor.execute(TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found


def walls(url: str) -> set[tuple[str, str, str]]:
    with login(url) as cursor:
        cursor.execute(WALLS)
        return set(cursor.fetchall())


@pytest.fixture(scope="module")
def live(pair: Servers, pair_environment: dict[str, str]) -> Servers:
    """A database with a family in it."""
    run(sys.executable, "manage.py", "migrate", "--verbosity", "0", environment=pair_environment)
    run(sys.executable, "manage.py", "shell", "--no-imports", "-c", A_FAMILY, environment=pair_environment)
    return pair


def test_a_backup_has_every_row_and_its_restore_has_every_wall(live, tmp_path):
    owner, app, backup = (live.postgres_url(role) for role in ("owner", "app", "backup"))
    dump = str(tmp_path / "ehs.dump")
    restored = "ehs_restored"
    run(live.pg("pg_dump"), "--format=custom", f"--file={dump}", backup)

    for statement in (
        f"CREATE DATABASE {restored} TEMPLATE template0",
        f"REVOKE ALL ON DATABASE {restored} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {restored} TO ehs_app, ehs_backup",
    ):
        with login(owner) as cursor:
            cursor.execute(statement)
    there = owner.removesuffix("/ehs") + f"/{restored}"
    run(live.pg("pg_restore"), "--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={there}", dump)

    before = counts(backup)
    assert before["families_family"] == 1
    assert before["core_change"] >= 1
    assert counts(backup.removesuffix("/ehs") + f"/{restored}") == before
    assert walls(there) == walls(owner)
    with login(app, restored) as cursor:
        cursor.execute("SELECT count(*) FROM families_family")
        assert cursor.fetchone() == (0,), "without a scope the application sees nothing there either"
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("TRUNCATE core_change")


def test_the_backup_role_changes_nothing(live):
    with login(live.postgres_url("backup")) as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute("SET TRANSACTION READ WRITE; DELETE FROM families_family")
