"""A run's files: its snapshot as PDF, XLSX and CSV."""

from collections.abc import Callable

from cluster_ehs.core import pdf
from monitoring.models import ReportFile, ReportRun
from monitoring.suite import files


def build_csv(run: ReportRun) -> bytes:
    return files.build_csv(run.snapshot or {})


def build_xlsx(run: ReportRun) -> bytes:
    return files.build_xlsx(run.snapshot or {})


def build_pdf(run: ReportRun) -> bytes:
    return files.build_pdf(run.snapshot or {}, title=run.title)


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
