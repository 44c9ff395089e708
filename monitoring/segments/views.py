"""Pages of the need segments: what was worked out, one result, its progress."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from cluster_ehs.core.charts import Chart, bar_chart
from cluster_ehs.core.once import once
from clusters.http import UserRequest
from monitoring.asking import clusters_for, whole_months_before
from monitoring.segments import drawing, services
from monitoring.segments.models import NeedSegments
from monitoring.span_form import SpanForm

SHOWN = 50
# Needs drawn for each group: those that set it apart most.
DRAWN = 8
# A number of families under this is not shown.
FEWEST = 10


class SegmentsForm(SpanForm):
    submit_label = "Look for groups"


@dataclass(frozen=True)
class Group:
    letter: str
    name: str
    size: int
    share: int
    progress: int | None
    known: int | None
    chart: Chart


@require_GET
def segment_list(request: UserRequest) -> HttpResponse:
    """What was asked for, the newest first."""
    services.check_see_segments(request.user)
    runs = NeedSegments.objects.select_related("asked_by").defer("result")[:SHOWN]
    return render(request, "monitoring/segments/list.html", {"runs": runs})


@require_http_methods(["GET", "POST"])
def segment_new(request: UserRequest) -> HttpResponse:
    services.check_see_segments(request.user)
    allowed = clusters_for(request)
    usual = whole_months_before(timezone.localdate())
    initial = {
        "clusters": [cluster.pk for cluster in allowed],
        "period_from": usual.back(18).start,
        "period_to": usual.end,
    }
    form = SegmentsForm(request.POST or None, initial=initial, clusters=allowed)
    if request.method == "POST" and form.is_valid():
        made = once(
            user_id=request.user.pk,
            key=form.token,
            make=lambda: str(services.ask_segments(by=request.user, **form.values).pk),
        )
        return redirect("segments-run", made)
    return render(
        request,
        "layouts/form.html",
        {
            "title": "Look for need segments",
            "form": form,
            "lead": "Families referred in these days are grouped by what they needed. Two years or more say most.",
            "back_url": reverse("segments"),
            "back_label": "Need segments",
        },
    )


@require_GET
def segments_run(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    services.check_see_segments(request.user)
    run = get_object_or_404(NeedSegments.objects.select_related("asked_by"), pk=pk)
    context: dict[str, Any] = {"run": run}
    if run.result:
        context |= shown(run.result)
    return render(request, "monitoring/segments/one.html", context)


@require_GET
def segments_progress(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """The fragment that the page asks for every two seconds until the groups are found."""
    services.check_see_segments(request.user)
    run = get_object_or_404(NeedSegments.objects.defer("result"), pk=pk)
    response = render(request, "monitoring/segments/_progress.html", {"run": run})
    if not run.is_open:
        response["HX-Refresh"] = "true"
    return response


def shown(result: dict[str, Any]) -> dict[str, Any]:
    """What the page shows of a result."""
    result = in_words_of_today(result)
    grouped = sum(group["size"] for group in result["groups"])
    context: dict[str, Any] = {
        "result": result,
        "grouped": grouped,
        "groups": [_group(group, grouped) for group in result["groups"]],
        "tried_heads": ("Groups", "Mark", "Smallest group"),
        "tried": [_tried(*one) for one in result["tried"]],
    }
    if result["known"] >= FEWEST:
        context["known_by"] = known_by(result["known"], result["read"])
    if result["groups"]:
        context["clearness"] = clearness(result["silhouette"])
    if result["tree"] and result["tree"]["parts"]:
        tree = result["tree"]
        context |= {"tree": tree, "outline": _outline(tree, ""), "svg": drawing.tree_svg(tree, description=_said(tree))}
    return context


def in_words_of_today(result: dict[str, Any]) -> dict[str, Any]:
    """A result of definition 1, which knew progress by goal scores alone, under the names of today."""
    if "known" in result:
        return result
    groups = [{**group, "known": group["scored"]} for group in result["groups"]]
    return {**result, "known": result["scored"], "read": 0, "groups": groups}


def known_by(known: int, read: int) -> str:
    """By what the progress of so many families is known. A part under ten is not said as a number."""
    if not read or not known - read:
        return f"{'Readings' if read else 'Goals'} say it of all {known} families whose progress is known."
    if min(read, known - read) < FEWEST:
        few, most = ("readings", "goals") if read < known - read else ("goals", "readings")
        return f"Of {known} families whose progress is known, {most} say it of nearly all, {few} of fewer than ten."
    return f"Of {known} families whose progress is known, readings say it of {read} and goals of {known - read}."


def clearness(silhouette: float) -> str:
    """How clear the groups are, in the words of Kaufman and Rousseeuw (1990, page 88)."""
    if silhouette > 0.7:
        return "strong: the groups lie far apart"
    if silhouette > 0.5:
        return "reasonable: most families lie well within their group"
    if silhouette > 0.25:
        return "weak: many families lie between groups"
    return "very weak: there may be no groups at all, only differences of degree"


def _tried(number: int, score: float | None, smallest: int | None) -> tuple[int, str, str]:
    return (number, "–", "under ten") if score is None else (number, f"{score:.2f}", str(smallest))


def short(need: str) -> str:
    """A need without its category."""
    if need.endswith("anything else") or need.startswith("Special need or disability"):
        return need.replace(": ", ", ")
    return need.split(": ", 1)[-1]


def name_of(group: dict[str, Any]) -> str:
    return ", ".join(short(need) for need in group["typical"]) or "few needs in common"


def _group(group: dict[str, Any], grouped: int) -> Group:
    apart = sorted(group["needs"], key=lambda need: -abs((need[1] or 0) - need[2]))[:DRAWN]
    rows = sorted(((short(name), mine, overall) for name, mine, overall in apart), key=lambda row: -(row[1] or 0))
    title = f"Group {group['letter']}: {name_of(group)}"
    chart = bar_chart(title, rows, of="Need", series=["This group", "All families"], unit=" %")
    share = round(100 * group["size"] / grouped)
    return Group(group["letter"], name_of(group), group["size"], share, group["progress"], group["known"], chart)


def _outline(node: dict[str, Any], by: str) -> dict[str, Any]:
    return {
        "words": drawing.words_of(node, by),
        "size": node["size"],
        "progress": node["progress"],
        "chance": node.get("p", ""),
        "by": node.get("by", ""),
        "parts": [_outline(part, node["by"]) for part in node["parts"]],
    }


def _said(node: dict[str, Any], by: str = "") -> str:
    own = f"{drawing.words_of(node, by)}: {node['progress']} % of {node['size']} made progress."
    return " ".join([own, *(_said(part, node["by"]) for part in node["parts"])])
