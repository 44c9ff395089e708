"""A snapshot as PDF, XLSX and CSV: the same tables three times, and nothing but the snapshot."""

import base64
from typing import Any

from cluster_ehs.core import pdf
from cluster_ehs.core.exports import Cell, Sheet, as_csv, as_xlsx
from monitoring.suite import engine
from monitoring.suite.shapes import Kind

COLUMNS = ("table", "row", "column", "value", "period before", "denominator", "table title")
# What is downloaded from the page itself; PDF takes its time and is made by a run.
DIRECT = ("csv", "xlsx")
NOT_IN_A_NAME = {ord(c): " " for c in "[]:*?/\\"}


def flat_rows(snapshot: dict[str, Any]) -> list[tuple[Cell, ...]]:
    """One line per cell: a table of any width reads the same way by a machine."""
    return [
        (
            table["table"],
            cells[0],
            label,
            engine.number(cells[place], kind),
            engine.number(table["before"][number][place - 1], kind) if table["before"] else None,
            table["denominator"] if kind == Kind.PERCENT else None,
            table["title"],
        )
        for table in engine.modern(snapshot)["tables"]
        for number, cells in enumerate(table["rows"])
        for place, (label, kind) in enumerate(table["columns"])
        if place
    ]


def build_csv(snapshot: dict[str, Any]) -> bytes:
    rows = flat_rows(snapshot)
    if snapshot.get("outside"):
        rows.append((snapshot["outside"], *[None] * (len(COLUMNS) - 1)))
    return as_csv(COLUMNS, rows)


def build_xlsx(snapshot: dict[str, Any]) -> bytes:
    """A sheet with every figure, then one per table. Formulas are off."""
    start, end = snapshot["period"]
    about = f"{snapshot_title(snapshot)}: {', '.join(snapshot['clusters'])}, {start} to {end}"
    as_at = engine.as_at(snapshot)
    outside = [snapshot["outside"]] if snapshot.get("outside") else []
    made = f"As at {as_at:%d/%m/%Y %H:%M}; definition {snapshot['definition']}."
    sheets = [Sheet("All figures", COLUMNS, flat_rows(snapshot), title=about, notes=[made, *outside])]
    names = {"all figures"}
    for table in engine.modern(snapshot)["tables"]:
        name = _sheet_name(f"{table['table']} {table['title']}", names)
        words = engine.words_of(table)
        sheets.append(
            Sheet(
                name,
                _headings(table),
                _wide_rows(table),
                title=table["title"],
                notes=[*([words] if words else []), *outside],
            )
        )
    return as_xlsx(sheets, title=snapshot_title(snapshot), made_at=as_at)


def snapshot_title(snapshot: dict[str, Any]) -> str:
    return str(engine.modern(snapshot)["title"])


def _sheet_name(text: str, taken: set[str]) -> str:
    """At most 31 characters, and each once whatever the case: a workbook asks for both."""
    base = text.translate(NOT_IN_A_NAME).strip("' ")
    name, count = base[:31], 2
    while name.lower() in taken:
        name = f"{base[:27]} {count}"
        count += 1
    taken.add(name.lower())
    return name


def _headings(table: dict[str, Any]) -> list[str]:
    headings = [table["columns"][0][0]]
    for label, kind in table["columns"][1:]:
        unit = " (£)" if kind == Kind.MONEY else ""
        headings.append(f"{label}{unit}")
        if table["before"] and kind != Kind.TEXT:
            headings.append(f"{label}{unit}, period before")
    return headings


def _wide_rows(table: dict[str, Any]) -> list[list[Cell]]:
    rows = []
    for number, cells in enumerate(table["rows"]):
        row: list[Cell] = [cells[0]]
        for place, (_, kind) in enumerate(table["columns"][1:], start=1):
            row.append(engine.number(cells[place], kind))
            if table["before"] and kind != Kind.TEXT:
                row.append(engine.number(table["before"][number][place - 1], kind))
        rows.append(row)
    return rows


def build_pdf(snapshot: dict[str, Any], *, title: str = "") -> bytes:
    """A tagged PDF. The title is the schedule's name, where it has one."""
    snapshot = engine.modern(snapshot)
    tables = [(table, _picture(table)) for table in engine.shown(snapshot)]
    days = {name: engine.days_of(snapshot, name) for name in ("period", "before")}
    context = {"title": title or snapshot["title"], "snapshot": snapshot, "tables": tables, "days": days}
    return pdf.render_pdf("monitoring/suite/pdf.html", {**context, "as_at": engine.as_at(snapshot)})


def _picture(table: engine.Shown) -> dict[str, str] | None:
    """A chart as a picture inside the document, with its words."""
    if table.chart is None or not table.chart.svg:
        return None
    source = base64.b64encode(str(table.chart.svg).encode()).decode()
    words = f"{table.chart.title}. {table.chart.description}"
    return {"source": f"data:image/svg+xml;base64,{source}", "words": words}
