"""What a report of the suite is: what was asked, the tables that answer it, and the report's own card."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils import timezone

from cluster_ehs.core.figures import percentage
from monitoring import shapes
from monitoring.shapes import Period

Value = int | Decimal | str | None


class Kind(StrEnum):
    """What the cells of a column are, so that page, PDF and sheet write them alike."""

    COUNT = "count"
    PERCENT = "percent"
    # Whole days or a middle of them, with one decimal at most.
    DAYS = "days"
    # In pence.
    MONEY = "money"
    NUMBER = "number"
    TEXT = "text"


@dataclass(frozen=True)
class Column:
    label: str
    kind: Kind = Kind.COUNT


@dataclass(frozen=True)
class Asked:
    """Which Clusters (with the names they had then), which days, and as at which moment."""

    clusters: tuple[int, ...]
    names: tuple[str, ...]
    period: Period
    as_at: datetime

    @property
    def day(self) -> date:
        """The day of the as-at moment: what happened later is not counted."""
        return timezone.localdate(self.as_at)

    @property
    def start(self) -> date:
        return self.period.start

    @property
    def end(self) -> date:
        """The last day counted: that of the period, or of the as-at moment when it is earlier."""
        return min(self.period.end, self.day)

    def before(self) -> Asked:
        """The same about the period before."""
        return replace(self, period=self.period.before())

    @property
    def each(self) -> tuple[tuple[int, str], ...]:
        """Cluster by Cluster: number and name."""
        return tuple(zip(self.clusters, self.names, strict=True))

    def sql(self) -> dict[str, Any]:
        """Parameters of a selector: clusters; start, end and day as dates; as_at, and for columns with a time from_at
        (included) and until (not included)."""
        midnight = timezone.make_aware(datetime.combine(self.end + timedelta(days=1), time.min))
        return {
            "from_at": timezone.make_aware(datetime.combine(self.start, time.min)),
            "until": min(midnight, self.as_at),
            "clusters": list(self.clusters),
            "start": self.start,
            "end": self.end,
            "day": self.day,
            "as_at": self.as_at,
        }


@dataclass(frozen=True)
class Table:
    """One table. The first column names the row, once in a table: by it the period before is set beside.

    title: what it is. finding: what it says, for the picture's title. denominator, of: what per cent are of, and its
    name; without a denominator each row has its own, and `of` says which. missing: those of whom it is not known.
    chart: labels of the columns drawn, at most two; line: as a line over the rows instead of bars. compares: whether
    the period before can stand beside (not where rows are months). Counts and pence are whole numbers, other figures
    whole or Decimal.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    denominator: int | None = None
    of: str = ""
    missing: int | None = None
    note: str = ""
    chart: tuple[str, ...] = ()
    line: bool = False
    finding: str = ""
    compares: bool = True

    def __post_init__(self) -> None:
        names = [row[0] for row in self.rows]
        if len(set(names)) < len(names):
            raise ValueError(f"Rows of table {self.key} have the same name: {names}")
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"Each row of table {self.key} has {len(self.columns)} cells")
        whole = [n for n, column in enumerate(self.columns) if column.kind in (Kind.COUNT, Kind.MONEY)]
        if any(not isinstance(row[n], int) and row[n] is not None for row in self.rows for n in whole):
            raise ValueError(f"Counts and pence of table {self.key} are whole numbers")
        if len(self.chart) > 2 or not set(self.chart) <= {column.label for column in self.columns}:
            raise ValueError(f"Table {self.key} draws one or two of its own columns, not {self.chart}")


Make = Callable[[Asked], Sequence[Table]]


@dataclass(frozen=True)
class Report:
    """key: its address and what runs are kept under. about: one sentence. definition: raised when a rule changes.

    `make` counts; the caller has opened the scope (`scope.figures()` or the actor FIGURES). counted: what the days of
    the period are about. page: the name of a page of its own, where it has one. compares: whether the period before
    is set beside. managers_only: not for Cluster leaders.
    """

    key: str
    title: str
    about: str
    definition: int
    make: Make
    counted: str = "In the period"
    page: str = ""
    compares: bool = True
    managers_only: bool = False


COUNTED = (Column("Count"), Column("Per cent", Kind.PERCENT))


def counted(
    key: str,
    title: str,
    rows: Iterable[tuple[str, int]],
    *,
    denominator: int,
    of: str,
    head: str = "Row",
    missing: int | None = None,
    note: str = "",
    chart: bool = True,
    finding: str = "",
    compares: bool = True,
) -> Table:
    """The usual table: what, how many, and per cent of a named denominator."""
    return Table(
        key,
        title,
        (Column(head, Kind.TEXT), *COUNTED),
        tuple((name, count, percentage(count, denominator)) for name, count in rows),
        denominator,
        of,
        missing,
        note,
        ("Count",) if chart else (),
        finding=finding,
        compares=compares,
    )


def of_table(table: shapes.Table) -> Table:
    """A table of the evaluation's shape as one of the suite."""
    return Table(
        table.key,
        table.title,
        (Column("Row", Kind.TEXT), *COUNTED),
        tuple((row.name, row.count, row.percent) for row in table.rows),
        table.denominator,
        table.of,
        table.missing,
        # The denominator's own sentence is written by the engine.
        "" if table.about.startswith("Per cent are of") else table.about,
        ("Count",),
    )
