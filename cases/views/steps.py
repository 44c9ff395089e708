"""A worry about safety in an open case, the step up to CSWS, and the way back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from cases.forms.steps import StepDownForm, StepOutcomeForm, StepUpForm, WorryForm
from cases.models import Contact, SocialCareStep
from cases.pages import case_page
from cases.selectors.steps import of_case, referrals_of
from cases.services.safety import raise_worry
from cases.services.steps import note_step_outcome, step_down_case, step_up_case
from cases.views.common import add_errors, refuse_readers
from cluster_ehs.core.once import once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest

FORM = ["GET", "HEAD", "POST"]


def save_once(request: UserRequest, form: Any, make: Any) -> str:
    """The address that the first sending led to; empty when the service refused, with its words in the form."""
    try:
        return once(user_id=request.user.pk, key=form.token, make=make)
    except ValidationError as error:
        add_errors(form, error)
        return ""


@require_http_methods(FORM)
def worry(request: UserRequest, pk: UUID) -> HttpResponse:
    """I am worried about safety: from the log form, and from a contact, which `?contact=` names."""
    page = case_page(request, pk, tab="overview")
    refuse_readers(page)
    form = WorryForm(posted(request), referrals=referrals_of(pk), cancel_url=reverse("case", args=[pk]))
    contact = _contact(request, pk)

    def make() -> str:
        raise_worry(
            by=request.user, case=page["case"], worry=form.values["worry"], referral=form.referral, contact=contact
        )
        messages.warning(
            request,
            "Who is on duty is told now, and it stands above all else until the step up is recorded. "
            "If a child is in danger now, call 999.",
        )
        return reverse("case", args=[pk])

    if request.method == "POST" and form.is_valid() and (url := save_once(request, form, make)):
        return redirect(url)
    return render(request, "cases/worry.html", page | {"form": form, "contact": contact})


def _contact(request: UserRequest, case_id: UUID) -> Contact | None:
    try:
        return Contact.objects.filter(pk=UUID(request.GET.get("contact", "")), case_id=case_id).first()
    except ValueError:
        return None


@require_GET
def social_care(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="overview")
    return render(request, "cases/social_care.html", page | of_case(pk))


@require_http_methods(FORM)
def step_up(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="overview")
    refuse_readers(page)
    found = of_case(pk)
    form = StepUpForm(
        posted(request),
        referrals=referrals_of(pk),
        worry=found["worries"][0] if found["worries"] and found["waits"] else None,
        cancel_url=reverse("case-social-care", args=[pk]),
    )

    def make() -> str:
        values = dict(form.values)
        values.pop("referral", None)
        if form.referral is None:
            raise ValidationError("This case came with no referral. Log one first: the record of harm belongs to it.")
        step = step_up_case(by=request.user, case=page["case"], referral=form.referral, **values)
        messages.success(request, "Recorded. What CSWS decide is noted on this page.")
        if step.meanwhile == SocialCareStep.Meanwhile.CLOSES:
            messages.info(request, "Close the case here: choose how it ends, and the leader signs it off.")
            return reverse("case-close", args=[pk])
        return reverse("case-social-care", args=[pk])

    if request.method == "POST" and form.is_valid() and (url := save_once(request, form, make)):
        return redirect(url)
    lead = "Ring CSWS first; write down here what was said. Nobody is told of a worry a second time once this is saved."
    return render(request, "cases/form.html", page | {"form": form, "title": "Step up to CSWS", "lead": lead})


@require_http_methods(FORM)
def step_down(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="overview")
    refuse_readers(page)
    form = StepDownForm(posted(request), ups=of_case(pk)["ups"], cancel_url=reverse("case-social-care", args=[pk]))

    def make() -> str:
        values = dict(form.values)
        answers = form.ups.get(values.pop("answers", ""))
        step_down_case(by=request.user, case=page["case"], answers=answers, **values)
        messages.success(request, "Recorded. The case carries on with its lead worker.")
        return reverse("case-social-care", args=[pk])

    if request.method == "POST" and form.is_valid() and (url := save_once(request, form, make)):
        return redirect(url)
    lead = (
        "The case stayed open. A family whose case was closed comes back as a new referral from CSWS, which links back."
    )
    return render(request, "cases/form.html", page | {"form": form, "title": "Step down from CSWS", "lead": lead})


@require_http_methods(FORM)
def step_outcome(request: UserRequest, pk: UUID, step_id: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="overview")
    refuse_readers(page)
    found = get_object_or_404(
        SocialCareStep.objects.select_related("case"), pk=step_id, case_id=pk, direction=SocialCareStep.Direction.UP
    )
    initial: dict[str, Any] = {"outcome": found.outcome, "words": found.outcome_words}
    if found.outcome_on:
        initial["on"] = found.outcome_on
    form = StepOutcomeForm(posted(request), initial=initial, cancel_url=reverse("case-social-care", args=[pk]))

    def make() -> str:
        note_step_outcome(by=request.user, step=found, **form.values)
        messages.success(request, "Saved.")
        return reverse("case-social-care", args=[pk])

    if request.method == "POST" and form.is_valid() and (url := save_once(request, form, make)):
        return redirect(url)
    title = f"What came of the step up of {found.stepped_on:%-d %B %Y}"
    return render(request, "cases/form.html", page | {"form": form, "title": title})
