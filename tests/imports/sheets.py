"""Small sheets for the tests of the importer."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
from django.core.management import call_command

from imports.reader import COLUMNS

# Every column that the importer reads.
HEADINGS = list(COLUMNS)


def a_row(**said: Any) -> dict[str, Any]:
    """A row that goes in as it is, but for what is said."""
    usual = {
        "reference": "R1",
        "received": "2021-03-04",
        "route": "Police",
        "child_first_name": "Ann",
        "child_last_name": "Example",
        "reasons": "Family",
    }
    return usual | said


def write_csv(path: Path, rows: Iterable[dict[str, Any]], *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    rows = list(rows)
    headings = [*HEADINGS, *dict.fromkeys(k for row in rows for k in row if k not in HEADINGS)]
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, headings, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_xlsx(path: Path, rows: Iterable[dict[str, Any]], *, above: Iterable[list[Any]] = ()) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    for line in above:
        sheet.append(line)
    rows = list(rows)
    headings = [*HEADINGS, *dict.fromkeys(k for row in rows for k in row if k not in HEADINGS)]
    sheet.append(headings)
    for row in rows:
        sheet.append([row.get(heading) for heading in headings])
    book.save(path)
    return path


def bring_in(path: Path, cluster: str = "Invented Valley", **options: Any) -> dict[str, Any]:
    """Import a file by the command; what it says."""
    out = io.StringIO()
    call_command("import_referrals", path, cluster=cluster, json=True, stdout=out, **options)
    return json.loads(out.getvalue())


def reasons_of(result: dict[str, Any]) -> list[str]:
    """Every reason of the first rejected row."""
    return result["rejects"][0]["reasons"]
