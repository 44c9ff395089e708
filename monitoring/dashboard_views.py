"""The manager's home, and the list behind each of its figures."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from cluster_ehs.core import audit, scope
from cluster_ehs.core.exports import as_csv
from clusters.http import UserRequest
from clusters.models import Cluster
from clusters.people import duties
from monitoring import policies
from monitoring.asking import clusters_for
from monitoring.dashboard import BY_KEY, FIGURES, PERIODS, Span, counts, listed, median_days_to_decision


def span_from(request: UserRequest) -> Span:
    months = request.GET.get("months", "3")
    return Span.of(int(months) if months.isdigit() and int(months) in PERIODS else 3)


def dashboard(request: UserRequest) -> dict[str, Any]:
    """Clusters side by side, for `home.main`."""
    span = span_from(request)
    clusters = clusters_for(request)
    ids = [cluster.pk for cluster in clusters]
    with scope.figures():
        found = counts(clusters=ids, span=span)
        days = median_days_to_decision(clusters=ids, span=span)
    rows = [
        {
            "cluster": cluster,
            "cells": [
                {
                    "figure": figure,
                    "count": found.get((cluster.pk, figure.key), 0),
                    "before": found.get((cluster.pk, "received_before"), 0) if figure.key == "received" else None,
                    "url": reverse("figure-list", args=[cluster.pk, figure.key]) + f"?months={span.months}",
                }
                for figure in FIGURES
            ],
            "days": days.get(cluster.pk),
        }
        for cluster in clusters
    ]
    totals = [sum(found.get((pk, figure.key), 0) for pk in ids) for figure in FIGURES]
    return {
        "rows": rows,
        "figures": FIGURES,
        "totals": list(zip(FIGURES, totals, strict=True)),
        "span": span,
        "periods": PERIODS,
    }


def figure_list(request: UserRequest, cluster: int, figure: str) -> HttpResponse:
    """What was counted, by reference; it leads to the record where the reader may see it."""
    policies.check_reads_reports(request.user)
    shown = get_object_or_404(Cluster, pk=cluster)
    policies.check_see_figures(request.user, [shown.pk])
    if figure not in BY_KEY:
        raise Http404
    what, span = BY_KEY[figure], span_from(request)
    after = None
    if "after" in request.GET:
        day, _, reference = request.GET["after"].partition(" ")
        try:
            after = (date.fromisoformat(day), reference)
        except ValueError:
            raise Http404 from None
    with scope.figures():
        entries, more = listed(what, cluster=shown.pk, span=span, after=after)
    if request.GET.get("as") == "csv":
        return _csv(request, what.key, shown, span)
    opens = what.opens if shown.pk in duties(request.user).clusters else ""
    return render(
        request,
        "monitoring/figure_list.html",
        {
            "figure": what,
            "cluster": shown,
            "span": span,
            "period": PERIODS[span.months],
            "rows": [(e, reverse(opens, args=[e.url_id]) if opens else "") for e in entries],
            "older": f"?months={span.months}&after={more[0]}%20{more[1]}" if more else "",
        },
    )


def _csv(request: UserRequest, key: str, cluster: Cluster, span: Span) -> HttpResponse:
    rows, after = [], None
    with scope.figures():
        while True:
            entries, after = listed(BY_KEY[key], cluster=cluster.pk, span=span, after=after)
            rows += [(e.reference, e.on_date.isoformat()) for e in entries]
            if after is None:
                break
    audit.event(by=request.user, kind="download", text=f"Downloaded the list “{BY_KEY[key].label}”", about=cluster)
    return HttpResponse(
        as_csv(("reference", "date"), rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{key}-{cluster.prefix}.csv"'},
    )
