"""Interpreters of a family: a booking, and what became of it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from cases import services
from cases.forms.interpreter import BookingForm, SettleForm
from cases.models import CaseMeeting, InterpreterBooking, PlannedSession
from cases.pages import case_page
from cases.selectors.interpreters import who_needs
from cases.views.common import add_errors, refuse_readers
from cluster_ehs.core.once import once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.models import Term, Vocabulary


def interpreter_new(request: UserRequest, pk: UUID) -> HttpResponse:
    """For something planned or a meeting, when the address names one; else for a day that is typed."""
    page = case_page(request, pk, tab="services")
    refuse_readers(page)
    planned = _named(PlannedSession, pk, request.GET.get("planned", ""))
    meeting = _named(CaseMeeting, pk, request.GET.get("meeting", ""))
    at = planned.at if planned else (meeting.held_at if meeting else None)
    form = BookingForm(
        posted(request),
        needs=who_needs(page["people"]),
        languages=list(Term.objects.of(Vocabulary.LANGUAGE).current()),
        at=at,
        cancel_url=reverse("case-services", args=[pk]),
    )

    def make() -> str:
        services.book_interpreter(
            by=request.user, case=page["case"], planned=planned, meeting=meeting, **form.service_values
        )
        messages.success(request, "The interpreter is recorded.")
        return reverse("case-services", args=[pk])

    return _answer(request, form, make, page | {"title": "Book an interpreter"})


def _named(model: Any, case_id: UUID, pk: str) -> Any:
    try:
        return model.objects.filter(case_id=case_id, pk=UUID(pk)).first() if pk else None
    except ValueError:
        return None


def interpreter(request: UserRequest, pk: UUID) -> HttpResponse:
    """Booked, used, cancelled: with minutes and cost."""
    found = get_object_or_404(InterpreterBooking.objects.select_related("case", "language", "person"), pk=pk)
    page = case_page(request, found.case_id, tab="services")
    refuse_readers(page)
    back = reverse("case-services", args=[found.case_id])
    form = SettleForm(posted(request), booking=found, cancel_url=back)

    def make() -> str:
        services.settle_interpreter(by=request.user, booking=found, **form.service_values)
        messages.success(request, "Saved.")
        return back

    whom = f" for {found.person.short_name}" if found.person else ""
    lead = (
        f"{found.language.label}{whom}, {timezone.localtime(found.at):%-d %B %Y at %H:%M}, "
        f"{found.minutes_booked} minutes, {found.get_mode_display().lower()}."
    )
    return _answer(request, form, make, page | {"title": "Interpreter", "lead": lead})


def _answer(request: UserRequest, form: Any, make: Callable[[], str], context: dict[str, Any]) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(once(user_id=request.user.pk, key=form.token, make=make))
        except ValidationError as error:
            for old, shown in (("pence", "pounds"),):
                if old in getattr(error, "error_dict", {}):
                    error.error_dict[shown] = error.error_dict.pop(old)
            add_errors(form, error)
    return render(request, "cases/form.html", {"form": form} | context)
