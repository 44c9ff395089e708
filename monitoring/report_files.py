"""A run's snapshot as PDF, XLSX and CSV: the same figures three times, and nothing but the snapshot."""

import base64
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from cluster_ehs.core import pdf
from cluster_ehs.core.charts import bar_chart
from cluster_ehs.core.exports import Sheet, as_csv, as_xlsx
from monitoring.models import ReportFile, ReportRun

COLUMNS = ("table", "row", "count", "percent", "denominator")


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def table_rows(run: ReportRun) -> list[tuple[Any, ...]]:
    """Rows of COLUMNS, as the CSV, the sheet and the page list them."""
    return [
        (table["table"], row["row"], row["count"], number(row["percent"]), table["denominator"])
        for table in (run.snapshot or {})["tables"]
        for row in table["rows"]
    ]


def build_csv(run: ReportRun) -> bytes:
    return as_csv(COLUMNS, table_rows(run))


def build_xlsx(run: ReportRun) -> bytes:
    snapshot = run.snapshot or {}
    about = f"{', '.join(run.cluster_names)}, {run.period_words}"
    sheets = [Sheet("All figures", COLUMNS, table_rows(run), title=about)]
    for table in snapshot["tables"]:
        rows = [(r["row"], r["count"], number(r["percent"]), r["before"]) for r in table["rows"]]
        sheets.append(
            Sheet(
                f"{table['table']} {table['title']}".translate({ord(c): " " for c in "[]:*?/\\"}),
                ("Row", "Count", "Per cent", "Count in the period before"),
                rows,
                title=f"{table['title']} ({table['denominator']} {table['denominator_words']})",
                notes=[table["note"]] if table["note"] else [],
            )
        )
    return as_xlsx(sheets, title=run.title, made_at=run.as_at)


def picture(table: dict[str, Any]) -> dict[str, str] | None:
    """A table's chart as a picture inside the document, with its words."""
    rows = [(row["row"], row["count"]) for row in table["rows"]]
    chart = bar_chart(table["title"], rows, of="Row", series=["Count"])
    if not chart.svg:
        return None
    source = base64.b64encode(str(chart.svg).encode()).decode()
    return {"source": f"data:image/svg+xml;base64,{source}", "words": f"{table['title']}. {chart.description}"}


def build_pdf(run: ReportRun) -> bytes:
    snapshot = run.snapshot or {}
    tables = [{**table, "picture": picture(table)} for table in snapshot["tables"]]
    return pdf.render_pdf(
        "monitoring/report_pdf.html",
        {"run": run, "snapshot": snapshot, "tables": tables, "as_at": datetime.fromisoformat(snapshot["as_at"])},
    )


BUILDERS: dict[str, Callable[[ReportRun], bytes]] = {
    ReportFile.Kind.CSV: build_csv,
    ReportFile.Kind.XLSX: build_xlsx,
}
if not pdf.MISSING:  # without Pango a report still has its figures; the page says what is missing
    BUILDERS[ReportFile.Kind.PDF] = build_pdf
KINDS = tuple(BUILDERS)
TYPES = {
    ReportFile.Kind.CSV: "text/csv; charset=utf-8",
    ReportFile.Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ReportFile.Kind.PDF: "application/pdf",
}
