"""The page of work above early help, the list behind its figures, and their downloads."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from cluster_ehs.core import audit, scope
from cluster_ehs.core.exports import as_csv
from clusters.http import UserRequest
from clusters.models import Cluster
from monitoring import policies
from monitoring.asking import check_clusters, clusters_for, given
from monitoring.need import (
    ABOVE,
    ANY,
    NOT_RECORDED,
    UNDECIDED,
    Cell,
    Chosen,
    Entry,
    cells,
    listed,
    listed_page,
    names,
)
from monitoring.tables import Period
from monitoring.tables_forms import NeedForm
from monitoring.tables_views import sections
from referrals.models import Referral


@dataclass(frozen=True)
class Asked:
    """What the address asks for, held against what the reader may see."""

    form: NeedForm
    clusters: list[Cluster]
    period: Period | None

    def address(self, name: str, clusters: list[int], **more: Any) -> str:
        """The same period at another page, for some of the Clusters."""
        pairs: list[tuple[str, Any]] = [("cluster", pk) for pk in clusters]
        assert self.period is not None  # noqa: S101 - only asked of a form that was right
        for field, day in (("start", self.period.start), ("end", self.period.end)):
            pairs += [(f"{field}-day", day.day), (f"{field}-month", day.month), (f"{field}-year", day.year)]
        return f"{reverse(name)}?{urlencode(pairs + list(more.items()))}"


def asked(request: UserRequest) -> Asked:
    policies.check_reads_reports(request.user)
    allowed = clusters_for(request)
    check_clusters(request, allowed)
    form = NeedForm(given(request, "last-6"), clusters=allowed)
    if not form.is_valid():
        return Asked(form, [], None)
    values = form.values
    policies.check_see_figures(request.user, values["cluster"])
    return Asked(form, [c for c in allowed if c.pk in values["cluster"]], Period(values["start"], values["end"]))


def need_levels(request: UserRequest) -> HttpResponse:
    """Clusters side by side, then level at referral by level at decision; `as=csv` downloads the cells."""
    what = asked(request)
    context: dict[str, Any] = {"form": what.form, "sections": sections("need-levels")}
    if what.period is None:
        return render(request, "monitoring/need.html", context)
    ids = [cluster.pk for cluster in what.clusters]
    with scope.figures():
        found = cells(clusters=ids, period=what.period)
    called = names({key for cell in found for key in (cell.referral, cell.decision)})
    if request.GET.get("as") == "csv":
        return _csv_of_cells(request, what, found, called)
    at_referral = {key: name for key, name in called.items() if key != UNDECIDED}
    grid = [
        {
            "name": name,
            "cells": [
                (f"At decision: {head}", _figure(what, found, ids, Chosen(key, other)))
                for other, head in called.items()
            ],
            "all": _figure(what, found, ids, Chosen(key)),
        }
        for key, name in at_referral.items()
    ]
    context |= {
        "period": what.period,
        "side_by_side": [_side(what, found, cluster) for cluster in what.clusters],
        "heads": [head for head, _ in FIGURES],
        "columns": list(called.values()),
        "grid": grid,
        "totals": [
            (f"At decision: {head}", _figure(what, found, ids, Chosen(ANY, key))) for key, head in called.items()
        ],
        "total": _figure(what, found, ids, Chosen()),
        "csv_url": what.address("need-levels", ids, **{"as": "csv"}),
    }
    return render(request, "monitoring/need.html", context)


FIGURES = (
    ("Referrals", Chosen()),
    ("Above early help at referral", Chosen(referral=ABOVE)),
    ("Above early help at decision", Chosen(decision=ABOVE)),
    ("No level at referral", Chosen(referral=NOT_RECORDED)),
    ("Decided without a level", Chosen(decision=NOT_RECORDED)),
    ("A diagnosis pathway asks for our involvement", Chosen(pathway=True)),
)


def _side(what: Asked, found: list[Cell], cluster: Cluster) -> dict[str, Any]:
    return {
        "cluster": cluster,
        "figures": [(head, _figure(what, found, [cluster.pk], chosen)) for head, chosen in FIGURES],
    }


def _figure(what: Asked, found: list[Cell], clusters: list[int], chosen: Chosen) -> dict[str, Any]:
    """A count with the address of its list."""
    counted = [cell for cell in found if cell.cluster in clusters and _is_of(cell, chosen)]
    count = sum(cell.pathway if chosen.pathway else cell.count for cell in counted)
    parts = {"referral": chosen.referral, "decision": chosen.decision, "pathway": "1" if chosen.pathway else ""}
    more = {key: value for key, value in parts.items() if value}
    return {"count": count, "url": what.address("need-list", clusters, **more) if count else ""}


def _is_of(cell: Cell, chosen: Chosen) -> bool:
    at_referral = chosen.referral in {ANY, cell.referral} or (chosen.referral == ABOVE and cell.above_at_referral)
    return at_referral and (
        chosen.decision in {ANY, cell.decision} or (chosen.decision == ABOVE and cell.above_at_decision)
    )


def need_list(request: UserRequest) -> HttpResponse:
    """The referrals behind a figure, by reference; they lead to the record where the reader may see it."""
    what = asked(request)
    if what.period is None:
        raise Http404
    parts = {name: request.GET.get(name, "")[:20] for name in ("referral", "decision")}
    if not all(value in WORDS or (value.isascii() and value.isdecimal()) for value in parts.values()):
        raise Http404
    chosen = Chosen(**parts, pathway=request.GET.get("pathway") == "1")
    ids = [cluster.pk for cluster in what.clusters]
    behind: dict[str, Any] = {"clusters": ids, "period": what.period, "chosen": chosen}
    if request.GET.get("as") == "csv":
        with scope.figures():
            entries = listed(**behind)
        return _csv_of_list(request, what, entries)
    with scope.figures():
        found = listed_page(**behind, after=_row(request.GET.get("after")), before=_row(request.GET.get("before")))
    called = _called(found.rows, set(parts.values()))
    clusters = {cluster.pk: cluster for cluster in what.clusters}
    rows = [(e, clusters[e.cluster], called[e.referral], called[e.decision]) for e in found.rows]
    # Outside the scope of figures: what the row policies let this reader open.
    opens = set(Referral.objects.filter(pk__in=[e.pk for e in found.rows]).values_list("pk", flat=True))
    here = {**parts, "pathway": "1" if chosen.pathway else ""}
    words = {ABOVE: "above early help", **called}
    context = {
        "period": what.period,
        "clusters": what.clusters,
        "said": [(label, words.get(parts[name], "not known")) for name, label in LABELS if parts[name]],
        "pathway": chosen.pathway,
        "rows": [(*row, reverse("referral", args=[row[0].pk]) if row[0].pk in opens else "") for row in rows],
        "number": found.number,
        "newer": found.newer and what.address("need-list", ids, **here, before=found.newer),
        "older": found.older and what.address("need-list", ids, **here, after=found.older),
        "back_url": what.address("need-levels", ids),
        "csv_url": what.address("need-list", ids, **here, **{"as": "csv"}),
    }
    return render(request, "monitoring/need_list.html", context)


def _row(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _called(entries: list[Entry], used: set[str]) -> dict[str, str]:
    return names({key for entry in entries for key in (entry.referral, entry.decision)} | used)


def _csv_of_list(request: UserRequest, what: Asked, entries: list[Entry]) -> HttpResponse:
    """All of them, however many pages they fill."""
    clusters, called = {cluster.pk: str(cluster) for cluster in what.clusters}, _called(entries, set())
    rows = [
        (
            clusters[entry.cluster],
            entry.reference,
            entry.received_on.isoformat(),
            called[entry.referral],
            called[entry.decision],
            "yes" if entry.pathway else "no",
        )
        for entry in entries
    ]
    headings = ("cluster", "reference", "received", "level at referral", "level at decision", "diagnosis pathway")
    return _download(request, what, "need-list", headings, rows)


WORDS = frozenset({ANY, ABOVE, NOT_RECORDED, UNDECIDED})
LABELS = (("referral", "Level at referral"), ("decision", "Level at decision"))


def _csv_of_cells(request: UserRequest, what: Asked, found: list[Cell], called: dict[str, str]) -> HttpResponse:
    clusters = {cluster.pk: str(cluster) for cluster in what.clusters}
    rows = [
        (
            clusters[cell.cluster],
            called[cell.referral],
            called[cell.decision],
            "yes" if cell.above_at_referral else "no",
            "yes" if cell.above_at_decision else "no",
            cell.count,
            cell.pathway,
        )
        for cell in found
    ]
    headings = (
        "cluster",
        "level at referral",
        "level at decision",
        "above early help at referral",
        "above early help at decision",
        "referrals",
        "of them: a diagnosis pathway asks for our involvement",
    )
    return _download(request, what, "levels-of-need", headings, rows)


def _download(request: UserRequest, what: Asked, name: str, headings: Any, rows: Any) -> HttpResponse:
    assert what.period is not None  # noqa: S101 - only asked of a form that was right
    for cluster in what.clusters:
        text = f"Downloaded the levels of need, {what.period.start} to {what.period.end}"
        audit.event(by=request.user, kind="download", text=text, about=cluster)
    return HttpResponse(
        as_csv(headings, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}-{what.period.start}-{what.period.end}.csv"'},
    )
