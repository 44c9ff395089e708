"""Beginning, putting right and finishing an early help assessment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from cases.services.stale import Stale
from cases.views.common import add_errors
from cluster_ehs.core.once import once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from formulation import assessments
from formulation.assessment_forms import COMPLETED, AssessmentForm, FinishForm
from formulation.assessment_selectors import assessments as found_of
from formulation.frames import case_frame, frame_of
from formulation.models import Assessment
from formulation.policies import check_formulate


@require_http_methods(["GET", "POST"])
def assessment_new(request: UserRequest, pk: UUID) -> HttpResponse:
    """Begin an assessment of a case, before its formulation is written."""
    page = case_frame(request, pk)
    check_formulate(request.user, page["case"])
    children = [str(p.pk) for p in page["people"] if p.is_child and p.in_household]
    form = AssessmentForm(
        posted(request),
        people=page["people"],
        initial={
            "starts_on": timezone.localdate(),
            "organisation": str(page["case"].cluster),
            "children": children,
        },
        cancel_url=page["read_url"],
        submit_label="Begin the assessment",
    )
    if request.method == "POST" and form.is_valid():

        def make() -> str:
            assessments.begin_assessment(by=request.user, case=page["case"], **_details(form))
            messages.success(request, "Assessment begun. Write the formulation with the family: it is its content.")
            return str(page["read_url"])

        try:
            with transaction.atomic():
                return redirect(once(user_id=request.user.pk, key=form.token, make=make))
        except ValidationError as error:
            add_errors(form, error)
    lead = "It is finished when the formulation is written and the family has agreed to what it says."
    return _form(request, page, form, "Begin an early help assessment", lead=lead)


@require_http_methods(["GET", "POST"])
def assessment_edit(request: UserRequest, pk: UUID) -> HttpResponse:
    """Put right when it began, who makes it and whom it is about."""
    assessment = get_object_or_404(found_of(), pk=pk)
    page = frame_of(request, assessment)
    assessments.check_may_change(by=request.user, assessment=assessment)
    form = AssessmentForm(
        posted(request),
        people=page["people"],
        initial={
            "starts_on": assessment.starts_on,
            "organisation": assessment.organisation,
            "children": [str(child) for child in assessment.child_ids],  # type: ignore[attr-defined]
        },
        version=assessment.version,
        cancel_url=page["read_url"],
    )
    theirs: list[tuple[str, Any]] = []
    if request.method == "POST" and form.is_valid():
        try:
            assessments.change_assessment(
                by=request.user, assessment=assessment, version=form.seen_version, **_details(form)
            )
        except ValidationError as error:
            add_errors(form, error)
        except Stale as stale:
            now: Assessment = stale.current
            theirs = [("Day it began", f"{now.starts_on:%-d %B %Y}"), ("Organisation", now.organisation)]
            again: Any = request.POST.copy()
            again["version"] = str(now.version)
            form.data = again
        else:
            messages.success(request, "Assessment saved.")
            return redirect(page["read_url"])
    return _form(request, page, form, "The assessment’s details", theirs=theirs)


@require_http_methods(["GET", "POST"])
def assessment_finish(request: UserRequest, pk: UUID) -> HttpResponse:
    """Complete it, or end it without completion for a reason."""
    assessment = get_object_or_404(Assessment, pk=pk)
    page = frame_of(request, assessment)
    assessments.check_may_change(by=request.user, assessment=assessment, also_after_the_end=True)
    initial = {"how": COMPLETED, "on": timezone.localdate()}
    form = FinishForm(posted(request), initial=initial, cancel_url=page["read_url"])
    if request.method == "POST" and form.is_valid():

        def make() -> str:
            done = assessments.finish_assessment(
                by=request.user, assessment=assessment, on=form.cleaned_data["on"], why=form.why
            )
            messages.success(request, f"Assessment: {done.get_status_display().lower()}.")
            return str(page["read_url"])

        try:
            with transaction.atomic():
                return redirect(once(user_id=request.user.pk, key=form.token, make=make))
        except ValidationError as error:
            add_errors(form, error)
    lead = "Its formulation is then kept as it is. What is written later goes into a new version."
    return _form(request, page, form, "Finish the assessment", lead=lead)


@require_POST
def assessment_again(request: UserRequest, pk: UUID) -> HttpResponse:
    """Take up again what was finished by mistake."""
    assessment = get_object_or_404(Assessment, pk=pk)
    page = frame_of(request, assessment)
    assessments.take_up_again(by=request.user, assessment=assessment)
    messages.success(request, "The assessment is in progress again.")
    return redirect(page["read_url"])


def _details(form: AssessmentForm) -> dict[str, Any]:
    values = form.values
    return {
        "starts_on": values["starts_on"],
        "organisation": values["organisation"],
        "child_ids": [UUID(child) for child in values["children"]],
    }


def _form(request: UserRequest, page: dict[str, Any], form: Any, title: str, **more: Any) -> HttpResponse:
    context = {**page, "form": form, "title": title, **more}
    return render(request, "formulation/form.html", context, status=409 if more.get("theirs") else 200)
