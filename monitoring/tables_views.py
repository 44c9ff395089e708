"""The page of the evaluation's tables, and their downloads: one function counts for all of them."""

from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cluster_ehs.core import audit, scope
from cluster_ehs.core.charts import Chart, bar_chart
from clusters.http import UserRequest
from clusters.models import Cluster
from monitoring import policies
from monitoring.asking import check_clusters, clusters_for
from monitoring.exports import as_csv, as_json, printed
from monitoring.published import Published
from monitoring.suite import BY_KEY
from monitoring.suite.pages import download, keep_query, query_of, sections
from monitoring.suite.shapes import Asked
from monitoring.suite.views import shown_page
from monitoring.tables import Evaluation, Period, Row, Table, evaluation
from monitoring.tables_forms import TablesForm, end_of_day, given_or_usual

LONGEST_CHART = 12


@dataclass(frozen=True)
class ShownRow:
    row: Row
    before: Row | None
    printed: Published | None

    @property
    def change(self) -> str:
        """The difference in counts, with its sign."""
        return "" if self.before is None else f"{self.row.count - self.before.count:+d}".replace("-", "−")

    @property
    def misprint(self) -> str:
        """What the publication says otherwise."""
        return self.printed.note if self.printed else ""


@dataclass(frozen=True)
class ShownTable:
    table: Table
    rows: tuple[ShownRow, ...]
    chart: Chart | None

    @property
    def missing_percent(self) -> Decimal | None:
        return self.table.percent(self.table.missing) if self.table.missing is not None else None


def monitoring_tables(request: UserRequest) -> HttpResponse:
    """The tables for the chosen Clusters and period; `as=csv`, `as=json` and `as=xlsx` download the same rows."""
    policies.check_reads_reports(request.user)
    allowed = clusters_for(request)
    check_clusters(request, allowed)
    form = TablesForm(given_or_usual(request), clusters=allowed)
    if not form.is_valid():
        return render(request, "monitoring/tables.html", {"form": form, "sections": sections("monitoring-tables")})
    values = form.values
    if values["outside"]:
        return shown_page(request, BY_KEY["tables"], form, allowed)
    policies.check_see_figures(request.user, values["cluster"])
    chosen = [cluster for cluster in allowed if cluster.pk in values["cluster"]]
    period = Period(values["start"], values["end"])
    as_at = end_of_day(values["as_at"]) if values["as_at"] else timezone.now()
    ids, names = [c.pk for c in chosen], [c.name for c in chosen]
    with scope.figures():
        made = evaluation(clusters=ids, names=names, period=period, as_at=as_at)
        if request.GET.get("as") in DOWNLOADS:
            return _download(request, made, chosen, request.GET["as"])
        if request.GET.get("as") == "xlsx":
            return download(request, BY_KEY["tables"], Asked(tuple(ids), tuple(names), period, as_at), chosen, "xlsx")
        before = None
        if values["before"]:
            before = evaluation(clusters=ids, names=names, period=period.before(), as_at=as_at)
    query = request.GET.copy()
    query.pop("as", None)
    return render(
        request,
        "monitoring/tables.html",
        {
            "form": form,
            "sections": sections("monitoring-tables"),
            "made": made,
            "before": before,
            "printed": bool(printed(made)),
            "tables": [_shown(table, made, before) for table in (*made.tables, *made.beside)],
            "query": query.urlencode() or query_of(values),
            "keep_query": keep_query("tables", values),
        },
    )


def _shown(table: Table, made: Evaluation, before: Evaluation | None) -> ShownTable:
    earlier = {row.name: row for row in before.table(table.key).rows} if before else {}
    said = printed(made)
    rows = tuple(
        ShownRow(
            row, earlier.get(row.name, Row(row.name, 0, None)) if before else None, said.get((table.key, row.name))
        )
        for row in table.rows
    )
    return ShownTable(table, rows, _chart(table, rows, with_before=before is not None))


def _chart(table: Table, rows: tuple[ShownRow, ...], *, with_before: bool) -> Chart | None:
    if not any(shown.row.count for shown in rows):
        return None
    series = ("This period", "The period before") if with_before else ("Referrals",)
    bars = [
        (shown.row.name, shown.row.count, *((shown.before.count,) if shown.before else ()))
        for shown in rows[:LONGEST_CHART]
    ]
    return bar_chart(table.title, bars, of="Row", series=series)


DOWNLOADS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def _download(request: UserRequest, made: Evaluation, clusters: list[Cluster], kind: str) -> HttpResponse:
    text = as_csv(made, notes=bool(printed(made))) if kind == "csv" else as_json(made)
    period = f"{made.period.start} to {made.period.end}"
    for cluster in clusters:
        audit.event(
            by=request.user,
            kind="download",
            text=f"Downloaded the evaluation's tables, {period} ({kind.upper()})",
            about=cluster,
        )
    name = f"evaluation-tables-{made.period.start}-{made.period.end}.{kind}"
    return HttpResponse(
        text.encode("utf-8-sig" if kind == "csv" else "utf-8"),
        content_type=DOWNLOADS[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
