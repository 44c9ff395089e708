"""Brings a back-up back: into a database of its own beside what is there, compared with what it says of itself.

A database that holds anything is never written to. Whoever wants the restored one in its place types its name; even
then the one that was there is kept under another name.
"""

import hashlib
import json
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

import psycopg2
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from psycopg2 import sql

from cluster_ehs.core.backups import inside
from cluster_ehs.core.backups.programs import environment, login, program
from cluster_ehs.core.backups.sealed import Opener
from cluster_ehs.core.backups.take import DATABASE, FILES, MANIFEST

# Where databases are made and renamed from: never one that is itself restored.
ELSEWHERE = "postgres"


class RestoreError(Exception):
    """A back-up could not be brought back, or is not what it says; the message says why."""


@dataclass
class Restored:
    """What came out of a back-up. differences: where the restored database is not what was backed up."""

    database: str
    manifest: dict[str, Any]
    files: int = 0
    seconds: float = 0.0
    differences: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(self.manifest["rows"].values())


def check(*, source: Path, key: X25519PrivateKey) -> Restored:
    """Read all of a back-up and write nothing: every piece, every file's digest, the whole dump.

    Raises SealError or RestoreError.
    """
    begin = time.monotonic()
    with _feeding(["--file=/dev/null"], {}, server=0) as feed:
        manifest = _unpack(source, key, feed, lambda path, content: None)
    return Restored("", manifest, len(manifest["files"]), time.monotonic() - begin)


def restore(*, source: Path, key: X25519PrivateKey, owner_url: str, database: str, files: Path) -> Restored:
    """Restore into a database that does not exist yet or is empty, and into a folder, and compare.

    Files that are there already with the same content are left. Raises SealError, ProgramError or RestoreError; then a
    database made here is gone again.
    """
    begin = time.monotonic()
    made = _make_or_refuse(owner_url, database)
    written: list[Path] = []
    try:
        with closing(login(owner_url, database)) as connection:
            server = connection.server_version // 10000
        options = ["--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={database}"]
        with _feeding(options, environment(owner_url, database), server=server) as feed:
            manifest = _unpack(source, key, feed, lambda path, content: _put(files, path, content, written))
        found = Restored(database, manifest, len(manifest["files"]))
        with closing(login(owner_url, database)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
                found.differences = _compare(cursor, manifest)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        if made:
            with suppress(psycopg2.Error):
                _elsewhere(owner_url, sql.SQL("DROP DATABASE {}").format(sql.Identifier(database)))
        raise
    found.seconds = time.monotonic() - begin
    return found


def put_in_place(*, owner_url: str, restored: str, name: str) -> str:
    """Give the restored database the live one's name. Returns the name under which the live one is kept.

    Raises RestoreError while anybody is connected to either.
    """
    kept = f"{name}_before_{datetime.now(UTC):%Y%m%dt%H%M%S}"
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    try:
        _elsewhere(owner_url, rename.format(sql.Identifier(name), sql.Identifier(kept)))
        try:
            _elsewhere(owner_url, rename.format(sql.Identifier(restored), sql.Identifier(name)))
        except psycopg2.Error:
            _elsewhere(owner_url, rename.format(sql.Identifier(kept), sql.Identifier(name)))
            raise
    except psycopg2.errors.ObjectInUse:
        raise RestoreError(
            f"Somebody is connected to {name}: stop web, worker, beat and backup first. Nothing was renamed; the "
            f"restored database is {restored}."
        ) from None
    except psycopg2.Error as error:
        raise RestoreError(f"Not put in place ({error}); the restored database is {restored}.") from error
    return kept


def holds_anything(owner_url: str, database: str) -> bool | None:
    """Whether a database has tables; None when there is no such database."""
    with closing(login(owner_url, ELSEWHERE)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if cursor.fetchone() is None:
            return None
    with closing(login(owner_url, database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace)")
        return bool(cursor.fetchone()[0])


def _make_or_refuse(owner_url: str, database: str) -> bool:
    """True when the database was made here. Raises RestoreError for one that holds anything."""
    holds = holds_anything(owner_url, database)
    if holds:
        raise RestoreError(f"The database {database} holds tables already. A restore never writes into one.")
    if holds is None:
        name = sql.Identifier(database)
        try:
            for statement in (
                "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'",
                "REVOKE ALL ON DATABASE {} FROM PUBLIC",
                "GRANT CONNECT ON DATABASE {} TO ehs_app, ehs_backup",
            ):
                _elsewhere(owner_url, sql.SQL(statement).format(name))
        except psycopg2.errors.InsufficientPrivilege:
            raise RestoreError(
                f"The owner may not make databases here. Make {database} with deploy/roles.sql "
                f"(EHS_DATABASE={database}), then restore into it."
            ) from None
    return holds is None


def _elsewhere(owner_url: str, statement: sql.Composed) -> None:
    with closing(login(owner_url, ELSEWHERE)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)


class _Feed:
    """A pipe to a program that may end before it has everything: its own exit status says whether that was well."""

    def __init__(self, pipe: BinaryIO) -> None:
        self.pipe = pipe

    def write(self, data: bytes) -> None:
        with suppress(BrokenPipeError):
            self.pipe.write(data)

    def close(self) -> None:
        with suppress(BrokenPipeError):
            self.pipe.close()


@contextmanager
def _feeding(options: list[str], env: dict[str, str], *, server: int) -> Iterator["_Feed"]:
    """pg_restore's standard input. Raises RestoreError with its words when it fails."""
    with subprocess.Popen(  # noqa: S603 - a fixed command
        [program("pg_restore", server, newest=not server), *options],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        feed = _Feed(cast(BinaryIO, process.stdin))
        try:
            yield feed
        except BaseException:
            # Killed before its input ends: half a dump is no dump.
            process.kill()
            raise
        finally:
            feed.close()
            said = process.stderr.read() if process.stderr else b""
    if process.returncode:
        words = said.decode(errors="replace").strip()[-500:]
        raise RestoreError(f"pg_restore ended with {process.returncode}: {words}")


def _unpack(source: Path, key: X25519PrivateKey, dump: _Feed, keep: Callable[[str, bytes], None]) -> dict[str, Any]:
    """Hand on dump and files as they come, and prove them against the manifest at the end, which is returned."""
    digest, files = hashlib.sha256(), {}
    manifest: dict[str, Any] = {}
    with source.open("rb") as file:
        opener = Opener(file, key)
        # The stream of the archive asks for no more than read(size).
        with tarfile.open(mode="r|", fileobj=cast(Any, opener)) as archive:
            for member in archive:
                part = archive.extractfile(member)
                content = part.read() if part else b""
                if member.name.startswith(DATABASE):
                    digest.update(content)
                    dump.write(content)
                elif member.name.startswith(FILES):
                    path = member.name.removeprefix(FILES)
                    files[path] = hashlib.sha256(content).hexdigest()
                    keep(path, content)
                elif member.name == MANIFEST:
                    manifest = json.loads(content)
        while opener.read(1 << 20):
            pass  # what follows the archive must be whole as well
    if not manifest or digest.hexdigest() != manifest["dump"] or files != manifest["files"]:
        raise RestoreError("The back-up is not what its own list says: it was not finished.")
    return manifest


def _put(root: Path, name: str, content: bytes, written: list[Path]) -> None:
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise RestoreError(f"A file of the back-up would lie outside the folder: {name}")
    path = root / name
    if path.exists():
        if path.read_bytes() != content:
            raise RestoreError(f"{path} is there with another content. Restore into an empty folder.")
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    written.append(path)
    path.touch(mode=0o600)
    path.write_bytes(content)


def _compare(cursor: Any, manifest: dict[str, Any]) -> list[str]:
    wrong = []
    now = inside.rows(cursor)
    for table in sorted(now.keys() | manifest["rows"].keys()):
        if now.get(table) != manifest["rows"].get(table):
            wrong.append(f"rows of {table}: {now.get(table)}, backed up were {manifest['rows'].get(table)}")
    standing = inside.walls(cursor)
    for name in sorted(standing.keys() | manifest["walls"].keys()):
        if standing.get(name) != manifest["walls"].get(name):
            wrong.append(f"not as it was: {name}")
    if inside.last_seal(cursor) != manifest["seal"]:
        wrong.append("the newest seal of the history is another one")
    return wrong
