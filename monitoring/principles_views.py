"""The practice principles of the open cases: summed per Cluster, and the list behind each figure."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from cases.models import Case, CaseStatus
from cluster_ehs.core import scope
from clusters.http import UserRequest
from clusters.models import Cluster
from monitoring import policies
from monitoring.asking import clusters_for
from monitoring.principles import BY_KEY, LONGEST, PRINCIPLES, STATES, Standing, Sum, line, standing, summed
from monitoring.tables_views import sections


@require_safe
def principles(request: UserRequest) -> HttpResponse:
    """Every Cluster that the reader may see, one table each; several also together."""
    policies.check_reads_reports(request.user)
    allowed = clusters_for(request)
    with scope.figures():
        found = standing(clusters=[cluster.pk for cluster in allowed])
    groups = [_group(str(each), [each.pk], [case for case in found if case.cluster == each.pk]) for each in allowed]
    if len(allowed) > 1:
        groups.insert(0, _group("All Clusters", [each.pk for each in allowed], found))
    context = {"groups": groups, "principles": PRINCIPLES, "sections": sections("principles")}
    return render(request, "monitoring/principles.html", context)


def _group(name: str, ids: list[int], cases: list[Standing]) -> dict[str, Any]:
    return {
        "name": name,
        "key": ids[0] if len(ids) == 1 else "all",
        "cases": len(cases),
        "rows": [{"sum": each, "figures": _figures(each, ids)} for each in summed(cases)],
    }


def _figures(each: Sum, ids: list[int]) -> list[dict[str, Any]]:
    found = []
    for state in STATES:
        pairs = [*(("cluster", pk) for pk in ids), ("principle", each.principle.key), ("state", state)]
        count = each.counts[state]
        found.append({"count": count, "url": f"{reverse('principles-list')}?{urlencode(pairs)}" if count else ""})
    return found


@require_safe
def principles_list(request: UserRequest) -> HttpResponse:
    """The cases behind a figure, by reference; they lead to the case where the reader may see it."""
    policies.check_reads_reports(request.user)
    principle, state = BY_KEY.get(request.GET.get("principle", "")), request.GET.get("state", "")
    asked = {int(pk) for pk in request.GET.getlist("cluster") if pk.isascii() and pk.isdecimal() and len(pk) < 10}
    if principle is None or state not in STATES or not asked:
        raise Http404
    policies.check_see_figures(request.user, asked)
    clusters: dict[int, Cluster] = {each.pk: each for each in clusters_for(request) if each.pk in asked}
    with scope.figures():
        found = standing(clusters=list(clusters), key=principle.key, state=state)
    # Outside the scope of figures: what the row policies let this reader open.
    shown = found[:LONGEST]
    opens = set(Case.objects.filter(pk__in=[case.pk for case in shown]).values_list("pk", flat=True))
    context = {
        "principle": principle,
        "state": STATES[state],
        "clusters": list(clusters.values()),
        "rows": [(case, clusters[case.cluster], _url(case.pk) if case.pk in opens else "") for case in shown],
        "number": len(found),
        "cut": len(found) > LONGEST,
    }
    return render(request, "monitoring/principles_list.html", context)


def _url(pk: UUID) -> str:
    return reverse("case", args=[pk])


def of_case(request: HttpRequest, *, case: Case, **_: Any) -> dict[str, Any] | None:
    """The line on the overview of an open case; one query."""
    if case.status == CaseStatus.CLOSED:
        return None
    found = standing_of(request, case)
    return {"facts": line(found), "principles": PRINCIPLES} if found else None


def standing_of(request: HttpRequest, case: Case) -> Standing | None:
    """How a case stands, read once for a page."""
    kept: dict[UUID, list[Standing]] = request.__dict__.setdefault("_standing_of", {})
    if case.pk not in kept:
        kept[case.pk] = standing(case=case.pk)
    return kept[case.pk][0] if kept[case.pk] else None
