"""Needs of a case at start and end, social care around it, what was averted; unit costs in the settings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages import case_page
from cases.services.stale import Stale
from cases.views.common import add_errors
from cluster_ehs.core.once import once, with_content
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.policies import check_manage
from clusters.views.pages import form_page
from outcomes.models import AvertedStep, NeedsRound
from outcomes.needs import selectors, services
from outcomes.needs.forms import AvertedForm, CostForm, NeedsForm
from outcomes.readings.policies import can_record, check_read, check_record

FORM = ["GET", "HEAD", "POST"]
Moment = NeedsRound.Moment


def frame(request: UserRequest, pk: UUID) -> dict[str, Any]:
    page = case_page(request, pk, tab="outcomes", cases=selectors.case_with_assessments())
    check_read(request.user, page["case"])
    return page


@require_safe
def case_needs(request: UserRequest, pk: UUID) -> HttpResponse:
    """Needs with what became of them, social care before, during and after, what was averted."""
    page = frame(request, pk)
    case = page["case"]
    averted = selectors.averted_of(pk)
    sure = [cost.pence for row, cost in averted if not row.mistaken and cost.pence is not None]
    context = {
        "needs": selectors.needs_of(pk),
        "care": selectors.care_of(case),
        "averted": averted,
        "sum": f"£{sum(sure) / 100:,.2f}" if sure else "",
        "can_start": can_record(request.user, case, Moment.START),
        "can_end": can_record(request.user, case, Moment.END),
    }
    return render(request, "outcomes/needs/needs.html", page | context)


@require_http_methods(FORM)
def needs_edit(request: UserRequest, pk: UUID, moment: str) -> HttpResponse:
    """One short form for the start or the end."""
    if moment not in Moment.values:
        raise Http404
    page = frame(request, pk)
    case, back = page["case"], reverse("case-needs", args=[pk])
    check_record(request.user, case, moment)
    rows = selectors.found_rows(pk)
    round_ = selectors.rounds_of(pk).get(moment)
    at_start = {row.need_id for row in rows if row.round.moment == Moment.START}
    # The end begins with what was there at the start: what has gone is unticked.
    shown = moment if round_ is not None or moment == Moment.START else Moment.START
    found = {row.need_id: row for row in rows if row.round.moment == shown}
    options: dict[str, Any] = {
        "needs": selectors.offered({row.need_id for row in rows}),
        "people": page["people"],
        "found": found,
        "at_start": at_start if moment == Moment.END else set(),
        "done_on": round_.done_on if round_ else None,
        "version": round_.version if round_ else None,
        "draft_key": f"needs:{moment}:{pk}",
        "cancel_url": back,
    }
    form = NeedsForm(posted(request), **options)
    theirs: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():

        def make() -> str:
            services.record_needs(
                by=request.user,
                case=case,
                moment=moment,
                done_on=form.cleaned_data["done_on"],
                found=form.found,
                version=form.seen_version,
            )
            messages.success(request, "Needs saved.")
            return back

        try:
            key = with_content(form.token, {"found": form.found, "on": form.cleaned_data["done_on"]})
            with transaction.atomic():
                return redirect(once(user_id=request.user.pk, key=key, make=make))
        except ValidationError as error:
            add_errors(form, error)
        except Stale as stale:
            saved = "; ".join(row.need.label for row in rows if row.round_id == stale.current.pk) or "None"
            theirs = [("Needs that were saved meanwhile", saved)]
            data = request.POST.copy()
            data["version"] = str(stale.current.version)
            form = NeedsForm(data, **options | {"version": stale.current.version})
    words = Moment(moment).label.lower()
    context = {
        "form": form,
        "title": f"Needs {words}",
        "lead": "Tick what is there now, for anybody in the family. What you leave unticked was gone through, and is "
        "not there." + (" What was there at the start is ticked: untick what has gone." if shown != moment else ""),
        "theirs": theirs,
    }
    return render(request, "outcomes/needs/form.html", page | context, status=409 if theirs else 200)


@require_http_methods(FORM)
def averted_new(request: UserRequest, pk: UUID) -> HttpResponse:
    page = frame(request, pk)
    check_record(request.user, page["case"], Moment.END)
    form = AvertedForm(
        posted(request),
        initial={"averted_on": timezone.localdate()},
        draft_key=f"averted:{pk}",
        cancel_url=reverse("case-needs", args=[pk]),
    )
    return _averted(request, page, form, "A step up that was averted", None)


@require_http_methods(FORM)
def averted_edit(request: UserRequest, pk: UUID, averted_id: UUID) -> HttpResponse:
    page = frame(request, pk)
    row = get_object_or_404(AvertedStep.objects.select_related("reason"), pk=averted_id, case_id=pk)
    check_record(request.user, page["case"], Moment.END)
    names = ("level", "children", "weeks", "averted_on", "judged_by", "mistaken")
    form = AvertedForm(
        posted(request),
        initial={name: getattr(row, name) for name in names} | {"why": getattr(row, "reason", "")},
        correct=True,
        version=row.version,
        cancel_url=reverse("case-needs", args=[pk]),
    )
    return _averted(request, page, form, "Correct what was averted", row)


def _averted(
    request: UserRequest, page: dict[str, Any], form: AvertedForm, title: str, row: AvertedStep | None
) -> HttpResponse:
    back = reverse("case-needs", args=[page["case"].pk])
    theirs: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():

        def make() -> str:
            services.record_averted(
                by=request.user, case=page["case"], averted=row, version=form.seen_version, **form.values
            )
            messages.success(request, "Saved.")
            return back

        try:
            with transaction.atomic():
                return redirect(once(user_id=request.user.pk, key=form.token, make=make))
        except ValidationError as error:
            add_errors(form, error)
        except Stale as stale:
            theirs = [("What was saved meanwhile", f"{stale.current}, {stale.current.averted_on:%-d %B %Y}")]
            data: Any = request.POST.copy()
            data["version"] = str(stale.current.version)
            form.data = data
    lead = (
        "What would have happened cannot be known. This is a judgement, made best together: in a team around the "
        "family, in supervision, or by Children’s Social Work Services themselves."
    )
    context = {"form": form, "title": title, "lead": lead, "theirs": theirs}
    return render(request, "outcomes/needs/form.html", page | context, status=409 if theirs else 200)


# --- settings ---
@require_http_methods(FORM)
def unit_costs(request: UserRequest) -> HttpResponse:
    """What statutory steps cost, each with its source and the day from which it holds."""
    check_manage(request.user)
    form = CostForm(posted(request))

    def act() -> str:
        services.set_cost(by=request.user, **form.values)
        return reverse("settings-unit-costs")

    rows = [(row, f"{row.pence / 100:,.2f}") for row in selectors.all_costs()]
    return form_page(
        request,
        form,
        title="Unit costs",
        act=act,
        done="Saved.",
        back=reverse("settings"),
        template="outcomes/needs/costs.html",
        rows=rows,
        today=timezone.localdate(),
    )
