"""What is missing from a return, or not in its code list, before its file is made. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from monitoring.returns.layout import Column, Entry, Listing


@dataclass(frozen=True)
class Problem:
    """A cell that is not as the return asks; the record by reference."""

    listing: str
    column: str
    what: str
    reference: str
    page: str
    page_args: tuple[str | UUID, ...]

    def kept(self) -> dict[str, Any]:
        """As it stays with the run."""
        return {
            "list": self.listing,
            "column": self.column,
            "what": self.what,
            "reference": self.reference,
            "page": self.page,
            "args": [str(each) for each in self.page_args],
        }


def wrong(column: Column, value: Any) -> str:
    """What is wrong with a value of a column, in words; empty when nothing is."""
    text = str(value)
    if not text.strip():
        return "is missing" if column.needed else ""
    if column.codes is not None and text not in column.codes:
        return f"“{text}” is not in the code list"
    if column.size is not None and len(text) > column.size:
        return f"is longer than {column.size} characters"
    if column.kind.startswith("date ") and not _is_day(text, "%d/%m/%Y"):
        return f"“{text}” is not a date as day/month/year"
    if column.kind == "datetime" and not _is_day(text, "%Y-%m-%d"):
        return f"“{text}” is not a date"
    if column.kind == "integer" and not (text.isascii() and text.isdigit()):
        return f"“{text}” is not a whole number"
    return ""


def _is_day(text: str, form: str) -> bool:
    try:
        return bool(datetime.strptime(text, form).replace(tzinfo=None))  # noqa: DTZ007 - a day, not a moment
    except ValueError:
        return False


def validate(made: Sequence[tuple[Listing, list[Entry]]]) -> list[Problem]:
    """In the order of the lists and their rows; what is left out on purpose is no problem."""
    found = []
    for listing, entries in made:
        for entry in entries:
            for column in listing.columns:
                if column.name in entry.left_out:
                    continue
                if what := wrong(column, entry.values.get(column.name, "")):
                    found.append(
                        Problem(listing.title, column.name, what, entry.reference, entry.page, entry.page_args)
                    )
    return found + _dates_in_order(made)


# A later day must not be before the earlier one.
PAIRS = (
    ("Assessment start date", "Assessment completion date", "%d/%m/%Y"),
    ("Date of Birth", "Date of Contact", "%d/%m/%Y"),
    ("Date of Birth", "Date of referral", "%d/%m/%Y"),
    ("Date of Birth", "Assessment start date", "%d/%m/%Y"),
    ("earl_episode_start_date", "earl_episode_end_date", "%Y-%m-%d"),
)


def _dates_in_order(made: Sequence[tuple[Listing, list[Entry]]]) -> list[Problem]:
    found = []
    for listing, entries in made:
        for entry in entries:
            for first, then, form in PAIRS:
                one, other = (str(entry.values.get(name, "")) for name in (first, then))
                if not (_is_day(one, form) and _is_day(other, form)):
                    continue
                if datetime.strptime(other, form) < datetime.strptime(one, form):  # noqa: DTZ007
                    what = f"is before {first[:1].lower()}{first[1:]}"
                    found.append(Problem(listing.title, then, what, entry.reference, entry.page, entry.page_args))
    return found
