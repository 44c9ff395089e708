"""Where back-ups are put: a folder, or a command that takes one on its standard input."""

import contextlib
import hashlib
import os
import re
import shlex
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

NAME = re.compile(r"^early-help-\d{8}T\d{6}Z\.backup$")
PART = ".part"
# At least so many are kept, however old they are: a clock that is wrong empties no folder.
ALWAYS_KEPT = 3
COMMAND_SECONDS = 600


class PlaceError(Exception):
    """A back-up could not be put where it belongs; the message says why."""


class Place(Protocol):
    def opened(self, name: str) -> contextlib.AbstractContextManager[BinaryIO]: ...
    def digest(self, name: str) -> str | None: ...
    def forget(self, *, older_than: timedelta, now: datetime) -> list[str]: ...


def name_at(moment: datetime) -> str:
    """The name of a back-up of this moment (UTC). It says nothing but when."""
    return f"early-help-{moment:%Y%m%dT%H%M%SZ}.backup"


def place(target: str) -> Place:
    """The place that a target names: `|command {name}`, or a folder."""
    return Command(target[1:]) if target.startswith("|") else Folder(Path(target))


class Folder:
    """Written beside under another name, flushed to the disk, then renamed: what has the name is whole."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._remove_parts()
        part = self.path / (name + PART)
        if (self.path / name).exists():
            raise FileExistsError(name)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as out:
                yield out
                out.flush()
                os.fsync(out.fileno())
            part.rename(self.path / name)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _remove_parts(self) -> None:
        """What a killed back-up left; one that is being written is younger than a day."""
        for part in self.path.glob(f"*{PART}"):
            with contextlib.suppress(FileNotFoundError):
                if NAME.match(part.name.removesuffix(PART)) and time.time() - part.stat().st_mtime > 86400:
                    part.unlink()

    def digest(self, name: str) -> str | None:
        """SHA-256 of what lies there, read again."""
        with (self.path / name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def forget(self, *, older_than: timedelta, now: datetime) -> list[str]:
        """Remove our back-ups that are older, but never the newest ones. Returns their names."""
        ours = sorted(path.name for path in self.path.iterdir() if NAME.match(path.name))
        limit = name_at(now - older_than)
        gone = [name for name in ours[:-ALWAYS_KEPT] if name < limit]
        for name in gone:
            (self.path / name).unlink(missing_ok=True)
        return gone


class Command:
    """`{name}` in it is the back-up's name. It has kept the back-up when it ends with 0."""

    def __init__(self, command: str) -> None:
        self.words = shlex.split(command)
        if not self.words:
            raise PlaceError("EHS_BACKUP_TARGET names no command after the |.")

    @contextlib.contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        words = [word.replace("{name}", name) for word in self.words]
        try:
            process = subprocess.Popen(words, stdin=subprocess.PIPE)  # noqa: S603 - from the settings, without a shell
        except OSError as error:
            raise PlaceError(f"{words[0]} cannot be started: {error.strerror}.") from error
        pipe = process.stdin
        if pipe is None:
            raise PlaceError(f"{words[0]} takes no input.")
        try:
            yield pipe  # type: ignore[misc]
            pipe.close()
            code = process.wait(COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise PlaceError(f"{words[0]} did not end.") from None
        except BaseException as error:
            # Ended before its input ends, so that it does not take half a back-up for a whole one.
            process.kill()
            process.wait()
            if isinstance(error, BrokenPipeError):
                raise PlaceError(f"{words[0]} ended before it had everything.") from None
            raise
        finally:
            with contextlib.suppress(OSError):
                pipe.close()
            process.wait()
        if code:
            raise PlaceError(f"{words[0]} ended with {code}.")

    def digest(self, name: str) -> str | None:
        """Not known: what a command has kept it does not give back here."""
        return None

    def forget(self, *, older_than: timedelta, now: datetime) -> list[str]:
        """Nothing: how long it keeps is for the store to decide (docs/operations.md)."""
        return []
