"""What groups, drop-ins and school consultations reached, by kind and month, and its download."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases.selectors.events import Held, Reached, held, reached
from cluster_ehs.core import audit, scope
from cluster_ehs.core.exports import as_csv
from clusters.http import UserRequest
from clusters.models import Cluster
from monitoring import policies
from monitoring.asking import PeriodForm, check_clusters, clusters_for, given
from monitoring.shapes import Period
from monitoring.tables_forms import USUAL
from monitoring.tables_views import sections

COLUMNS = (
    "events", "sessions", "families", "people", "attendances", "other_adults", "other_children", "children_discussed",
)  # fmt: skip
HEADINGS = (
    "Events",
    "Sessions held",
    "Families linked",
    "People linked",
    "Attendances",
    "Other adults",
    "Other children",
    "Children talked about",
)


class EventFiguresForm(PeriodForm):
    submit_label = gettext_lazy("Show")


@require_safe
def event_figures(request: UserRequest) -> HttpResponse:
    """A manager of every Cluster, a leader of the own; `as=csv` downloads the same figures."""
    policies.check_reads_reports(request.user)
    allowed = clusters_for(request)
    check_clusters(request, allowed)
    form = EventFiguresForm(given(request, USUAL), clusters=allowed)
    context: dict[str, Any] = {"form": form, "sections": sections("event-figures"), "headings": HEADINGS}
    if not form.is_valid():
        return render(request, "monitoring/events.html", context)
    values = form.values
    chosen = [one for one in allowed if one.pk in values["cluster"]]
    period = Period(values["start"], values["end"])
    if request.GET.get("as") == "csv":
        return _download(request, chosen, period)
    with scope.figures():
        found = held([one.pk for one in chosen], start=period.start, end=period.end)
    query = request.GET.copy()
    query["as"] = "csv"
    context |= {
        "period": period,
        "rows": [(line.kind, _cells(line)) for line in reached(found)],
        "months": [(month, _cells(reached(mine)[-1])) for month, mine in _by_month(found)],
        "csv_query": f"?{query.urlencode()}",
    }
    return render(request, "monitoring/events.html", context)


def _cells(line: Reached) -> list[tuple[str, int]]:
    return [(heading, getattr(line, name)) for heading, name in zip(HEADINGS, COLUMNS, strict=True)]


def _by_month(found: list[Held]) -> list[tuple[date, list[Held]]]:
    return [(month, [one for one in found if one.month == month]) for month in sorted({one.month for one in found})]


def _download(request: UserRequest, clusters: list[Cluster], period: Period) -> HttpResponse:
    rows: list[tuple[Any, ...]] = []
    for cluster in clusters:
        with scope.figures():
            found = held([cluster.pk], start=period.start, end=period.end)
        parts = [("whole period", found), *((f"{month:%Y-%m}", mine) for month, mine in _by_month(found))]
        for name, mine in parts:
            rows += [(cluster.name, name, line.kind, *(n for _, n in _cells(line))) for line in reached(mine)]
        text = f"Downloaded what groups and drop-ins reached, {period.start} to {period.end}"
        audit.event(by=request.user, kind="download", text=text, about=cluster)
    headings = ("cluster", "period", "kind", *(name.replace("_", " ") for name in COLUMNS))
    file_name = f"groups-and-drop-ins-{period.start}-{period.end}.csv"
    return HttpResponse(
        as_csv(headings, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )
