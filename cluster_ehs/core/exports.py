"""Sheets out: XLSX without formulas, CSV whose cells a spreadsheet does not run."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter

Cell = str | int | float | Decimal | None
# What a spreadsheet takes for the beginning of a formula.
RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: a name of at most 31 characters, headings and rows."""

    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    title: str = ""
    notes: Sequence[str] = ()


def safe_text(value: Cell) -> Cell:
    """Text that would run as a formula gets an apostrophe before it; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with a mark, so that a spreadsheet reads names as they are written."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    # Some headings are what somebody has called a service, or the columns of a sheet that was brought here.
    writer.writerow([safe_text(heading) for heading in headings])
    writer.writerows([safe_text(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(sheets: Sequence[Sheet], *, title: str, made_at: datetime) -> bytes:
    """A workbook with its formulas off; the same figures and moment give the same bytes."""
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"title": title, "created": made_at.astimezone(UTC).replace(tzinfo=None)})
    bold = book.add_format({"bold": True})
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    quiet = book.add_format({"italic": True})
    for sheet in sheets:
        page = book.add_worksheet(sheet.name[:31])
        line = 0
        if sheet.title:
            page.write_string(line, 0, sheet.title, bold)
            line += 2
        page.write_row(line, 0, sheet.headings, head)
        page.freeze_panes(line + 1, 0)
        widths = [len(heading) for heading in sheet.headings]
        for row in sheet.rows:
            line += 1
            for column, cell in enumerate(row):
                write_cell(page, line, column, cell)
                widths[column] = max(widths[column], len(str(cell if cell is not None else "")))
        for note in sheet.notes:
            line += 1
            page.write_string(line + 1, 0, note, quiet)
        for column, width in enumerate(widths):
            page.set_column(column, column, min(max(width + 2, 8), 70))
    book.close()
    return out.getvalue()


def write_cell(page: Any, line: int, column: int, cell: Cell) -> None:
    if cell is None:
        page.write_blank(line, column, None)
    elif isinstance(cell, str):
        page.write_string(line, column, cell)
    else:
        page.write_number(line, column, float(cell))
