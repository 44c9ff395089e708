"""Answering for a risk of significant harm."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cluster_ehs.core import limits
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from referrals.models import Referral
from triage import policies, services
from triage.forms.decision import NoStepUpForm
from triage.views.board import board_url, form_page
from triage.views.writing import write_once


@require_POST
def seeing_to_it(request: UserRequest, referral_pk: UUID) -> HttpResponse:
    """“I am seeing to it”: nobody further is told; the flag stays until the step-up is recorded."""
    referral = get_object_or_404(Referral, pk=referral_pk)
    services.seeing_to_it(by=request.user, referral=referral)
    messages.success(request, f"Noted: you are seeing to {referral.reference}. Record the step-up when it is made.")
    return redirect("referral", pk=referral_pk)


@require_http_methods(["GET", "POST"])
def no_step_up(request: UserRequest, referral_pk: UUID) -> HttpResponse:
    """A leader records, with the reason, that no step-up is needed."""
    referral = get_object_or_404(Referral.objects.select_related("child"), pk=referral_pk)
    policies.check_no_step_up(request.user, referral)
    form = NoStepUpForm(posted(request))

    def make() -> str:
        services.no_step_up(by=request.user, referral=referral, **form.values)
        messages.success(request, f"Recorded: {referral.reference} needs no step-up.")
        return board_url(referral.pk, None)

    if form.is_bound and form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    return form_page(
        request,
        form,
        referral,
        title="No step-up is needed",
        lead="This takes the referral from the top of everybody's pages. Your name and reason stay on it.",
        back_url=reverse("screen-referral", args=[referral_pk]),
    )


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def taken_on(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a contact's link: a reference, whom to ring, and one button. A mail reader that opens the
    link beforehand answers nothing."""
    if limits.over("taken-on", limits.address_of(request), at_most=60, seconds=3600):
        return render(request, "429.html", status=429)
    flag = services.find_to_take_on(token)
    if flag is None or (request.method == "POST" and not services.take_on_by_link(flag=flag)):
        response = render(request, "triage/taken_on_gone.html", status=404)
    else:
        context = {"flag": flag, "taken": request.method == "POST", "duty_telephone": settings.OUT_OF_HOURS_TELEPHONE}
        response = render(request, "triage/taken_on.html", context)
    # The link is the key: no other site is told the address it stands in.
    response["Referrer-Policy"] = "same-origin"
    return response
