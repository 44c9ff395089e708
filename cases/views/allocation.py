"""From the waiting list to a worker."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from cases import services
from cases.forms.allocation import AllocateForm
from cases.models import Case
from cases.policies import check_allocate
from cases.selectors.case import people_of
from cases.selectors.workload import caseload, holders_of
from cases.slots import address
from cases.views.common import add_errors
from cluster_ehs.core import audit
from cluster_ehs.core.once import once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from triage.models import Offer


def allocate(request: UserRequest, pk: UUID) -> HttpResponse:
    """One offer: who it is for, what each worker has, and who takes it."""
    offer = get_object_or_404(
        Offer.objects.select_related("service", "family", "cluster", "person", "wait_reason", "decision__referral"),
        pk=pk,
    )
    check_allocate(request.user, offer.cluster_id)
    case = Case.objects.open().filter(family_id=offer.family_id).first()
    back_url = address("waiting-list")
    loads = caseload([offer.cluster_id], service_id=offer.service_id, holders=holders_of(case) if case else ())
    form = AllocateForm(posted(request), loads=loads, ask_lead=case is None, cancel_url=back_url)
    if request.method == "POST" and offer.status != Offer.Status.WAITING:
        # Sent twice: the answer is the first one's. Else somebody was first, and the service says who.
        return redirect(_save(request, offer, form))
    if request.method == "POST" and form.is_valid():
        url = _save(request, offer, form)
        if url:
            messages.success(request, "Allocated; the worker is told.")
            return redirect(url)
    if request.method == "GET":
        audit.look(by=request.user, at=offer, page="allocate")
    return render(
        request,
        "cases/allocate.html",
        {
            "offer": offer,
            "form": form,
            "case": case,
            "loads": loads,
            "people": people_of(offer.family_id),
            "back_url": back_url,
            "weeks": offer.weeks_waited(timezone.localdate()),
        },
    )


def _save(request: UserRequest, offer: Offer, form: AllocateForm) -> str:
    form.is_valid()
    values = form.values

    def make() -> str:
        worker = form.workers.get(values.get("worker", ""))
        case = services.open_case(
            by=request.user,
            offers=[offer],
            lead_worker=form.workers.get(values.get("lead_worker", "")),
            workers={offer.pk: worker} if worker else {},
            next_step=values.get("next_step", ""),
            next_step_on=values.get("next_step_on"),
        )
        return reverse("case", args=[case.pk])

    try:
        return once(user_id=request.user.pk, key=form.token, make=make)
    except ValidationError as error:
        add_errors(form, error)
        return ""
