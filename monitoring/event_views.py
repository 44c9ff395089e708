"""What groups, drop-ins and school consultations reached, by kind and month, and its download."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases.selectors.events import Held, Reached, held, reached
from cluster_ehs.core import audit, scope
from cluster_ehs.core.exports import as_csv
from cluster_ehs.core.forms import DatePartsField, EhsFilterForm
from clusters.http import UserRequest
from clusters.models import Cluster
from monitoring import policies
from monitoring.asking import clusters_for
from monitoring.shapes import Period
from monitoring.tables_forms import last_six_months
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


class EventFiguresForm(EhsFilterForm):
    submit_label = gettext_lazy("Show")

    cluster = forms.ChoiceField(label="Cluster", required=False)
    start = DatePartsField(label="From", required=False)
    end = DatePartsField(label="To", required=False)

    def __init__(self, *args: Any, clusters: list[Cluster], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = [("", "All of them")] if len(clusters) > 1 else []
        self.fields["cluster"].choices = every + [(str(one.pk), one.name) for one in clusters]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        usual = last_six_months(timezone.localdate())
        data["start"], data["end"] = data.get("start") or usual.start, data.get("end") or usual.end
        if data["start"] > data["end"]:
            self.add_error("end", "The end must be on or after the beginning")
        return data


@require_safe
def event_figures(request: UserRequest) -> HttpResponse:
    """A manager of every Cluster, a leader of the own; `as=csv` downloads the same figures."""
    policies.check_reads_reports(request.user)
    allowed = clusters_for(request)
    wanted = request.GET.get("cluster", "")
    if wanted.isdecimal() and len(wanted) < 10 and int(wanted) not in {cluster.pk for cluster in allowed}:
        policies.check_see_figures(request.user, {int(wanted)})
    form = EventFiguresForm(_asked(request), clusters=allowed)
    context: dict[str, Any] = {"form": form, "sections": sections("event-figures"), "headings": HEADINGS}
    if not form.is_valid():
        return render(request, "monitoring/events.html", context)
    values = form.cleaned_data
    chosen = [one for one in allowed if not values["cluster"] or str(one.pk) == values["cluster"]]
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


def _asked(request: HttpRequest) -> dict[str, Any]:
    """What is asked; the last six months when no days are."""
    if request.GET.get("start-day") or request.GET.get("end-day"):
        return request.GET  # type: ignore[return-value]
    usual = last_six_months(timezone.localdate())
    found: dict[str, Any] = {"cluster": request.GET.get("cluster", "")}
    for name, day in (("start", usual.start), ("end", usual.end)):
        found |= {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}
    return found


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
