"""Makes a back-up: one snapshot of the database, then the files, sealed on the way and never whole on this disk."""

import hashlib
import io
import json
import subprocess
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from cluster_ehs.core.backups import inside, sealed
from cluster_ehs.core.backups.place import Place, name_at
from cluster_ehs.core.backups.programs import environment, login, major, program

PIECE = 16 << 20
MANIFEST = "manifest.json"
DATABASE, FILES = "database/", "files/"
TRIES = 3


class BackupError(Exception):
    """A back-up could not be made; the message says why, and nothing that looks like one was left."""


class _Vanished(Exception):
    """A file that a row of the snapshot names was removed while it was on its way."""


@dataclass(frozen=True)
class Taken:
    """A back-up that was made. missing: files that rows name and that are not there; size in bytes."""

    name: str
    size: int
    sha256: str
    rows: int
    files: int
    missing: list[str]
    seconds: float


class _Counted:
    """Passes on what is written and keeps its length and digest."""

    def __init__(self, out: BinaryIO, tell: Callable[[], None]) -> None:
        self.out, self.size, self.sha256, self.tell = out, 0, hashlib.sha256(), tell

    def write(self, data: bytes) -> int:
        self.out.write(data)
        self.size += len(data)
        self.sha256.update(data)
        self.tell()
        return len(data)


def take(*, url: str, files: Path, place: Place, key: str, tell: Callable[[], None] = lambda: None) -> Taken:
    """Make one back-up at the place, sealed for the public key.

    url: the address of the role that only reads. tell: called again and again while it goes on; what it raises stops
    the back-up. Raises BackupError, PlaceError, ProgramError or SealError.
    """
    recipient = sealed.public_key(key)
    begin = time.monotonic()
    for _ in range(TRIES):
        name = name_at(datetime.now(UTC))
        try:
            with place.opened(name) as out:
                counted = _Counted(out, tell)
                sealer = sealed.Sealer(cast(BinaryIO, counted), recipient)
                # The stream of the archive asks for no more than write().
                with tarfile.open(mode="w|", fileobj=cast(Any, sealer), format=tarfile.PAX_FORMAT) as archive:
                    manifest = _fill(archive, url, files)
                sealer.finish()
        except (_Vanished, FileExistsError):
            # Or there is another back-up of this very second, or what a killed one left of it.
            time.sleep(1)
            continue
        except OSError as error:
            raise BackupError(f"{type(error).__name__}: {error.strerror or error}") from error
        break
    else:
        raise BackupError("Files were being removed each time; try again later.")
    kept = place.digest(name)
    if kept not in (None, counted.sha256.hexdigest()):
        raise BackupError(f"{name} was read again and is not what was written. Do not trust the disk it lies on.")
    return Taken(
        name=name,
        size=counted.size,
        sha256=counted.sha256.hexdigest(),
        rows=sum(manifest["rows"].values()),
        files=len(manifest["files"]),
        missing=manifest["missing"],
        seconds=time.monotonic() - begin,
    )


def _fill(archive: tarfile.TarFile, url: str, files: Path) -> dict[str, Any]:
    connection = login(url)
    try:
        connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        with connection.cursor() as cursor:
            # The dump, the counts and the list of files are of this one moment.
            cursor.execute("SELECT pg_export_snapshot(), now()")
            snapshot, at = cursor.fetchone()
            # Files that go from here on were named by a row of the snapshot, or by none.
            named = inside.named_files(cursor)
            there = {path for path in named if (files / path).is_file()}
            manifest: dict[str, Any] = {
                "made": at.astimezone(UTC).isoformat(),
                "server": major(connection),
                "rows": inside.rows(cursor),
                "walls": inside.walls(cursor),
                "seal": inside.last_seal(cursor),
                "missing": sorted(named - there),
            }
            manifest["dump"] = _dump(archive, url, snapshot, manifest["server"])
            connection.rollback()
        manifest["files"] = _files(archive, files)
        if not there <= manifest["files"].keys():
            raise _Vanished
    finally:
        connection.close()
    _add(archive, MANIFEST, json.dumps(manifest).encode())
    return manifest


def _dump(archive: tarfile.TarFile, url: str, snapshot: str, server: int) -> str:
    """The dump in pieces, since an archive must know the size of what it takes. Returns its SHA-256."""
    command = [
        program("pg_dump", server),
        "--format=custom",
        "--compress=1",
        "--lock-wait-timeout=60s",
        f"--snapshot={snapshot}",
    ]
    digest, number = hashlib.sha256(), 0
    with subprocess.Popen(  # noqa: S603 - a fixed command
        command, env=environment(url), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            while piece := process.stdout.read(PIECE) if process.stdout else b"":
                digest.update(piece)
                _add(archive, f"{DATABASE}{number:06}", piece)
                number += 1
            said = process.stderr.read() if process.stderr else b""
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise BackupError(f"pg_dump ended with {process.returncode}: {said.decode(errors='replace').strip()[-500:]}")
    return digest.hexdigest()


def _files(archive: tarfile.TarFile, root: Path) -> dict[str, str]:
    """Every file below the root, with its SHA-256. One that goes or shrinks meanwhile is left out."""
    found = {}
    for path in sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink()):
        name = path.relative_to(root).as_posix()
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue
        found[name] = hashlib.sha256(content).hexdigest()
        _add(archive, FILES + name, content)
    return found


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = len(content), 0o600, int(time.time())
    archive.addfile(member, io.BytesIO(content))
