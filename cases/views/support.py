"""Services of a case: what is used, asking for more, and the leader's answer."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from cases import services
from cases.forms.support import AnswerForm, ExtensionForm
from cases.models import CaseService, Extension
from cases.pages import case_page
from cases.policies import check_leads, leads_cluster
from cases.selectors.interpreters import bookings_of, who_needs
from cases.selectors.loans import loans_of
from cases.selectors.sessions import of_case, what, whose
from cases.selectors.support import begun_on, can_be_extended, counted_in_sessions, handovers_of, use_of
from cases.views.common import add_errors, refuse_readers
from cluster_ehs.core.once import once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest


@require_GET
def service_list(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="services")
    leads = leads_cluster(request.user, page["case"].cluster_id)
    handovers = handovers_of(pk)
    rows = [
        {
            "service": service,
            "handovers": handovers.get(service.pk, []),
            "end": page["can_write"] and service.status == CaseService.Status.ACTIVE,
            "change": page["can_write"] and leads and service.status == CaseService.Status.ACTIVE,
            "use": use_of(service),
            "begun_on": begun_on(service),
            "extend": page["can_write"] and can_be_extended(service),
            "record": page["can_write"]
            and service.status == CaseService.Status.ACTIVE
            and (not service.service.notes_are_private or service.worker_id == request.user.pk),
        }
        for service in page["services"]
    ]
    loans = loans_of(pk)
    context = {
        "rows": rows,
        "leads": leads,
        "loans": loans,
        "out": any(loan.back_on is None for loan in loans),
        "planned": [(each, whose(each), what(each)) for each in of_case(pk)],
        "needs": who_needs(page["people"]),
        "bookings": bookings_of(pk),
    }
    return render(request, "cases/services.html", page | context)


def extension(request: UserRequest, pk: UUID, service_id: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="services")
    refuse_readers(page)
    found = get_object_or_404(
        CaseService.objects.select_related("service", "case", "entitlement"), pk=service_id, case_id=pk
    )
    form = ExtensionForm(
        posted(request), in_sessions=counted_in_sessions(found), cancel_url=reverse("case-services", args=[pk])
    )
    if request.method == "POST" and form.is_valid():

        def make() -> str:
            return str(services.ask_extension(by=request.user, case_service=found, **form.values).pk)

        try:
            once(user_id=request.user.pk, key=form.token, make=make)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "The leader is asked.")
            return redirect("case-services", pk=pk)
    context = {"form": form, "title": f"Ask for more {found.service.name.lower()}"}
    return render(request, "cases/form.html", page | context)


def extension_answer(request: UserRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(Extension.objects.select_related("case_service__service", "asked_by"), pk=pk)
    check_leads(request.user, found.cluster_id, "answer an extension")
    page = case_page(request, found.case_service.case_id, tab="services")
    form = AnswerForm(posted(request), cancel_url=reverse("home"))
    if request.method == "POST" and form.is_valid():
        try:
            services.answer_extension(
                by=request.user,
                extension=found,
                approve=form.values["approve"] == "yes",
                answer=form.values["answer"],
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "Answered; the worker is told.")
            return redirect("case-services", pk=found.case_service.case_id)
    lead = f"{found.asked_by.name} asks for {found.more} of {found.case_service.service.name.lower()}: {found.reason}"
    context = {"form": form, "title": "Answer an extension", "lead": lead}
    return render(request, "cases/form.html", page | context)
