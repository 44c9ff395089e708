"""The one way by which a file comes in: a field of a form that asks the virus scanner before anything is stored.

In the field and not in the services: what is wrong then stands at it with everything typed kept, and what is said in
the history stays when the service's transaction is never begun. `check` is for what comes by no form (a folder), and
`check_path` for what a command reads.
`tests/escapes/test_viruses.py` holds that there is no other way.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePath
from typing import Any, BinaryIO

import redis
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.management.base import CommandError

from cluster_ehs.core import audit, clamd, heartbeat

# For all files of one form: the proxy, and the database with its open transaction, wait a minute.
SECONDS = 30.0
# Counted in Redis, because the worker takes files in as well.
FILES_KEY = "ehs:files"
OUTCOMES = ("clean", "found", "too long", "not checked")
# Codes of the errors.
FOUND, TOO_LONG, NOT_CHECKED = "virus", "too_long", "not_checked"
# What is kept in the database and not below FILES_ROOT: each app adds its own.
KEPT_ELSEWHERE: set[Callable[[], Iterator[tuple[str, Iterable[bytes]]]]] = set()

log = logging.getLogger("ehs.uploads")


class UploadField(forms.FileField):
    """A file from outside."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        check_uploads([file])
        return file


def check_uploads(files: Iterable[Any]) -> None:
    """Ask the scanner about each file that was sent. Raises ValidationError that names those that are not kept."""
    end, wrong = time.monotonic() + SECONDS, []
    for file in files:
        if not isinstance(file, UploadedFile):
            continue
        try:
            check(file.name or "", file.chunks(), seconds=end - time.monotonic())
        except ValidationError as error:
            wrong.append(error)
            if error.code == NOT_CHECKED:
                break  # It would not answer for the next one either.
        file.seek(0)
    if wrong:
        raise ValidationError(wrong)


def check(name: str, content: Iterable[bytes], *, seconds: float = SECONDS) -> None:
    """Ask the scanner about one file, before anything of it is stored. Without a scanner everything passes.

    Raises ValidationError with a code: FOUND (it is then in the history, without its name, which may be a child's),
    TOO_LONG, or NOT_CHECKED when the scanner gave no verdict within the seconds.
    """
    if not settings.VIRUS_SCANNER:
        return
    name = PurePath(name).name or "The file"
    try:
        found = clamd.scan(settings.VIRUS_SCANNER, content, seconds=seconds)
    except clamd.TooLong:
        _count("too long")
        log.warning("a file is longer than the virus scanner takes: raise StreamMaxLength")
        words = f"{name} is too large to be checked for viruses, so it is not kept. Send a smaller one"
        raise ValidationError(words, code=TOO_LONG) from None
    except clamd.ScannerAway as error:
        _count("not checked")
        log.error("a file was not checked: the virus scanner is away (%s)", error)
        words = f"{name} cannot be checked for viruses at this moment, so it is not kept. "
        raise ValidationError(f"{words}Go on without it and add it later", code=NOT_CHECKED) from None
    if found:
        _count("found")
        log.warning("a file was refused: the virus scanner found %s", found)
        ending = PurePath(name).suffix[:9] or "without an ending"
        said = f"A file ({ending}) was refused and not kept: the virus scanner found “{found}” in it."
        audit.event_of_no_record(kind="settings.virus", text=said)
        words = f"{name} is not kept: the virus scanner found “{found}” in it. Tell whoever looks after your computers"
        raise ValidationError(words, code=FOUND)
    _count("clean")


def check_path(path: Path) -> None:
    """Ask the scanner about a file that a command is to read. Raises CommandError, also when there is no such file."""
    if not path.is_file():
        raise CommandError(f"There is no file {path}.")
    try:
        with path.open("rb") as file:
            check(path.name, blocks_of(file))
    except ValidationError as error:
        if error.code == NOT_CHECKED:
            words = (
                f"{path.name} cannot be checked for viruses: the scanner is away. Nothing of it is taken; try again."
            )
            raise CommandError(words) from None
        raise CommandError(f"{error.message}.") from None


def kept_contents() -> Iterator[tuple[str, Iterable[bytes]]]:
    """Everything that is kept of what came from outside: a place that says nothing of a family, and what lies there."""
    root = Path(settings.FILES_ROOT)
    for path in sorted(each for each in root.rglob("*") if each.is_file()):
        try:
            file = path.open("rb")
        except FileNotFoundError:
            continue  # gone since, as an imported sheet
        with file:
            yield str(path.relative_to(root)), blocks_of(file)
    for elsewhere in KEPT_ELSEWHERE:
        yield from elsewhere()


def blocks_of(file: BinaryIO) -> Iterator[bytes]:
    """The content of a file that is no upload, a piece at a time."""
    while block := file.read(clamd.BLOCK):
        yield block


def scanner_state() -> str:
    """`none` (not configured), `ok` or `down`."""
    if not settings.VIRUS_SCANNER:
        return "none"
    return "ok" if clamd.answers(settings.VIRUS_SCANNER) else "down"


def _count(outcome: str) -> None:
    try:
        with heartbeat.queue() as client:
            client.hincrby(FILES_KEY, outcome, 1)
    except redis.RedisError as error:
        log.warning("a file was not counted: the queue is down (%s)", type(error).__name__)
