"""Sheets as people keep them: XLSX and CSV, one row at a time, whatever stands above the headings.

What a file is, is found from its content, never from its name.
"""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

XLSX, CSV = "xlsx", "csv"
COLUMNS = (
    "reference",
    "received",
    "route",
    "referrer_name",
    "referrer_organisation",
    "child_first_name",
    "child_last_name",
    "family",
    "address",
    "date_of_birth",
    "age",
    "gender",
    "ethnicity",
    "first_language",
    "interpreter",
    "school",
    "year_group",
    "postcode",
    "upn",
    "nhs_number",
    "sen_diagnosed",
    "sen_queried",
    "reasons",
    "narrative",
    "response",
    "decision_date",
    "services",
    "partner_services",
    "lead_worker",
    "opened",
    "closed",
    "outcomes",
    "sessions",
    "notes",
)
REQUIRED = ("reference", "received", "route", "child_last_name", "reasons")
# A header row is the first that holds this many of the names above.
ENOUGH_NAMES = 5
LOOK_FOR_HEADER_IN = 50
# A workbook is a compressed archive: a small file may unpack to more than the machine has.
UNPACKED_LIMIT = 300 * 1024 * 1024
CELLS_IN_A_ROW = 300
# A workbook of a hundred sheets has some hundreds of parts; their list is counted before it is read.
PARTS_AT_MOST = 5000
_FORMULA = re.compile(r"=\s*[-+@\"'({\w$.]")
_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"})


class SheetError(Exception):
    """The file as a whole cannot be read. The message says why, in words for people."""


class Formula(str):
    """A cell that holds a formula instead of a value."""


class Broken(str):
    """A cell whose formula went wrong (#REF!), or that holds a time without a day."""


@dataclass(frozen=True)
class Header:
    """The row of headings: number in the sheet, texts (each once), the place of each known column, the places
    of the others, and the required names that no column has."""

    row: int
    texts: tuple[str, ...]
    places: dict[str, int]
    unknown: tuple[int, ...]
    missing: tuple[str, ...]


def plain(text: str) -> str:
    """A heading as it is compared: without case, spaces, `_`, `-` or a trailing `*`."""
    return re.sub(r"[\s_-]+", "", text.strip().rstrip("*").casefold())


_NAMES = {plain(name): name for name in COLUMNS}


def kind_of(path: Path) -> str:
    """`xlsx` or `csv`, from the content. Raises SheetError for anything else."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(b"PK\x03\x04"):
        if path.read_bytes().count(b"PK\x01\x02") > PARTS_AT_MOST:
            raise SheetError(f"The workbook has more than {PARTS_AT_MOST} parts. Save it again as .xlsx, or as .csv.")
        try:
            with zipfile.ZipFile(path) as archive:
                if "xl/workbook.xml" in archive.namelist():
                    return XLSX
        except zipfile.BadZipFile:
            raise SheetError("The file is damaged: it begins like a workbook and cannot be opened.") from None
        raise SheetError("The file is an archive, not a workbook. Send the sheet itself, as .xlsx or .csv.")
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise SheetError("This is an old or a password-protected workbook. Save it as .xlsx without a password.")
    if not start:
        raise SheetError("The file is empty.")
    if b"\x00" in start or start.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        raise SheetError("The file is neither a workbook nor text. Save the sheet as .xlsx or .csv.")
    return CSV


class Sheet:
    """An opened sheet: its header and its rows, read once from top to bottom."""

    def __init__(self, rows: Iterator[tuple[int, list[Any]]], *, size: int, also: dict[str, str]) -> None:
        """`also` names columns by other headings (heading -> column), as a mapping says."""
        self._rows = rows
        self.size = size
        self.header = _find_header(rows, {plain(k): v for k, v in also.items()})

    def __iter__(self) -> Iterator[tuple[int, list[Any]]]:
        """(row number in the sheet, cells) of every row below the header that is not empty."""
        return ((number, cells) for number, cells in self._rows if any(cell not in (None, "") for cell in cells))


@contextmanager
def open_sheet(path: Path, *, also: dict[str, str] | None = None) -> Iterator[Sheet]:
    """Open a file as a sheet. Raises SheetError when it cannot be read or has no header row."""
    if kind_of(path) == XLSX:
        with _workbook(path) as (rows, size):
            yield Sheet(rows, size=size, also=also or {})
        return
    with _text(path) as (rows, size):
        yield Sheet(rows, size=size, also=also or {})


@contextmanager
def _workbook(path: Path) -> Iterator[tuple[Iterator[tuple[int, list[Any]]], int]]:
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > UNPACKED_LIMIT:
            raise SheetError("The workbook unpacks to more than 300 MB. Split it, or save it as .csv.")
    # Opened as a stream: by its path a workbook would be refused for an ending that a stored upload does not have.
    with path.open("rb") as file:
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
        except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
            raise SheetError("The workbook is damaged and cannot be read. Save it again as .xlsx.") from error
        try:
            sheets = book.worksheets
            if not sheets:
                raise SheetError("The workbook has no sheet.")
            sheet = sheets[0]
            size = sheet.max_row or 0
            # What a file says about its own size may be wrong; the rows themselves are read.
            sheet.reset_dimensions()
            yield _workbook_rows(sheet), size
        finally:
            book.close()


def _workbook_rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    try:
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield number, [_cell(cell) for cell in cells[:CELLS_IN_A_ROW]]
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:
        raise SheetError("The workbook is damaged and cannot be read to its end. Save it again as .xlsx.") from error


def _cell(value: Any) -> Any:
    if isinstance(value, (ArrayFormula, DataTableFormula)):
        return Formula(getattr(value, "text", None) or "=")
    if isinstance(value, str):
        if _FORMULA.match(value):
            return Formula(value)
        if value in _ERRORS:
            return Broken(value)
        # Rejected rows are written with this guard; read back, it falls off again.
        if value[:1] == "'" and value[1:2] in ("=", "+", "-", "@"):
            return value[1:]
    return value


@contextmanager
def _text(path: Path) -> Iterator[tuple[Iterator[tuple[int, list[Any]]], int]]:
    encoding = _encoding(path)
    # Five bytes mean nothing in Windows-1252; a mark in their place is better than a file refused.
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        sample = file.read(64 * 1024)
        file.seek(0)
        size = sum(1 for _ in file)
        file.seek(0)
        yield _text_rows(csv.reader(file, delimiter=_delimiter(sample))), size


def _text_rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[Any]]]:
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, [_cell(cell) for cell in cells[:CELLS_IN_A_ROW]]
    except csv.Error as error:
        raise SheetError(f"The text cannot be read as a sheet: {error}.") from error


def _encoding(path: Path) -> str:
    """UTF-8, with or without a mark, when the whole file is; else Windows-1252."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(1024 * 1024):
                if b"\x00" in block:
                    raise SheetError("The file is neither a workbook nor text. Save the sheet as .xlsx or .csv.")
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def _delimiter(sample: str) -> str:
    """The one that parts the most known names in a row: lists within a cell use `;` as well."""

    def names(delimiter: str) -> int:
        rows = csv.reader(io.StringIO(sample), delimiter=delimiter)
        try:
            return max((_known(row) for _, row in zip(range(LOOK_FOR_HEADER_IN), rows, strict=False)), default=0)
        except csv.Error:
            return 0

    return max([",", ";", "\t"], key=names)


def _known(cells: list[Any]) -> int:
    return len({_NAMES[plain(str(cell))] for cell in cells if cell is not None and plain(str(cell)) in _NAMES})


def _find_header(rows: Iterator[tuple[int, list[Any]]], also: dict[str, str]) -> Header:
    for number, cells in rows:
        if _known(cells) >= ENOUGH_NAMES:
            return _header(number, cells, also)
        if number >= LOOK_FOR_HEADER_IN:
            break
    raise SheetError(
        f"There is no row of headings: none of the first {LOOK_FOR_HEADER_IN} rows holds five of the names that are "
        "known, such as reference, received, route, child_last_name and reasons."
    )


def _header(number: int, cells: list[Any], also: dict[str, str]) -> Header:
    places: dict[str, int] = {}
    unknown: list[int] = []
    texts = [str(cell).strip() if cell is not None else "" for cell in cells]
    for place, text in enumerate(texts):
        column = also.get(plain(text)) or _NAMES.get(plain(text))
        if column is None:
            if text:
                unknown.append(place)
            continue
        if column in places:
            raise SheetError(f"Two columns are “{column}”: “{texts[places[column]]}” and “{text}”. Rename one of them.")
        places[column] = place
    missing = [name for name in REQUIRED if name not in places]
    named = [text or f"column {place}" for place, text in enumerate(texts, start=1)]
    once = [t if named.index(t) == place else f"{t} ({place + 1})" for place, t in enumerate(named)]
    return Header(number, tuple(once), places, tuple(unknown), tuple(missing))
