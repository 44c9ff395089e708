"""Measures in a case: what there is, asking one, reading and correcting it, what is asked regularly."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.models import CaseStatus
from cases.pages import case_page
from cases.policies import is_clinical_supervisor
from cases.views.common import refuse_readers
from cluster_ehs.core import audit, drafts
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.requests import posted
from clusters.duty import on_duty
from clusters.http import UserRequest
from clusters.people import duties
from outcomes.measures import policies, selectors
from outcomes.measures.forms import AgreeForm, MeasureForm
from outcomes.measures.models import AgreedMeasure, Instrument, Measure
from outcomes.measures.services import (
    agree_measure,
    correct_measure,
    occasion_of,
    stop_measure,
    take_measure,
)
from outcomes.views import act, outcomes_page

FORM = ["GET", "HEAD", "POST"]


def _instrument(code: str) -> Instrument:
    found = selectors.with_questions(Instrument.objects.filter(code=code, in_use=True)).order_by("-version").first()
    if found is None:
        raise Http404
    return found


def _who_to_ring(cluster_id: int) -> str:
    """The first who are on duty now, with their numbers."""
    rungs = on_duty(cluster_id, timezone.now())
    return "; ".join(f"{told.name} ({told.duty}) {told.telephone}".strip() for rung in rungs[:2] for told in rung)


@require_safe
def case_measures(request: UserRequest, pk: UUID) -> HttpResponse:
    """Choose what to ask; what is asked regularly; what was answered."""
    page = outcomes_page(request, pk)
    case = page["case"]
    can_ask = page["can_write"] and case.status != CaseStatus.CLOSED
    asked = {(each.code, each.person_id): each for each in selectors.asked_of(case)}
    return render(
        request,
        "outcomes/measures/case.html",
        {
            **page,
            "can_ask": can_ask,
            "instruments": list(selectors.instruments_in_use()) if can_ask else [],
            "agreed": [
                (row, asked.get((row.instrument.code, row.person_id))) for row in selectors.live_agreements(case)
            ],
            "groups": selectors.groups(selectors.measures().filter(case=case)),
            "not_shown": selectors.NOT_SHOWN,
        },
    )


@require_http_methods(FORM)
def measure_take(request: UserRequest, pk: UUID, code: str) -> HttpResponse:
    page = outcomes_page(request, pk)
    refuse_readers(page)
    case, instrument = page["case"], _instrument(code)
    key = f"measure:{case.pk}:{code}"
    draft = drafts.load(request.user, key) if request.method == "GET" else None
    before = Measure.objects.filter(case=case, instrument__code=code).exists()
    form = MeasureForm(
        drafts.as_posted(draft.data) if draft else posted(request),
        instrument=instrument,
        people=page["people"],
        occasion=occasion_of(case, answered_before=before, today=timezone.localdate()),
        about=request.GET.get("about", ""),
        told=_who_to_ring(case.cluster_id) if any(item.above is not None for item in instrument.items.all()) else "",
        cancel_url=reverse("case-measures", args=[pk]),
        draft_key=key,
        draft_version=draft.version if draft else 0,
    )

    def make() -> str:
        made = take_measure(by=request.user, case=case, instrument=instrument, answers=form.answers, taken=form.taken)
        drafts.finish(request, key)
        _said(request, made)
        return reverse("measure", args=[made.pk])

    if draft:
        drafts.unjudged(form)
    elif request.method == "POST" and form.is_valid() and (url := act(form, request.user, make)):
        return redirect(url)
    private = policies.private_service(request.user, page["services"])
    context = {**page, "form": form, "instrument": instrument, "private": private}
    return render(request, "outcomes/measures/take.html", context)


def _said(request: UserRequest, measure: Measure) -> None:
    if getattr(measure, "risk", None) is not None:
        messages.warning(
            request,
            "Saved. The leader and who is on duty are told now. Stay in touch with them until it is taken on.",
        )
    else:
        messages.success(request, "Saved.")


def _page_of(request: UserRequest, measure: Measure) -> dict[str, Any]:
    """The frame of the case for its staff; a clinical supervisor reads the measure by the case's reference."""
    if measure.cluster_id in duties(request.user).clusters:
        return case_page(request, measure.case_id, tab="outcomes")
    if not is_clinical_supervisor(request.user):
        raise Denied("Measures are read by the practitioners and leaders of the Cluster.")
    audit.look(by=request.user, at=measure, page="measure, as clinical supervisor")
    return {}


@require_safe
def measure(request: UserRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(selectors.measures().select_related("case", "corrects"), pk=pk)
    page = _page_of(request, found)
    readable = selectors.result_of(found) is not None
    return render(
        request,
        "outcomes/measures/measure.html" if page else "outcomes/measures/supervised.html",
        {
            **page,
            "measure": found,
            "whose": selectors.whose(found) if page else "",
            "readable": readable,
            "total": selectors.total_of(found),
            "answers": selectors.answers_of(found),
            "risk": getattr(found, "risk", None),
            "correction": getattr(found, "corrected_by", None),
            "not_shown": selectors.NOT_SHOWN,
            "can_correct": bool(page) and readable and selectors.is_current(found) and _may_correct(request, found),
        },
    )


def _may_correct(request: UserRequest, found: Measure) -> bool:
    return policies.can_correct(request.user, found, found.case)


@require_http_methods(FORM)
def measure_correct(request: UserRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(selectors.measures().select_related("case"), pk=pk)
    page = outcomes_page(request, found.case_id)
    policies.check_correct(request.user, found, page["case"])
    if not selectors.is_current(found) and request.method == "GET":
        return redirect("measure", pk=found.corrected_by.pk)
    instrument = selectors.with_questions(Instrument.objects.all()).get(pk=found.instrument_id)
    form = MeasureForm(
        posted(request),
        instrument=instrument,
        people=page["people"],
        occasion=found.occasion,
        corrects=found,
        told=_who_to_ring(found.cluster_id),
        cancel_url=reverse("measure", args=[pk]),
        submit_label="Save the correction",
    )

    def make() -> str:
        made = correct_measure(
            by=request.user,
            measure=found,
            answers=form.answers,
            taken=form.taken,
            reason=form.cleaned_data["reason"],
        )
        _said(request, made)
        return reverse("measure", args=[made.pk])

    if request.method == "POST" and form.is_valid() and (url := act(form, request.user, make)):
        return redirect(url)
    context = {**page, "form": form, "instrument": instrument, "corrects": found}
    return render(request, "outcomes/measures/take.html", context)


@require_safe
def measure_history(request: UserRequest, pk: UUID, code: str) -> HttpResponse:
    """One instrument over time: the line, the table with bands, the corrections."""
    page = outcomes_page(request, pk)
    found = list(selectors.measures().filter(case=page["case"], instrument__code=code))
    if not found:
        raise Http404
    return render(
        request,
        "outcomes/measures/history.html",
        {
            **page,
            "instrument": found[0].instrument,
            "histories": [(group, selectors.chart_of(group)) for group in selectors.groups(found)],
            "corrected": [each for each in found if not selectors.is_current(each)],
            "not_shown": selectors.NOT_SHOWN,
            "can_ask": page["can_write"] and page["case"].status != CaseStatus.CLOSED and found[0].instrument.in_use,
        },
    )


@require_http_methods(FORM)
def measure_agree(request: UserRequest, pk: UUID, code: str) -> HttpResponse:
    """Ask it in this case from now on."""
    page = outcomes_page(request, pk)
    refuse_readers(page)
    instrument = _instrument(code)
    form = AgreeForm(
        posted(request),
        instrument=instrument,
        people=page["people"],
        cancel_url=reverse("case-measures", args=[pk]),
    )

    def make() -> str:
        agree_measure(
            by=request.user,
            case=page["case"],
            instrument=instrument,
            person=form.chosen,
            every_weeks=form.values["every_weeks"],
            by_itself=bool(form.values.get("by_itself")),
        )
        messages.success(request, f"{instrument.name} is asked in this case; My work says when it is due.")
        return reverse("case-measures", args=[pk])

    if request.method == "POST" and form.is_valid() and (url := act(form, request.user, make)):
        return redirect(url)
    return render(request, "outcomes/measures/agree.html", {**page, "form": form, "instrument": instrument})


@require_POST
def measure_stop(request: UserRequest, pk: UUID, agreed_pk: UUID) -> HttpResponse:
    found = get_object_or_404(AgreedMeasure.objects.select_related("case", "instrument"), pk=agreed_pk, case_id=pk)
    stop_measure(by=request.user, agreed=found)
    messages.success(request, f"{found.instrument.name} is not asked in this case any more.")
    return redirect("case-measures", pk=pk)
