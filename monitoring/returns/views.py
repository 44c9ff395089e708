"""Choose a return, see what is missing, say why, get the file."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cluster_ehs.core.once import once
from clusters.http import UserRequest
from clusters.people import duties
from monitoring.returns import policies, services
from monitoring.returns.forms import AskForm, ReturnFilter
from monitoring.returns.models import ReturnFile, ReturnKind, ReturnRun
from monitoring.suite.pages import sections

SHOWN = 100
RUNS = 20


def returns(request: UserRequest) -> HttpResponse:
    """What is asked is in the address: without it the question and the returns so far, with it what is missing."""
    policies.check_makes_returns(request.user)
    if "kind" not in request.GET:
        return _start(request, ReturnFilter(initial={"kind": ReturnKind.ANNEX_A, "as_at": timezone.localdate()}))
    chosen = ReturnFilter(request.GET)
    if not chosen.is_valid():
        return _start(request, chosen)
    values = chosen.cleaned_data
    asked = {"kind": values["kind"], "clusters": list(values["cluster"]), "as_at": values["as_at"]}
    ids = [cluster.pk for cluster in asked["clusters"]]
    looked = services.look_over(by=request.user, kind=asked["kind"], clusters=ids, as_at=asked["as_at"])
    form = AskForm(
        request.POST or None,
        gaps=len(looked.problems),
        action=request.get_full_path(),
        cancel_url=reverse("returns"),
    )
    if request.method == "POST" and form.is_valid():
        pk = once(
            user_id=request.user.pk,
            key=form.token,
            make=lambda: str(services.ask(by=request.user, reason=form.values["reason"], **asked).pk),
        )
        return redirect("return-run", pk)
    may_open = set(ids) <= duties(request.user).clusters
    return render(
        request,
        "monitoring/returns/check.html",
        {
            "kind": ReturnKind(asked["kind"]).label,
            "clusters": asked["clusters"],
            "as_at": asked["as_at"],
            "looked": looked,
            "groups": _groups(looked.problems),
            "problems": [(p, _url(p.page, p.page_args) if may_open else "") for p in looked.problems[:SHOWN]],
            "most": SHOWN,
            "form": form,
        },
    )


def _start(request: UserRequest, form: ReturnFilter) -> HttpResponse:
    runs = ReturnRun.objects.select_related("asked_by").defer("problems")[:RUNS]
    context = {"filter": form, "runs": runs, "sections": sections("returns"), "days": ReturnRun.KEPT_DAYS}
    return render(request, "monitoring/returns/start.html", context)


def _groups(problems: list[Any]) -> list[tuple[str, str, str, int]]:
    """How often what is wrong: list, column, what; the most frequent first."""
    found: dict[tuple[str, str, str], int] = {}
    for each in problems:
        key = (each.listing, each.column, each.what)
        found[key] = found.get(key, 0) + 1
    return sorted(((*key, n) for key, n in found.items()), key=lambda row: -row[3])


def _url(page: str, args: Any) -> str:
    return reverse(page, args=args)


@require_safe
def return_run(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """What was asked and why; its files for whoever asked, while they are kept."""
    policies.check_makes_returns(request.user)
    run = get_object_or_404(ReturnRun.objects.select_related("asked_by"), pk=pk)
    names = ReturnFile.objects.filter(run=run).values_list("name", flat=True)
    counts = {name: number for name, number in sorted(run.counts.items()) if name != "restricted"}
    return render(
        request,
        "monitoring/returns/run.html",
        {
            "run": run,
            "files": sorted(names, key=lambda name: not name.endswith(".xlsx")),
            "own": run.asked_by_id == request.user.pk,
            "counts": counts,
            "restricted": run.counts.get("restricted", 0),
            "problems": run.problems[:SHOWN],
            "most": SHOWN,
            "days": ReturnRun.KEPT_DAYS,
        },
    )


@require_safe
def return_file(request: UserRequest, pk: uuid.UUID, name: str) -> HttpResponse:
    run = get_object_or_404(ReturnRun.objects.select_related("asked_by"), pk=pk)
    file = services.take_file(by=request.user, run=run, name=name)
    if file is None:
        raise Http404
    return HttpResponse(
        bytes(file.content),
        content_type=file.content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )
