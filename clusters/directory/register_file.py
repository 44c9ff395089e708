"""The register of schools (GIAS) as its files are: CSV in Windows-1252 or UTF-8, a hundred columns, closed schools too.

Nothing in a file is trusted: what cannot be read is left out with its reasons, and only so much is read.
"""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

ROWS_AT_MOST = 200_000
CELLS_AT_MOST = 400
REJECTS_KEPT = 200
OPEN, CLOSED, CLOSING = "1", "2", "3"
REQUIRED = ("URN", "LA (code)", "EstablishmentName", "EstablishmentStatus (code)", "PhaseOfEducation (code)")
LINKS = ("URN", "LinkURN", "LinkType")


class RegisterError(Exception):
    """The file as a whole cannot be read. The message says why, in words for people."""


@dataclass(frozen=True)
class Line:
    """An establishment of the register. `closed_on` is the first day on which it is no longer open."""

    urn: str
    authority: str
    number: str
    name: str
    status: str
    phase: str
    group: str
    opened_on: date | None
    closed_on: date | None
    postcode: str

    @property
    def is_open(self) -> bool:
        return self.status in {OPEN, CLOSING}


@dataclass(frozen=True)
class Reject:
    row: int
    reasons: tuple[str, ...]
    original: str


def read_register(path: Path) -> tuple[dict[str, Line], list[Reject]]:
    """The establishments by URN, and the rows that could not be read. Raises RegisterError."""
    lines: dict[str, Line] = {}
    rejects: list[Reject] = []
    for row, cells in _rows(path, REQUIRED):
        line, reasons = _line(cells)
        if not reasons and line.urn in lines:
            reasons = (f"URN {line.urn} stands in the file already",)
        if reasons:
            rejects.append(Reject(row, reasons, _original(cells)))
            if len(rejects) > REJECTS_KEPT:
                raise RegisterError(f"More than {REJECTS_KEPT} rows cannot be read. Is this the register of schools?")
            continue
        lines[line.urn] = line
    if not lines:
        raise RegisterError("There is no school in the file.")
    return lines, rejects


def read_links(path: Path) -> dict[str, set[str]]:
    """The successors of each URN, from the register's file of links. Raises RegisterError."""
    found: dict[str, set[str]] = {}
    for _, cells in _rows(path, LINKS):
        urn, other, kind = cells["URN"], cells["LinkURN"], cells["LinkType"].casefold()
        if not (_is_urn(urn) and _is_urn(other)):
            continue
        if "successor" in kind:
            found.setdefault(urn, set()).add(other)
        elif "predecessor" in kind:
            found.setdefault(other, set()).add(urn)
    return found


def _rows(path: Path, required: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding=_encoding(path), errors="replace", newline="") as file:
        reader = csv.reader(file)
        try:
            headings = [text.strip() for text in next(reader, [])]
            missing = [name for name in required if name not in headings]
            if missing:
                raise RegisterError(f"This is not the file that was asked for: it has no column {', '.join(missing)}.")
            for row, cells in enumerate(reader, start=2):
                if row > ROWS_AT_MOST:
                    raise RegisterError(f"The file has more than {ROWS_AT_MOST} rows.")
                if any(cells):
                    texts = (" ".join(text.split())[:300] for text in cells[:CELLS_AT_MOST])
                    yield row, dict.fromkeys(headings, "") | dict(zip(headings, texts, strict=False))
        except csv.Error as error:
            raise RegisterError(f"The file cannot be read as CSV: {error}.") from None


def _encoding(path: Path) -> str:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        start = file.read(8)
        if not start:
            raise RegisterError("The file is empty.")
        if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")):
            raise RegisterError("The file is not text. Download the register as CSV.")
        file.seek(0)
        try:
            while block := file.read(1024 * 1024):
                if b"\x00" in block:
                    raise RegisterError("The file is not text. Download the register as CSV.")
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _line(cells: dict[str, str]) -> tuple[Line, tuple[str, ...]]:
    reasons = []
    days: dict[str, date | None] = {}
    for name in ("OpenDate", "CloseDate"):
        try:
            days[name] = _day(cells.get(name, ""))
        except ValueError:
            days[name] = None
            reasons.append(f"{name} “{cells[name][:40]}” is not a date")
    if not _is_urn(cells["URN"]):
        reasons.append(f"URN “{cells['URN'][:40]}” does not have six digits")
    if not cells["EstablishmentName"]:
        reasons.append("it has no name")
    if cells["EstablishmentStatus (code)"] not in {"1", "2", "3", "4"}:
        reasons.append(f"the status “{cells['EstablishmentStatus (code)'][:40]}” is not known")
    line = Line(
        urn=cells["URN"],
        authority=cells["LA (code)"],
        number=cells.get("EstablishmentNumber", ""),
        name=cells["EstablishmentName"][:160],
        status=cells["EstablishmentStatus (code)"],
        phase=cells["PhaseOfEducation (code)"],
        group=cells.get("EstablishmentTypeGroup (code)", ""),
        opened_on=days["OpenDate"],
        closed_on=days["CloseDate"],
        postcode=cells.get("Postcode", "").replace(" ", "").upper(),
    )
    return line, tuple(reasons)


def _is_urn(text: str) -> bool:
    return len(text) == 6 and text.isascii() and text.isdecimal()


def _day(text: str) -> date | None:
    """The register writes 31-08-2024; sheets that were opened and saved 31/08/2024."""
    return datetime.strptime(text.replace("/", "-"), "%d-%m-%Y").date() if text else None  # noqa: DTZ007 - a day


def _original(cells: dict[str, str]) -> str:
    return ", ".join(f"{name} {cells.get(name, '')}" for name in REQUIRED)[:300]
