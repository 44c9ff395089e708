"""A snapshot as it may be given outside: small counts are not said, nor what would give them back.

One pure function from snapshot to snapshot, so that page, PDF, sheets and chart say the same. What ties the counts of
a report together is found in its figures, not declared by it: a report that forgot to say so would leak. Tied are

- the rows of a column with the row among them that is their total;
- the rows of a column with what the per cent are of, or with a figure of another table that they come to;
- without that, each row with those of the denominator who are not in it;
- columns of which one is the sum of others in every row;
- columns of two tables whose rows have the same names, of which one is the other, or the sum of the others' row.

What is worked out of counts (per cent, middles, money) is said only where the counts of its row are, and a per cent
not at all where it, with a figure beside it, gives a count from 1 to 4, nor in a table of per cent alone: the counts
of which they are shares stand in another, hidden or not. Sentences with a figure are left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from typing import Any

from cluster_ehs.core.figures import percentage
from monitoring.disclosure import NOT_SHOWN, SAID, Key, Protected, Sum, is_small, protect
from monitoring.suite.shapes import Kind

TOTALS = re.compile(r"(?i)^(all|total|altogether|every)\b")
FIGURE_IN_BRACKETS = re.compile(r"(?<!\s)\s*+\([^()\d]*+\d[^()]*+\)")
SENTENCE = re.compile(r"(?<=[.!?])\s+")
NOW, BEFORE = "now", "before"
# Of wider tables not every choice of columns is tried for a sum.
MOST_COLUMNS = 9


@dataclass(frozen=True)
class Cell:
    """A count of the snapshot, where it stands."""

    table: int
    row: int
    column: int
    period: str


def for_outside(snapshot: dict[str, Any]) -> dict[str, Any]:
    """The snapshot, in today's form (`engine.modern`), with its small counts protected; it says so itself."""
    ties = _Ties(snapshot["tables"])
    made = protect(ties.counts, ties.sums, unsaid=ties.unsaid)
    tables = [_table(number, table, ties, made) for number, table in enumerate(snapshot["tables"])]
    return {**snapshot, "tables": tables, "outside": SAID}


def _periods(table: dict[str, Any]) -> Iterator[tuple[str, list[list[Any]]]]:
    """The cells of a table by period, each row as long as the columns."""
    yield NOW, table["rows"]
    if table["before"]:
        yield BEFORE, [[row[0], *was] for row, was in zip(table["rows"], table["before"], strict=True)]


def _columns(table: dict[str, Any], *kinds: Kind) -> list[int]:
    return [place for place, (_, kind) in enumerate(table["columns"]) if place and kind in kinds]


@dataclass
class _Ties:
    """Every count of the snapshot, and the sums that a reader can see hold between them."""

    tables: list[dict[str, Any]]
    counts: dict[Key, int] = field(default_factory=dict)
    sums: list[Sum] = field(default_factory=list)
    unsaid: set[Key] = field(default_factory=set)

    def __post_init__(self) -> None:
        for number, table in enumerate(self.tables):
            for period, rows in _periods(table):
                for row, cells in enumerate(rows):
                    for column in _columns(table, Kind.COUNT):
                        if isinstance(cells[column], int):
                            self.counts[Cell(number, row, column, period)] = cells[column]
            if table["denominator"] is not None:
                self.counts[self.denominator(table)] = table["denominator"]
            if table["missing"] is not None:
                self.counts["missing", number] = table["missing"]
        for number, table in enumerate(self.tables):
            for period, _ in _periods(table):
                for column in _columns(table, Kind.COUNT):
                    self._down(number, table, column, period)
                self._across(number, table, period)
                self._elsewhere(number, table, period)

    @staticmethod
    def denominator(table: dict[str, Any]) -> Key:
        """The same words and number are the same figure in every table."""
        return "of", table["denominator_words"], table["denominator"]

    def _loose(self, period: str, not_in: int) -> Iterator[Cell]:
        """Counts of other tables that are shares of nothing: how many referrals, how many children."""
        for key in list(self.counts):
            if not isinstance(key, Cell) or key.period != period or key.table == not_in:
                continue
            if self.tables[key.table]["denominator"] is None:
                yield key

    def _down(self, number: int, table: dict[str, Any], column: int, period: str) -> None:
        cells = [Cell(number, row, column, period) for row in range(len(table["rows"]))]
        keys: list[Key] = [cell for cell in cells if cell in self.counts]
        for at in (-1, 0):
            if len(keys) > 2 or (len(keys) == 2 and TOTALS.match(str(table["rows"][keys[at].row][0]))):  # type: ignore[attr-defined]
                others = [key for key in keys if key != keys[at]]
                if self.counts[keys[at]] == sum(self.counts[key] for key in others) > 0:
                    self.sums.append(Sum(keys[at], tuple(others)))
                    keys = others
                    break
        whole = self._whole(number, table, period)
        said = sum(self.counts[key] for key in keys)
        if not keys or not said:
            return
        if whole is None:
            same = next((key for key in self._loose(period, number) if self.counts[key] == said), None)
            if same is not None and len(keys) > 1:
                self.sums.append(Sum(same, tuple(keys)))
        elif said == self.counts[whole]:
            self.sums.append(Sum(whole, tuple(keys)))
        elif period == NOW and table["missing"] and said + table["missing"] == self.counts[whole]:
            self.sums.append(Sum(whole, (*keys, ("missing", number))))
        else:
            self._not_in(keys, whole)

    def _not_in(self, keys: list[Key], whole: Key) -> None:
        """Whoever may be in several rows, or in none: each row against those who are not in it."""
        for key in keys:
            if self.counts[key] <= self.counts[whole]:
                rest = ("not in", key)
                self.counts[rest] = self.counts[whole] - self.counts[key]
                self.unsaid.add(rest)
                self.sums.append(Sum(whole, (key, rest)))

    def _whole(self, number: int, table: dict[str, Any], period: str) -> Key | None:
        """What the rows are a part of: the denominator, and for the period before the figure that it is today."""
        if table["denominator"] is None:
            return None
        if period == NOW:
            return self.denominator(table)
        for key in self._loose(NOW, number):
            earlier = Cell(key.table, key.row, key.column, BEFORE)
            if self.counts[key] == table["denominator"] and earlier in self.counts:
                return earlier
        return None

    def _across(self, number: int, table: dict[str, Any], period: str) -> None:
        """Columns of which one is the sum of others in every row; a column of noughts adds nothing."""
        columns = _columns(table, Kind.COUNT)
        rows = [
            row
            for row in range(len(table["rows"]))
            if all(Cell(number, row, c, period) in self.counts for c in columns)
        ]
        columns = [c for c in columns if any(self.counts[Cell(number, row, c, period)] for row in rows)]
        if len(columns) < 3 or not rows:
            return
        for total in columns:
            rest = [column for column in columns if column != total]
            sizes = range(2, len(rest) + 1) if len(rest) <= MOST_COLUMNS else (2, len(rest) - 1, len(rest))
            for parts in (each for size in sizes for each in combinations(rest, size)):
                sums = [
                    Sum(Cell(number, row, total, period), tuple(Cell(number, row, part, period) for part in parts))
                    for row in rows
                ]
                if any(self.counts[each.total] for each in sums) and all(
                    self.counts[each.total] == sum(self.counts[part] for part in each.parts) for each in sums
                ):
                    self.sums.extend(sums)

    def _elsewhere(self, number: int, table: dict[str, Any], period: str) -> None:
        """The same rows in another table: a column that stands in both, or what the cells of a row come to there."""
        columns = _columns(table, Kind.COUNT)
        for other in range(len(self.tables)):
            if other == number:
                continue
            places = {cells[0]: row for row, cells in enumerate(self.tables[other]["rows"])}
            pairs = [(row, places[cells[0]]) for row, cells in enumerate(table["rows"]) if cells[0] in places]
            if len(pairs) < 2:
                continue
            once = [(column,) for column in columns] if number < other else []
            most = [tuple(c for c in columns if c != without) for without in (None, *columns)]
            for total in _columns(self.tables[other], Kind.COUNT):
                for parts in dict.fromkeys((*once, *(each for each in most if len(each) > 1))):
                    self._same(
                        [
                            (Cell(other, there, total, period), [Cell(number, here, part, period) for part in parts])
                            for here, there in pairs
                        ]
                    )

    def _same(self, rows: list[tuple[Cell, list[Cell]]]) -> None:
        """Keep the sums when each of them holds and they are not all of nothing."""
        if not all(total in self.counts and all(part in self.counts for part in parts) for total, parts in rows):
            return
        if any(self.counts[total] for total, _ in rows) and all(
            self.counts[total] == sum(self.counts[part] for part in parts) for total, parts in rows
        ):
            self.sums.extend(Sum(total, tuple(parts)) for total, parts in rows)


def _table(number: int, table: dict[str, Any], ties: _Ties, made: Protected) -> dict[str, Any]:
    known = table["denominator"] is None or ties.denominator(table) not in made.hidden
    denominator = table["denominator"] if known else None
    said = {period: _said(number, table, period, rows, made, denominator) for period, rows in _periods(table)}
    # Who is missing often is one of the rows, by another name.
    rows_hidden = {ties.counts[key] for key in made.hidden if isinstance(key, Cell) and key.table == number}
    missing = None if ("missing", number) in made.hidden or table["missing"] in rows_hidden else table["missing"]
    return {
        **table,
        "title": FIGURE_IN_BRACKETS.sub("", table["title"]),
        "finding": "",
        "note": " ".join(each for each in SENTENCE.split(table["note"]) if not re.search(r"\d", each)),
        "denominator": denominator,
        "missing": missing,
        "rows": said[NOW],
        "before": [row[1:] for row in said[BEFORE]] if BEFORE in said else table["before"],
    }


def _said(
    number: int, table: dict[str, Any], period: str, rows: list[list[Any]], made: Protected, denominator: int | None
) -> list[list[Any]]:
    """The rows of one period, with the mark where a figure is not said."""
    counted = _columns(table, Kind.COUNT)
    lines = []
    for row, cells in enumerate(rows):
        hidden = {column for column in counted if Cell(number, row, column, period) in made.hidden}
        # Without a count beside it nobody knows of how few a middle or a share is.
        quiet = bool(hidden) or (denominator is None and (not counted or table["denominator"] is not None))
        quiet_share = quiet or not counted
        beside = [cells[column] for column in counted if isinstance(cells[column], int)]
        beside += [denominator] if denominator is not None and period == NOW else []
        line: list[Any] = [cells[0]]
        for column, (value, (_, kind)) in enumerate(zip(cells, table["columns"], strict=True)):
            if column:
                silent = quiet_share if kind == Kind.PERCENT else quiet
                line.append(NOT_SHOWN if _is_unsaid(value, kind, column in hidden, silent, beside) else value)
        lines.append(line)
    for column in _columns(table, Kind.MONEY, Kind.NUMBER):
        # One alone that is not said would come back from the total of its column.
        if sum(line[column] == NOT_SHOWN for line in lines) == 1:
            for line in (lines[0], lines[-1]):
                if TOTALS.match(str(line[0])) and line[column] is not None:
                    line[column] = NOT_SHOWN
    return lines


def _is_unsaid(value: Any, kind: str, hidden: bool, quiet: bool, beside: list[int]) -> bool:
    if value is None:
        return False
    if kind == Kind.COUNT:
        return hidden
    if kind == Kind.TEXT:
        return bool(re.search(r"\d", str(value)))
    return quiet or (kind == Kind.PERCENT and _gives_a_small_count(Decimal(value), beside))


def _gives_a_small_count(percent: Decimal, beside: list[int]) -> bool:
    """Whether a share of a figure beside it is a count from 1 to 4, or leaves one: 10 % of 20 sessions."""
    if any(percentage(count, whole) == percent for count in beside for whole in beside if count <= whole):
        return False  # it is the share of one count that is shown in another
    for whole in beside:
        count = percent * whole / 100
        near = round(count)
        # As far from a whole number as the second decimal of a per cent may be cut.
        if abs(count - near) <= Decimal(whole) / 20_000 and (is_small(near) or is_small(whole - near)):
            return True
    return False
