"""What every page of the suite shares: the Clusters one may ask for, what is asked at first, addresses, downloads."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse

from cluster_ehs.core import audit
from clusters.http import UserRequest
from clusters.models import Cluster
from monitoring.report_files import TYPES
from monitoring.suite import files
from monitoring.suite.engine import snapshot_of
from monitoring.suite.shapes import Asked, Report

SECTIONS = (
    ("reports", "All reports"),
    ("monitoring-tables", "The evaluation's tables"),
    ("need-levels", "Levels of need"),
    ("interpreter-spend", "Interpreters"),
    ("event-figures", "Groups and drop-ins"),
    ("principles", "Practice principles"),
    ("quality", "Data quality"),
    ("report-schedules", "Scheduled reports"),
)


def sections(current: str) -> list[dict[str, Any]]:
    return [{"label": label, "url": reverse(name), "current": name == current} for name, label in SECTIONS]


def _pairs(values: dict[str, Any]) -> list[tuple[str, Any]]:
    pairs = [("cluster", pk) for pk in values["cluster"]]
    for name in ("start", "end", "as_at"):
        if values.get(name):
            pairs += [(f"{name}-{part}", getattr(values[name], part)) for part in ("day", "month", "year")]
    return [*pairs, ("outside", "on")] if values.get("outside") else pairs


def query_of(values: dict[str, Any]) -> str:
    """The address' query of what is shown."""
    return urlencode(_pairs(values))


def keep_query(key: str, values: dict[str, Any]) -> str:
    """The query of the form that makes a run of what is shown: with PDF, kept as it is."""
    return urlencode([("report", key), *_pairs(values)])


def download(request: UserRequest, report: Report, asked: Asked, clusters: list[Cluster], kind: str) -> HttpResponse:
    """The tables of the page as `csv` or `xlsx`. Each Cluster's trail says so. The caller opens the scope."""
    build = files.build_csv if kind == "csv" else files.build_xlsx
    content = build(snapshot_of(report, asked))
    for cluster in clusters:
        text = f"Downloaded “{report.title}”, {asked.period.start} to {asked.period.end} ({kind.upper()})"
        audit.event(by=request.user, kind="download", text=text, about=cluster)
    name = f"{report.key}-{asked.period.start}-{asked.period.end}.{kind}"
    return HttpResponse(
        content,
        content_type=TYPES[kind],  # type: ignore[index]
        headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )
