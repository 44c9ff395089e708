"""The columns and code lists of the returns, as they were published; read from `codes/` once."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

FOLDER = Path(__file__).parent / "codes"
# Of the Safeguarding Dataset's fields the specification makes none obligatory; without these a row says nothing.
SSD_NEEDED = frozenset(
    {
        "earl_episode_id",
        "earl_person_id",
        "earl_episode_start_date",
        "earl_episode_reason",
        "earl_episode_organisation",
        "earl_episode_worker_id",
        "pers_person_id",
        "pers_sex",
        "pers_gender",
        "pers_ethnicity",
        "pers_dob",
        "prof_professional_id",
        "prof_professional_name",
    }
)
SSD_TABLES = ("ssd_person", "ssd_early_help_episodes", "ssd_professionals")


@dataclass(frozen=True)
class Column:
    """A column in its place. codes: what may stand in it, when that is a list. size: characters at most."""

    name: str
    needed: bool
    codes: frozenset[str] | None = None
    size: int | None = None
    kind: str = "string"


@dataclass(frozen=True)
class Listing:
    """One list or table of a return."""

    key: str
    title: str
    columns: tuple[Column, ...]

    @property
    def headings(self) -> list[str]:
        return [column.name for column in self.columns]


@dataclass
class Entry:
    """One row: values by heading, the record it is from by reference, and the page that puts it right."""

    values: dict[str, Any]
    reference: str
    page: str
    page_args: tuple[str | UUID, ...]
    restricted: bool = False
    # Headings that are blank on purpose, because the family's record is restricted.
    left_out: frozenset[str] = field(default_factory=frozenset)


def read(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@lru_cache(maxsize=1)
def annex_a() -> dict[int, Listing]:
    """Lists 1 to 3 by number, their columns in the published order."""
    codes = {
        "annexa_gender": frozenset(row["code"] for row in read("annexa_gender")),
        "annexa_ethnicity": frozenset(row["annexa_value"] for row in read("annexa_ethnicity")),
        "contact_referral_source": frozenset(row["annexa_value"] for row in read("contact_referral_source")),
    }
    titles = {1: "Contacts", 2: "Early help", 3: "Referrals"}
    rows = sorted(read("annexa_lists_columns"), key=lambda row: (int(row["list"]), int(row["order"])))
    return {
        number: Listing(
            f"List {number}",
            f"List {number}: {title}",
            tuple(
                Column(row["column"], row["can_be_blank"] == "N", _codes(row, codes), kind=row["type"])
                for row in rows
                if int(row["list"]) == number
            ),
        )
        for number, title in titles.items()
    }


def _codes(row: dict[str, str], codes: dict[str, frozenset[str]]) -> frozenset[str] | None:
    if row["codelist"]:
        return codes[row["codelist"]]
    if row["type"].startswith("code "):
        return frozenset(part.strip() for part in row["type"].removeprefix("code ").split("/"))
    return None


@lru_cache(maxsize=1)
def ssd() -> dict[str, Listing]:
    """The tables of the Safeguarding Dataset that early help fills, their fields in the published order."""
    codes: dict[str, frozenset[str]] = {}
    for item in ("pers_sex", "pers_gender"):
        codes[item] = frozenset(row["code"] for row in read("ssd_sex_gender") if row["item"] == item)
    codes["pers_ethnicity"] = frozenset(row["dfe_code"] for row in read("annexa_ethnicity"))
    codes["pers_send_flag"] = frozenset({"Y", "N"})
    return {
        table: Listing(
            table,
            table,
            tuple(
                Column(
                    row["field"],
                    row["field"] in SSD_NEEDED,
                    codes.get(row["field"]),
                    int(row["max_size"]) if row["max_size"].isdigit() and "char" in row["type"].lower() else None,
                    row["type"],
                )
                for row in read("ssd_fields")
                if row["table"] == table
            ),
        )
        for table in SSD_TABLES
    }


def british(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def rows_of(listing: Listing, entries: Iterable[Entry]) -> list[list[Any]]:
    """Every column in its place; what is not known is blank."""
    return [[entry.values.get(name, "") for name in listing.headings] for entry in entries]
