"""From a report to its snapshot, and from a snapshot to what page, PDF and sheets show.

Page, run and download all go through the snapshot, so none of them can say another figure. A snapshot is plain JSON:
decimals as text, money in pence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from cluster_ehs.core.charts import Chart, bar_chart, line_chart
from monitoring.disclosure import NOT_SHOWN
from monitoring.suite.shapes import Asked, Kind, Report, Table, Value

LONGEST_CHART = 12
ALL = "All "
FORMAT = 2
NOTHING = "–"


def snapshot_of(report: Report, asked: Asked, *, compare: bool = True) -> dict[str, Any]:
    """The report's figures with those of the period before. The caller opens the scope."""
    tables = report.make(asked)
    before = report.make(asked.before()) if compare and report.compares else None
    return {
        "format": FORMAT,
        "report": report.key,
        "title": report.title,
        "counted": report.counted,
        "definition": report.definition,
        "clusters": list(asked.names),
        "period": [asked.period.start.isoformat(), asked.period.end.isoformat()],
        "before": _days(asked.before()) if before is not None else None,
        "as_at": asked.as_at.isoformat(),
        "tables": [_kept(table, before) for table in tables],
    }


def _days(asked: Asked) -> list[str]:
    return [asked.period.start.isoformat(), asked.period.end.isoformat()]


def _plain(value: Value) -> int | str | None:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, float):
        raise TypeError("A figure is a whole number or a Decimal: a float is not kept as it was.")
    return value


def _kept(table: Table, before: Sequence[Table] | None) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "table": table.key,
        "title": table.title,
        "columns": [[column.label, column.kind.value] for column in table.columns],
        "rows": [[_plain(value) for value in row] for row in table.rows],
        "denominator": table.denominator,
        "denominator_words": table.of,
        "missing": table.missing,
        "note": table.note,
        "chart": list(table.chart),
        "line": table.line,
        "finding": table.finding,
        "before": None,
    }
    if before is not None and table.compares:
        earlier = next((other for other in before if other.key == table.key), None)
        rows = {row[0]: row for row in earlier.rows} if earlier else {}
        same = earlier is not None and [c.label for c in earlier.columns] == [c.label for c in table.columns]
        none = [0 if column.kind in (Kind.COUNT, Kind.MONEY) else None for column in table.columns]
        kept["before"] = [
            [_plain(value) for value in (rows.get(row[0], none) if same or not earlier else none)][1:]
            for row in table.rows
        ]
    return kept


def modern(snapshot: dict[str, Any]) -> dict[str, Any]:
    """A snapshot in today's form: those made before the suite held the evaluation's tables in a form of their own."""
    if "format" in snapshot:
        return snapshot
    received = {
        **_empty("received", "Referrals and children"),
        "columns": [["Row", "text"], ["Count", "count"]],
        "rows": [["Referrals received", snapshot["referrals"]], ["Children", snapshot["children"]]],
        "before": [[snapshot["referrals_before"]], [None]],
    }
    tables = [
        {
            **_empty(table["table"], table["title"]),
            "columns": [["Row", "text"], ["Count", "count"], ["Per cent", "percent"]],
            "rows": [[row["row"], row["count"], row["percent"]] for row in table["rows"]],
            "before": [[row["before"], None] for row in table["rows"]],
            "denominator": table["denominator"],
            "denominator_words": table["denominator_words"],
            "missing": table["missing"],
            "note": table["note"],
            "chart": ["Count"],
        }
        for table in snapshot["tables"]
    ]
    about = {"format": FORMAT, "report": "tables", "title": "The evaluation’s tables", "counted": "Referrals received"}
    return {**snapshot, **about, "tables": [received, *tables]}


def _empty(key: str, title: str) -> dict[str, Any]:
    nothing: dict[str, Any] = {"denominator": None, "denominator_words": "", "missing": None, "note": ""}
    return {"table": key, "title": title, "chart": [], "line": False, "finding": "", "before": None, **nothing}


def figure(snapshot: dict[str, Any], table: str, row: str, column: str = "Count") -> Any:
    """One figure of a snapshot, as it is kept. Raises LookupError when there is no such cell."""
    for each in modern(snapshot)["tables"]:
        if each["table"] == table:
            place = [label for label, _ in each["columns"]].index(column)
            return next(cells[place] for cells in each["rows"] if cells[0] == row)
    raise LookupError(f"No table {table}")


def number(value: Any, kind: str) -> int | Decimal | str | None:
    """A kept value as a sheet holds it: money in pounds, text as text."""
    if value is None or value == NOT_SHOWN or kind == Kind.TEXT:
        return value
    if kind == Kind.MONEY:
        return Decimal(value) / 100
    return value if isinstance(value, int) else Decimal(value)


def written(value: Any, kind: str) -> str:
    """A kept value as people read it."""
    if value is None:
        return NOTHING
    if kind == Kind.TEXT or value == NOT_SHOWN:
        return str(value)
    if kind == Kind.MONEY:
        return f"£{Decimal(value) / 100:,.2f}"
    if kind == Kind.PERCENT:
        return str(value)
    text = f"{Decimal(value):,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(value: float | Decimal | None, places: int = 1) -> Decimal | None:
    """A middle or a mean as a figure, half up; None stays None."""
    if value is None:
        return None
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Cell:
    label: str
    text: str
    before: str
    numeric: bool


@dataclass(frozen=True)
class Shown:
    """A table as page and PDF lay it out. `before` says whether it is beside."""

    key: str
    title: str
    head: str
    labels: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    words: str
    chart: Chart | None
    before: bool


def shown(snapshot: dict[str, Any]) -> list[Shown]:
    return [_shown(table) for table in modern(snapshot)["tables"]]


def _shown(table: dict[str, Any]) -> Shown:
    columns, before = table["columns"], table["before"]
    kinds = [kind for _, kind in columns[1:]]
    rows = []
    for place, (name, *cells) in enumerate(table["rows"]):
        earlier = before[place] if before else [None] * len(cells)
        rows.append(
            (
                str(name),
                tuple(
                    Cell(
                        label,
                        written(value, kind),
                        written(was, kind) if was is not None and kind not in (Kind.TEXT, Kind.PERCENT) else "",
                        kind != Kind.TEXT,
                    )
                    for (label, kind), value, was in zip(columns[1:], cells, earlier, strict=True)
                ),
            )
        )
    return Shown(
        table["table"],
        table["title"],
        columns[0][0],
        tuple((label, kind != Kind.TEXT) for (label, _), kind in zip(columns[1:], kinds, strict=True)),
        tuple(rows),
        words_of(table),
        chart_of(table),
        bool(before),
    )


def words_of(table: dict[str, Any]) -> str:
    """What per cent are of, how many are missing, and the note."""
    parts = []
    if table["denominator_words"] and any(kind == Kind.PERCENT for _, kind in table["columns"]):
        many = "" if table["denominator"] is None else f"{table['denominator']:,} "
        parts.append(f"Per cent are of {many}{table['denominator_words']}.")
    if table["missing"] is not None:
        parts.append(f"Missing: {table['missing']:,}.")
    if table["note"]:
        parts.append(table["note"])
    return " ".join(parts)


def chart_of(table: dict[str, Any]) -> Chart | None:
    """The picture of the columns that the report named; one column stands beside the period before."""
    labels = [label for label, _ in table["columns"]]
    places = [labels.index(label) for label in table["chart"]]
    kinds = [table["columns"][place][1] for place in places]
    rows: list[tuple[Any, ...]] = []
    with_before = len(places) == 1 and table["before"] is not None
    # A row of all together would dwarf the others.
    drawn = [n for n, cells in enumerate(table["rows"]) if not str(cells[0]).startswith(ALL)]
    for number_of in drawn if table["line"] else drawn[:LONGEST_CHART]:
        cells = table["rows"][number_of]
        values = [number(cells[place], kind) for place, kind in zip(places, kinds, strict=True)]
        if with_before:
            values.append(number(table["before"][number_of][places[0] - 1], kinds[0]))
        rows.append((cells[0], *(None if value == NOT_SHOWN else value for value in values)))
    if not places or not any(value for row in rows for value in row[1:]):
        return None
    series = ("This period", "The period before") if with_before else tuple(table["chart"])
    draw = line_chart if table["line"] else bar_chart
    return draw(finding_of(table), rows, of=labels[0], series=series, about=table["title"])


def finding_of(table: dict[str, Any]) -> str:
    """What the picture shows first: the row that stands highest in the column drawn, or what the report itself says."""
    place = [label for label, _ in table["columns"]].index(table["chart"][0])
    label, kind = table["columns"][place]
    rows = [row for row in table["rows"] if row[place] is not None and not str(row[0]).startswith(ALL)]
    if table["finding"] or table["line"] or not rows or any(row[place] == NOT_SHOWN for row in rows):
        return table["finding"] or table["title"]
    values = sorted((Decimal(row[place]) for row in rows), reverse=True)
    if not values[0] or (len(values) > 1 and values[0] == values[1]):
        return table["title"]
    top = next(row for row in rows if Decimal(row[place]) == values[0])
    whole = table["denominator"]
    of = f" of {whole:,}" if kind == Kind.COUNT and whole is not None and values[0] <= whole else ""
    what = "" if label == "Count" else f" {label[0].lower()}{label[1:]}"
    return f"{'Most' if kind == Kind.COUNT else 'Highest'}{what}: {top[0]}, {written(top[place], kind)}{of}"


def days_of(snapshot: dict[str, Any], name: str) -> tuple[date, date] | None:
    """The first and last day of a snapshot's `period` or `before`."""
    days = snapshot.get(name)
    return (date.fromisoformat(days[0]), date.fromisoformat(days[1])) if days else None


def as_at(snapshot: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(snapshot["as_at"])
