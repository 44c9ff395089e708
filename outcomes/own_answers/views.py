"""On the family's page: the questions of a measure and of a survey; for staff: what was done about an answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from outcomes.family_page.services import Visitor
from outcomes.family_page.views import in_language, of_the_family, plan_address, read, spoken, to_plan
from outcomes.measures.models import Instrument, MeasureRisk
from outcomes.measures.policies import check_see_to
from outcomes.measures.services import see_to_own_answer
from outcomes.own_answers.forms import OwnMeasureForm, SeenToForm
from outcomes.own_answers.services import answer_measure, answer_survey, tasks_of
from outcomes.own_answers.titles import title_of
from outcomes.surveys.forms import AnswerForm
from outcomes.surveys.models import Survey
from outcomes.surveys.questions import questions_of
from outcomes.views import act, outcomes_page
from referrals.public.languages import LANGUAGES
from referrals.public.texts import speaking


def _gone(request: HttpRequest) -> HttpResponse:
    return to_plan(request, "late" if request.method == "POST" else "")


@of_the_family
def own_measure(request: HttpRequest, visitor: Visitor, code: str) -> HttpResponse:
    """Questions that wait for this person; nobody is there while they answer."""
    page = read(request, visitor)
    own = next((each for each in tasks_of(visitor).measures if each.code == code), None) if page else None
    if own is None or page is None:
        return _gone(request)
    instrument = Instrument.objects.prefetch_related("items", "bands__item").get(pk=own.instrument_id)
    contact = {"lead": page.lead, "cluster": page.cluster}
    with speaking(LANGUAGES[spoken(request)]):
        form = OwnMeasureForm(posted(request), instrument=instrument, contact=contact, cancel_url=plan_address(request))
        valid = form.is_valid()
    if valid:
        kept = answer_measure(visitor=visitor, own=own, instrument=instrument, answers=form.answers)
        return to_plan(request, "late" if kept is None else "safety" if kept.risk else "answers")
    risky = any(item.above is not None for item in form.items)
    context = {"title": title_of(own), "form": form, "own": own, "instrument": instrument, "risky": risky, **contact}
    return in_language(request, "measure", context, folder="own_answers", status=422 if form.errors else 200)


@of_the_family
def own_survey(request: HttpRequest, visitor: Visitor, invitation_pk: UUID) -> HttpResponse:
    """The survey that the family was asked in: no code, since the page was opened with one."""
    waiting = tasks_of(visitor).surveys
    own = next((each for each in waiting if each.invitation_id == invitation_pk), None)
    if own is None:
        return _gone(request)
    survey = Survey.objects.get(pk=own.survey_id)
    with speaking(LANGUAGES[spoken(request)]):
        form = AnswerForm(
            posted(request), questions=questions_of(survey), with_code=False, cancel_url=plan_address(request)
        )
        form.with_token = False
        valid = form.is_valid()
    if valid:
        share = bool(form.cleaned_data["share"])
        kept = answer_survey(visitor=visitor, own=own, answers=form.answers, share=share)
        return to_plan(request, "answers" if kept else "late")
    context = {"form": form, "survey": survey}
    return in_language(request, "survey", context, folder="own_answers", status=422 if form.errors else 200)


# --- for staff ---
@require_http_methods(["GET", "HEAD", "POST"])
def seen_to(request: UserRequest, pk: UUID) -> HttpResponse:
    """Say what was done about an answer on safety that somebody gave alone."""
    rows = MeasureRisk.objects.select_related("measure__instrument", "measure__answerer")
    risk = get_object_or_404(rows, measure_id=pk)
    page: dict[str, Any] = outcomes_page(request, risk.measure.case_id)
    check_see_to(request.user, risk.measure)
    back = reverse("measure", args=[pk])
    if risk.author_id and request.method != "POST":
        return redirect(back)
    form = SeenToForm(posted(request), cancel_url=back, draft_key=f"seen-to:{pk}")

    def make() -> str:
        see_to_own_answer(by=request.user, measure=risk.measure, done=form.values["done"])
        messages.success(request, "Saved. All who read the record read what was done.")
        return back

    if request.method == "POST" and form.is_valid() and (url := act(form, request.user, make)):
        return redirect(url)
    return render(request, "outcomes/own_answers/seen_to.html", {**page, "form": form, "risk": risk})
