"""What came in from outside and is to be matched: the queue, one beside the children it may be about, and its end."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cluster_ehs.core import audit
from cluster_ehs.core.once import once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from families.models import Family, Person
from referrals import policies
from referrals.intake import bring_back_intake, discard_intake, given, pass_intake, take_intake
from referrals.intake_changes import changes_of, note_change, versions_of
from referrals.intake_forms import PassForm, SetAsideForm, TakeForm
from referrals.intake_selectors import candidates, days_waiting, dealt_with, rejects, to_look_at, to_match
from referrals.models import Intake


@require_safe
def list_page(request: UserRequest) -> HttpResponse:
    policies.check_to_match(request.user)
    rows = [{"intake": intake, "days": days_waiting(intake)} for intake in to_match(request.user)]
    leads = policies.can_bring_files(request.user)
    context = {
        "rows": rows,
        "done": dealt_with(request.user),
        "changed": to_look_at(request.user),
        "leads": leads,
        "rejects": len(rejects()) if leads else 0,
    }
    return render(request, "referrals/intake/list.html", context)


def _found(request: UserRequest, pk: UUID) -> Intake:
    rows = Intake.objects.select_related("cluster", "school", "acted_by", "referral")
    intake = get_object_or_404(rows, pk=pk)
    policies.check_intake(request.user, intake)
    if request.method == "GET":
        audit.look(by=request.user, at=intake, page=f"to match {intake.reference}")
    return intake


def _known(model: type[Any], key: UUID | None, intake: Intake) -> Any:
    if key is None:
        return None
    row = model.objects.filter(pk=key, cluster_id=intake.cluster_id).first()
    if row is None:
        raise Http404
    return row


@require_http_methods(["GET", "POST"])
def intake_page(request: UserRequest, pk: UUID) -> HttpResponse:
    """What was given beside who may be meant; POST makes the referral."""
    intake = _found(request, pk)
    form = TakeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        child = _known(Person, form.values["child"], intake)
        family = _known(Family, form.values["family"], intake)

        def make() -> str:
            referral = take_intake(by=request.user, intake=intake, child=child, family=family)
            messages.success(request, f"Referral {referral.reference} is logged and waits to be screened.")
            return reverse("referral", args=[referral.pk])

        try:
            with transaction.atomic():
                return redirect(once(user_id=request.user.pk, key=form.token, make=make))
        except ValidationError as error:
            form.add_error(None, error.messages)
    new = intake.state == Intake.State.NEW
    likely, elsewhere = candidates(intake) if new else ([], [])
    versions = versions_of(intake) if intake.changed_at else []
    context = {
        "intake": intake,
        "given": given(intake.payload),
        "days": days_waiting(intake),
        "candidates": likely,
        "elsewhere": elsewhere,
        "form": form,
        "new": new,
        "versions": [(version, given(version.payload)) for version in versions],
        "changes": changes_of(intake, versions),
    }
    return render(request, "referrals/intake/page.html", context)


@require_http_methods(["GET", "POST"])
def discard_page(request: UserRequest, pk: UUID) -> HttpResponse:
    intake = _found(request, pk)
    form = SetAsideForm(posted(request), cancel_url=reverse("intake", args=[pk]), with_token=False)
    if request.method == "POST" and form.is_valid():
        discard_intake(by=request.user, intake=intake, reason=form.values["reason"])
        messages.success(request, f"{intake.reference} was set aside. It can be brought back.")
        return redirect("intake-list")
    return render(request, "layouts/form.html", {"form": form, "title": f"Set {intake.reference} aside"})


@require_POST
def back(request: UserRequest, pk: UUID) -> HttpResponse:
    bring_back_intake(by=request.user, intake=_found(request, pk))
    messages.success(request, "It waits to be matched again.")
    return redirect("intake", pk=pk)


@require_POST
def changed(request: UserRequest, pk: UUID) -> HttpResponse:
    """Somebody has looked at what the sender changed: it goes into the notes of the referral."""
    intake = _found(request, pk)
    if not note_change(by=request.user, intake=intake) or intake.referral is None:
        messages.info(request, "There is no change to look at.")
        return redirect("intake", pk=pk)
    messages.success(request, f"What changed stands in the notes of {intake.referral.reference}.")
    return redirect("referral", pk=intake.referral.pk)


@require_http_methods(["GET", "POST"])
def pass_page(request: UserRequest, pk: UUID) -> HttpResponse:
    intake = _found(request, pk)
    form = PassForm(posted(request), but=intake.cluster_id, cancel_url=reverse("intake", args=[pk]), with_token=False)
    if request.method == "POST" and form.is_valid():
        to = form.values["cluster"]
        pass_intake(by=request.user, intake=intake, cluster=to)
        messages.success(request, f"{intake.reference} was passed to {to}.")
        return redirect("intake-list")
    lead = "The other Cluster sees it at once. You no longer will."
    title = f"Pass {intake.reference} to another Cluster"
    return render(request, "layouts/form.html", {"form": form, "title": title, "lead": lead})
