"""Notifications as a CSV file: columns by the names of the payload, what has no name kept as given.

A row that cannot be taken is kept with its reasons and its text as it stood in the file.
"""

import codecs
import csv
import io
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

from django.db import DataError, connection, transaction
from django.utils import timezone

from cluster_ehs.core.denied import Denied
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import User
from referrals.intake import LABELS
from referrals.intake_feed import deliver

ROWS_AT_MOST = 20_000
CELL_AT_MOST = 60_000
CELLS_AT_MOST = 200
ID_AT_MOST = 100
# Other headings that senders use for the same thing.
ALSO = {
    "id": "external_id",
    "reference": "external_id",
    "notification_id": "external_id",
    "incident_number": "external_id",
    "forename": "first_name",
    "surname": "last_name",
    "date_of_birth": "birth_date",
    "dob": "birth_date",
    "date_received": "received_at",
    "received": "received_at",
    "school": "school_name",
    "urn": "school_urn",
    "nhs": "nhs_number",
    "concern": "worrying",
    "concerns": "worrying",
    "risk_of_significant_harm": "harm",
}
_YES = frozenset({"yes", "y", "true", "1"})
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_BRITISH = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$")
INSERT = """
INSERT INTO referrals_intakereject (id, source, file_name, row_number, reasons, original, digest, received_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, now()) ON CONFLICT DO NOTHING
"""
log = logging.getLogger(__name__)


class FileError(Exception):
    """The file as a whole cannot be read. The message says why, in words for people."""


@dataclass
class Result:
    rows: int = 0
    matched: int = 0
    waiting: int = 0
    changed: int = 0
    known: int = 0
    rejected: int = 0
    reasons: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.rows} rows: {self.matched} made into referrals, {self.waiting} to match, "
            f"{self.changed} changed, {self.known} known already, {self.rejected} rejected"
        )


def receive_file(
    *,
    content: bytes,
    source: str,
    file_name: str,
    at_most: int = ROWS_AT_MOST,
    brought_by: User | None = None,
) -> Result:
    """Take every row, each by itself. Raises FileError, and then nothing of the file was taken.

    brought_by: the leader whose file it is; None: the senders' own.
    """
    result = Result()
    rows = list(read_rows(content, at_most=at_most))
    if not rows:
        raise FileError("There are no rows below the headings.")
    for number, original in rows:
        result.rows += 1
        reasons = check(original)
        if not reasons:
            try:
                with transaction.atomic():
                    delivered = deliver(source=source, brought_by=brought_by, **meant(original))
            except Denied as error:
                reasons = [error.reason]
            except DataError as error:
                log.warning("a row could not be stored: %s", type(error).__name__)
                reasons = ["it could not be stored"]
            else:
                result.matched += delivered.matched
                result.changed += delivered.changed
                result.known += not (delivered.new or delivered.changed)
                result.waiting += delivered.new and not delivered.matched
        if reasons:
            keep_reject(source, file_name, number, reasons, original)
            result.rejected += 1
            result.reasons.append(f"row {number}: {'; '.join(reasons)}")
    return result


def keep_reject(source: str, file_name: str, number: int, reasons: list[str], original: dict[str, str]) -> None:
    """Once: the same row of a file that comes again is there already."""
    words = json.dumps(original, sort_keys=True)
    values: list[Any] = [uuid4(), source, file_name[:200], number, json.dumps(reasons), words]
    with acting_as(NamedActor.FEED), connection.cursor() as cursor:
        values.append(sha256(f"{source}|{words}".encode()).hexdigest())
        cursor.execute(INSERT, values)


def read_rows(content: bytes, *, at_most: int) -> Iterator[tuple[int, dict[str, str]]]:
    """(row number, text by heading) of every row that is not empty. Raises FileError."""
    text = _text(content)
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        headings = [heading.strip() for heading in next(reader, [])]
        if len(set(filter(None, map(name_of, headings))) & KNOWN) < 2:
            raise FileError("The first row must hold the headings, such as external_id, first_name and last_name.")
        if len(headings) > CELLS_AT_MOST or len(set(headings)) < len(headings):
            raise FileError("Each column needs a heading of its own, and there may be 200.")
        for number, cells in enumerate(reader, start=2):
            if number > at_most + 1:
                raise FileError(f"The file has more than {at_most} rows. Split it.")
            if any(cell.strip() for cell in cells):
                named = dict(zip(headings, cells, strict=False))
                beyond = {f"column {place + 1}": cell for place, cell in enumerate(cells) if place >= len(headings)}
                yield number, named | beyond
    except csv.Error as error:
        raise FileError(f"The file cannot be read as CSV: {error}.") from None


def _text(content: bytes) -> str:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")) or b"\x00" in content:
        raise FileError("The file is not text. Save it as CSV.")
    if not content.strip():
        raise FileError("The file is empty.")
    try:
        return codecs.decode(content, "utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def name_of(heading: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", heading.casefold()).strip("_")
    return ALSO.get(plain, plain)


KNOWN = {*LABELS, "external_id", "received_at", "harm", "school_urn"}


def check(original: dict[str, str]) -> list[str]:
    """Why a row cannot be taken; empty when it can."""
    told = {name_of(heading): text.strip() for heading, text in original.items()}
    reasons = []
    if not told.get("first_name") and not told.get("last_name"):
        reasons.append("it names no child")
    if any(heading.startswith("column ") for heading in original):
        reasons.append("it has more cells than there are headings")
    if len(told.get("external_id", "")) > ID_AT_MOST:
        reasons.append(f"its external_id is longer than {ID_AT_MOST} characters")
    if any(len(text) > CELL_AT_MOST for text in told.values()):
        reasons.append(f"a cell is longer than {CELL_AT_MOST} characters")
    return reasons


def meant(original: dict[str, str]) -> dict[str, Any]:
    """A row as `deliver` takes it. Dates that cannot be read stay as they were given."""
    told = {name_of(heading): text.strip() for heading, text in original.items() if text.strip()}
    found: dict[str, Any] = {"school_urn": told.pop("school_urn", "")}
    found["harm"] = told.pop("harm", "").casefold() in _YES
    found["external_id"] = told.pop("external_id", "") or f"row {sha256(json.dumps(told).encode()).hexdigest()[:32]}"
    if received := _day(told.get("received_at", "")):
        found["received_at"] = timezone.make_aware(datetime.combine(received, datetime.min.time()))
        del told["received_at"]
    if born := _day(told.get("birth_date", "")):
        told["birth_date"] = born.isoformat()
    return {**found, "payload": told}


def _day(text: str) -> date | None:
    try:
        if match := _ISO.match(text):
            return date(*(int(part) for part in match.groups()))
        if match := _BRITISH.match(text):
            day, month, year = (int(part) for part in match.groups())
            return date(year, month, day)
    except ValueError:
        pass
    return None
