"""Attendance as a school sends it: one line per child and period, read with what is wrong in each line."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from cases.services.attendance import Period, wrong_with
from families.models import Person

COLUMNS = ("child", "from", "to", "possible", "authorised", "unauthorised", "percentage")
MOST_LINES = 500


@dataclass(frozen=True)
class Line:
    """One line of the file: the period that it says, or what is wrong with it."""

    number: int
    texts: list[str]
    period: Period | None
    errors: list[str]


def read(text: str, people: Sequence[Person], today: date) -> list[Line]:
    """Every line after the headings. Raises ValueError, with the reason in words, when it is no such file."""
    text = text.lstrip("\ufeff").strip()
    if not text:
        raise ValueError("The file is empty")
    delimiter = ";" if text.splitlines()[0].count(";") > text.splitlines()[0].count(",") else ","
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    headings = [heading.strip().lower() for heading in rows[0]]
    missing = [name for name in ("child", "from", "to") if name not in headings]
    if missing:
        raise ValueError(f"The first line must name the columns {', '.join(COLUMNS)}. Missing: {', '.join(missing)}")
    if len(rows) - 1 > MOST_LINES:
        raise ValueError(f"At most {MOST_LINES} lines at once; this file has {len(rows) - 1}")
    lines = [
        _line(number, dict(zip(headings, (cell.strip() for cell in row), strict=False)), people, today)
        for number, row in enumerate(rows[1:], start=2)
        if any(cell.strip() for cell in row)
    ]
    seen: dict[tuple[object, date, date], int] = {}
    for line in lines:
        if line.period is not None:
            key = (line.period.person.pk, line.period.starts_on, line.period.ends_on)
            if key in seen:
                line.errors.append(f"The same child and period stand in line {seen[key]}")
            seen.setdefault(key, line.number)
    if not lines:
        raise ValueError("The file has headings and no line")
    return lines


def _line(number: int, cells: dict[str, str], people: Sequence[Person], today: date) -> Line:
    errors: list[str] = []
    person = _person(cells.get("child", ""), people, errors)
    first, last = (_day(cells.get(name, ""), name, errors) for name in ("from", "to"))
    possible, authorised, unauthorised = (
        _whole(cells.get(name, ""), name, errors) for name in ("possible", "authorised", "unauthorised")
    )
    percentage = _percentage(cells.get("percentage", ""), errors)
    period = None
    if person is not None and first and last and not errors:
        period = Period(person, first, last, possible, authorised, unauthorised, percentage)
        errors += wrong_with(period, today).values()
    return Line(number, [cells.get(name, "") for name in COLUMNS], period, errors)


def _person(text: str, people: Sequence[Person], errors: list[str]) -> Person | None:
    wanted = " ".join(text.casefold().split())
    children = [person for person in people if person.is_child]
    found = [
        child
        for child in children
        if wanted
        and wanted
        in {
            (child.upn or "").casefold(),
            child.short_name.casefold(),
            child.first_name.casefold(),
            f"{child.first_name} {child.last_name}".casefold(),
        }
    ]
    if len(found) == 1:
        return found[0]
    names = ", ".join(child.short_name for child in children)
    errors.append(f"“{text}” is no child of this family ({names})" if text else f"No child is named ({names})")
    return None


def _day(text: str, name: str, errors: list[str]) -> date | None:
    for pattern in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d/%m/%y"):
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a day without a time
        except ValueError:
            continue
    errors.append(f"“{text}” in the column “{name}” is no date: write 2026-09-07 or 07/09/2026")
    return None


def _whole(text: str, name: str, errors: list[str]) -> int | None:
    if not text:
        return None
    if text.isdecimal() and len(text) < 10 and int(text) <= 1000:
        return int(text)
    errors.append(f"“{text}” in the column “{name}” is no number of sessions")
    return None


def _percentage(text: str, errors: list[str]) -> Decimal | None:
    if not text:
        return None
    try:
        number = Decimal(text.removesuffix("%").strip().replace(",", "."))
    except InvalidOperation:
        number = Decimal(-1)
    if number.is_finite() and 0 <= number <= 100:
        return number
    errors.append(f"“{text}” is no percentage from 0 to 100")
    return None
