"""A case on loan to a partner service, and back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from cases import services
from cases.forms.support import BackForm, LendForm
from cases.pages import case_page
from cases.selectors.loans import lenders
from cases.views.common import add_errors, refuse_readers
from cluster_ehs.core.once import once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest


def lend(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="services")
    refuse_readers(page)
    form = LendForm(posted(request), partners=lenders(), cancel_url=reverse("case-services", args=[pk]))

    def make() -> str:
        partner = form.partners[form.values["partner"]]
        services.lend_case(by=request.user, case=page["case"], **{**form.values, "partner": partner})
        messages.success(request, f"The case is on loan to {partner}.")
        return reverse("case-services", args=[pk])

    lead = "The case stays open, with its lead worker, plan and formulation, and carries on when it is back."
    return _answer(request, page, form, make, title="Lend the case", lead=lead)


def take_back(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="services")
    refuse_readers(page)
    form = BackForm(posted(request), cancel_url=reverse("case-services", args=[pk]))

    def make() -> str:
        services.take_case_back(by=request.user, case=page["case"], **form.values)
        messages.success(request, "The case is back and carries on where it was.")
        return reverse("case", args=[pk])

    return _answer(request, page, form, make, title="The case is back", lead="")


def _answer(
    request: UserRequest, page: dict[str, Any], form: Any, make: Callable[[], str], **context: Any
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(once(user_id=request.user.pk, key=form.token, make=make))
        except ValidationError as error:
            add_errors(form, error)
    status = 422 if request.method == "POST" else 200
    return render(request, "cases/form.html", page | {"form": form} | context, status=status)
