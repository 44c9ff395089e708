"""A leader gives a case one more service, or a service another worker; whoever works on it ends it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from cases import services
from cases.forms.support_workers import AddServiceForm, ChangeWorkerForm, EndServiceForm
from cases.models import CaseService
from cases.pages import case_page
from cases.policies import check_leads, check_open
from cases.selectors.support import services_to_add
from cases.selectors.workload import caseload
from cases.views.common import add_errors, refuse_readers
from cluster_ehs.core.once import answered, once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest


def service_add(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="services")
    case = page["case"]
    check_leads(request.user, case.cluster_id, "add a service to a case")
    check_open(case)
    form = AddServiceForm(
        posted(request),
        services=services_to_add(case.cluster_id),
        people=[person for person in page["people"] if person.in_household],
        loads=caseload([case.cluster_id]),
        cancel_url=reverse("case-services", args=[pk]),
    )

    def make() -> str:
        row = services.add_service(by=request.user, case=case, **form.service_values)
        messages.success(request, f"{row.service.name} is added; {row.worker.name} is told.")
        return reverse("case-services", args=[pk])

    lead = "A family that waits for a service gets it from the waiting list. Use this for one that was not offered."
    return _answer(request, page, form, make, title="Add a service", lead=lead)


def service_worker(request: UserRequest, pk: UUID, service_id: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="services")
    case = page["case"]
    check_leads(request.user, case.cluster_id, "give a service to another worker")
    check_open(case)
    found = _service(pk, service_id)
    form = ChangeWorkerForm(
        posted(request),
        loads=[load for load in caseload([case.cluster_id]) if load.worker.pk != found.worker_id],
        private=found.service.notes_are_private,
        cancel_url=reverse("case-services", args=[pk]),
    )

    def make() -> str:
        given = form.values
        services.change_worker(
            by=request.user, case_service=found, to=form.workers[given["to"]], text=given["text"], on=given["on"]
        )
        messages.success(request, "Handed over; the new worker is told.")
        return reverse("case-services", args=[pk])

    title = f"Another worker for {found.service.name.lower()}"
    return _answer(request, page, form, make, title=title, lead=f"{found.worker.name} gives it now.")


def service_end(request: UserRequest, pk: UUID, service_id: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="services")
    refuse_readers(page)
    found = _service(pk, service_id)
    form = EndServiceForm(posted(request), cancel_url=reverse("case-services", args=[pk]))

    def make() -> str:
        services.end_service(by=request.user, case_service=found, **form.values)
        messages.success(request, f"{found.service.name} has ended. The case stays open.")
        return reverse("case-services", args=[pk])

    lead = "The case and its other services go on. What was planned of this service is taken back."
    return _answer(request, page, form, make, title=f"End {found.service.name.lower()}", lead=lead)


def _service(case_id: UUID, pk: UUID) -> CaseService:
    return get_object_or_404(CaseService.objects.select_related("service", "case", "worker"), pk=pk, case_id=case_id)


def _answer(
    request: UserRequest, page: dict[str, Any], form: Any, make: Callable[[], str], **context: Any
) -> HttpResponse:
    """The form, or where the first delivery of it led."""
    if request.method == "POST" and not form.is_valid():
        # The worker who was chosen the first time is no choice any more.
        if earlier := answered(user_id=request.user.pk, key=form.token):
            return redirect(earlier)
    elif request.method == "POST":
        try:
            return redirect(once(user_id=request.user.pk, key=form.token, make=make))
        except ValidationError as error:
            add_errors(form, error)
    return render(request, "cases/form.html", page | {"form": form} | context)
