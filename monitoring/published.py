"""What the evaluation of 2023 printed about its pilot Cluster, and where it cannot be right.

The figures are [E 3.1.1, Tables 5 to 13]; the notes are ours. Where a printed percentage is the exact one cut off
after two decimals, the note says so; `count` is the figure that the rest of the publication bears out.
"""

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

PERIOD = (date(2021, 1, 1), date(2021, 6, 30))
REFERRALS = 187


@dataclass(frozen=True)
class Published:
    table: str
    title: str
    row: str
    count: int
    printed_count: int | None
    printed_percent: Decimal | None
    denominator: int
    note: str


@cache
def published_rows() -> tuple[Published, ...]:
    with (Path(__file__).parent / "published_pilot.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Published(
                table=row["table"],
                title=row["title"],
                row=row["row"],
                count=int(row["count"]),
                printed_count=int(row["printed_count"]) if row["printed_count"] else None,
                printed_percent=Decimal(row["printed_percent"]) if row["printed_percent"] else None,
                denominator=int(row["denominator"]),
                note=row["note"],
            )
            for row in csv.DictReader(file)
        )


def published_for(start: date, end: date) -> dict[tuple[str, str], Published]:
    """The printed figures by (table, row), for the period that the publication is about; else none."""
    if (start, end) != PERIOD:
        return {}
    return {(row.table, row.row): row for row in published_rows()}
