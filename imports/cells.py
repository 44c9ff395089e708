"""Cells as people fill them: texts, dates in the forms of the referral sheet, lists."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *("january jan", "february feb", "march mar", "april apr", "may", "june jun"),
            *("july jul", "august aug", "september sep sept", "october oct", "november nov", "december dec"),
        ),
        start=1,
    )
    for name in names.split()
}
DATE_FORMS = "Write it as 2021-03-04, 04/03/2021 or 4 March 2021"
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?$")
_BRITISH = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$")
_WORDS = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]+)\.?,?[ -](\d{4})$")


def as_text(value: Any) -> str:
    """A cell as the person who typed it sees it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace("\x00", "").strip()


def split_list(text: str) -> list[str]:
    """The items of a list parted by `;`, but not within brackets: labels hold some there."""
    items, depth, start = [], 0, 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == ";" and depth <= 0:
            items.append(text[start:place])
            start = place + 1
    items.append(text[start:])
    return [item.strip() for item in items if item.strip()]


def read_day(value: Any) -> date | None:
    """A date: ISO, British, in words, or a spreadsheet's own date cell. Raises ValueError in words for people."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = as_text(value)
    if not text:
        return None
    if isinstance(value, (bool, int, float, time, timedelta)):
        raise ValueError(f"“{text}” is not a date. {DATE_FORMS}")
    if match := _ISO.match(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _BRITISH.match(text):
        day, month, year = (int(part) for part in match.groups())
    elif (match := _WORDS.match(text)) and match[2].casefold() in MONTHS:
        day, month, year = int(match[1]), MONTHS[match[2].casefold()], int(match[3])
    else:
        raise ValueError(f"“{text}” is not a date. {DATE_FORMS}")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"“{text}” is a day that does not exist") from None
