"""The dashboard, the page behind each figure, and the short form on a manager's home."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from cluster_ehs.core import audit, scope
from cluster_ehs.core.exports import as_csv
from cluster_ehs.core.findings import written
from clusters.http import UserRequest
from clusters.models import Cluster
from clusters.people import duties
from families.models import Family
from monitoring import policies
from monitoring.asking import COMPARISONS, NOTHING, Asked, asked_for
from monitoring.dashboard import counting, kept, pictures
from monitoring.dashboard.counting import BEFORE, TOGETHER, Entry, Number, Numbers, number
from monitoring.dashboard.figures import BY_KEY, ENDINGS, FIGURES, TO_DO, Figure, Kind

AS_CSV: dict[str, Any] = {"as": "csv"}
TRENDS = ("received", "decided", "waiting", "waiting_long")
# What the home of a manager shows of it.
SHORT = ("received", "days_to_decision", "to_screen", "waiting", "waiting_long", "open", "review_overdue", "closed")


def text_of(figure: Figure, value: Number) -> str:
    """A number as the page writes it: “12”, “4.5 days”, “62 %”; an en dash where there is none."""
    return "–" if value.value is None else written(value.value, figure.unit)


def cell(asked: Asked, numbers: Numbers, figure: Figure, cluster: Cluster | None) -> dict[str, Any]:
    """A figure of one Cluster, or of all together, with the address of what it is made of."""
    pk = cluster.pk if cluster else TOGETHER
    now = number(numbers, pk, figure)
    before = None if figure.now_only or not asked.earlier else number(numbers, pk, figure, BEFORE)
    return {
        "figure": figure,
        "text": text_of(figure, now),
        "of": now.of if figure.kind != Kind.COUNT else None,
        "before": "" if before is None else text_of(figure, before),
        "late": figure.alarming and bool(now.of),
        "url": asked.address("dashboard-figure", figure.key, cluster=cluster.pk if cluster else None) if now.of else "",
    }


def rows_of(asked: Asked, numbers: Numbers, figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """Clusters side by side."""
    return [
        {"cluster": cluster, "cells": [cell(asked, numbers, figure, cluster) for figure in figures]}
        for cluster in asked.clusters
    ]


def groups_of(figures: Sequence[Figure]) -> list[tuple[str, int]]:
    """The headings above the columns, each with how many columns it has."""
    names = list(dict.fromkeys(figure.group for figure in figures))
    return [(name, sum(figure.group == name for figure in figures)) for name in names]


@require_GET
def dashboard(request: UserRequest) -> HttpResponse:
    """Clusters side by side; `as=csv` downloads the figures, `now=1` counts them afresh."""
    asked = asked_for(request)
    if asked.period is None:
        return render(request, "monitoring/dashboard/dashboard.html", {"form": asked.form, "asked": None})
    counted = kept.numbers(asked, afresh="now" in request.GET)
    if request.GET.get("as") == "csv":
        return _csv_of_figures(request, asked, counted)
    trends = kept.trends(asked, TRENDS, afresh="now" in request.GET)
    charts = (
        pictures.together([BY_KEY["decided"], BY_KEY["received"]], trends, ["Decided", "Received"]),
        pictures.together([BY_KEY["waiting"], BY_KEY["waiting_long"]], trends, ["All who wait", "Eight weeks or more"]),
    )
    return render(
        request,
        "monitoring/dashboard/dashboard.html",
        {
            "form": asked.form,
            "asked": asked,
            "at": counted.at,
            "figures": FIGURES,
            "groups": groups_of(FIGURES),
            "rows": rows_of(asked, counted.numbers, FIGURES),
            "together": [cell(asked, counted.numbers, figure, None) for figure in FIGURES],
            "to_do": {
                "figures": TO_DO,
                "rows": rows_of(asked, counted.numbers, TO_DO),
                "together": [cell(asked, counted.numbers, figure, None) for figure in TO_DO],
            },
            "endings": [cell(asked, counted.numbers, figure, None) for figure in (*ENDINGS, BY_KEY["no_outcome"])],
            "charts": [chart for chart in charts if chart],
            "csv_url": asked.address("dashboard", **AS_CSV),
            "now_url": asked.address("dashboard", now="1"),
        },
    )


def _csv_of_figures(request: UserRequest, asked: Asked, counted: kept.Counted) -> HttpResponse:
    rows: list[list[Any]] = []
    for pk, name in [*((cluster.pk, cluster.name) for cluster in asked.clusters), (TOGETHER, "All of these")]:
        for figure in (*FIGURES, *TO_DO, *ENDINGS):
            now, before = number(counted.numbers, pk, figure), number(counted.numbers, pk, figure, BEFORE)
            compared = asked.earlier is not None and not figure.now_only
            said = [value.value for value in (now, *([before] if compared else []))]
            rows.append([name, figure.label, figure.unit.strip(), *(None if v is None else round(v, 2) for v in said)])
    _downloaded(request, asked, "the dashboard")
    headings = ("Cluster", "Figure", "Unit", asked.words, *(["Before"] if asked.earlier else []))
    return _csv(f"dashboard-{asked.sure_period.start}-{asked.sure_period.end}", headings, rows)


@require_GET
def figure_page(request: UserRequest, key: str) -> HttpResponse:
    """A figure with its definition, its trend and what it is made of; `as=csv` downloads the whole list."""
    if key not in BY_KEY:
        policies.check_reads_reports(request.user)
        raise Http404
    figure, asked = BY_KEY[key], asked_for(request)
    context: dict[str, Any] = {"figure": figure, "form": asked.form, "asked": None}
    if asked.period is None:
        return render(request, "monitoring/dashboard/figure.html", context)
    if request.GET.get("as") == "csv":
        return _csv_of_list(request, asked, figure)
    clusters, period = asked.ids, asked.period
    with scope.figures():
        numbers = counting.count(clusters=clusters, period=period, before=asked.earlier, figures=[figure])
        entries, more = counting.listed(figure, clusters=clusters, period=period, after=_after(request))
        points = counting.trend(figure, clusters=clusters, months=counting.whole_months(period))
    names = {cluster.pk: cluster.name for cluster in asked.clusters}
    families = _families(entries)
    audit.look_at_each(by=request.user, at=[e for e in entries if e.family_id in families], page=f"list: {figure.key}")
    older: dict[str, Any] = {"after": f"{more[0]} {more[1]} {more[2]}"} if more else {}
    return render(
        request,
        "monitoring/dashboard/figure.html",
        context
        | {
            "asked": asked,
            "total": cell(asked, numbers, figure, None),
            "day": counting.moment(period, figure) if figure.at_a_moment else None,
            "several": len(clusters) > 1,
            "by_name": bool(families),
            "rows": [_line(request, figure, entry, names, families) for entry in entries],
            "trend": pictures.over_months(figure, points),
            "side": pictures.side_by_side(figure, asked.clusters, numbers, before=_before_words(asked)),
            "csv_url": asked.address("dashboard-figure", figure.key, **AS_CSV),
            "first_url": asked.address("dashboard-figure", figure.key) if "after" in request.GET else "",
            "older_url": asked.address("dashboard-figure", figure.key, **older) if more else "",
            "back_url": asked.address("dashboard"),
            "quality": figure.key == "to_put_right",
        },
    )


def _before_words(asked: Asked) -> str:
    return "" if asked.compare == NOTHING else dict(COMPARISONS)[asked.compare]


def _families(entries: Sequence[Entry]) -> dict[Any, str]:
    """The names of families that the reader may see: none for a manager, no restricted one for a leader."""
    wanted = {entry.family_id for entry in entries if entry.family_id is not None}
    return dict(Family.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def _line(
    request: UserRequest, figure: Figure, entry: Entry, clusters: dict[int, str], families: dict[Any, str]
) -> dict[str, Any]:
    duty = duties(request.user)
    # A row of no family is of a worker, whom a leader of the Cluster may open.
    seen = entry.family_id in families or (entry.family_id is None and entry.cluster_id in duty.leads)
    return {
        "reference": entry.reference,
        "cluster": clusters[entry.cluster_id],
        "family": families.get(entry.family_id, ""),
        "restricted": not seen and entry.family_id is not None and entry.cluster_id in duty.clusters,
        "on_date": entry.on_date,
        "value": value_text(figure, entry.value),
        "url": reverse(figure.source.opens, args=[entry.url_id]) if seen and figure.source.opens else "",
    }


def value_text(figure: Figure, value: float) -> str:
    """What one row says: days, or yes and no."""
    if figure.kind == Kind.SHARE:
        return "Yes" if value else "No"
    return written(value)


def _after(request: UserRequest) -> tuple[date, str, str] | None:
    """Where a page of the list begins, from its address. Raises Http404 for an address that was made up."""
    if "after" not in request.GET:
        return None
    try:
        day, rest = request.GET["after"].split(" ", 1)
        reference, row = rest.rsplit(" ", 1)
        return date.fromisoformat(day), reference, row
    except ValueError:
        raise Http404 from None


def _csv_of_list(request: UserRequest, asked: Asked, figure: Figure) -> HttpResponse:
    """References, never names: a file goes where no wall stands."""
    with scope.figures():
        entries, _ = counting.listed(figure, clusters=asked.ids, period=asked.sure_period, limit=None)
    names = {cluster.pk: cluster.name for cluster in asked.clusters}
    valued = [figure.valued] if figure.valued else []
    rows = [
        [e.reference, names[e.cluster_id], e.on_date.isoformat(), *([value_text(figure, e.value)] if valued else [])]
        for e in entries
    ]
    _downloaded(request, asked, f"the list “{figure.label}”")
    return _csv(figure.key, (figure.called, "Cluster", figure.dated, *valued), rows)


def _downloaded(request: UserRequest, asked: Asked, what: str) -> None:
    for cluster in asked.clusters:
        audit.event(by=request.user, kind="download", text=f"Downloaded {what}, {asked.words}", about=cluster)


def _csv(name: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> HttpResponse:
    return HttpResponse(
        as_csv(headings, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def on_home(request: UserRequest) -> dict[str, Any]:
    """For a manager's home: every Cluster's last three months in eight figures, kept for some minutes."""
    asked = asked_for(request)
    figures = [BY_KEY[key] for key in SHORT]
    counted = kept.numbers(asked)
    return {
        "figures": figures,
        "rows": rows_of(asked, counted.numbers, figures),
        "together": [cell(asked, counted.numbers, figure, None) for figure in figures],
        "at": counted.at,
        "asked": asked,
    }
