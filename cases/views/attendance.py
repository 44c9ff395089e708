"""School attendance over time: typed, corrected, from a school's file; and the stages of legal action on it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from cases.attendance_csv import COLUMNS, read
from cases.forms.attendance import FileForm, LegalForm, PeriodForm
from cases.models import LegalStep, SchoolAttendance
from cases.pages import case_page
from cases.selectors.attendance import of_children
from cases.services.attendance import record_attendance, record_legal_step
from cases.views.common import refuse_readers
from cases.views.steps import save_once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest

FORM = ["GET", "HEAD", "POST"]


@require_GET
def attendance(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="attendance")
    return render(request, "cases/attendance.html", page | {"rows": of_children(pk, page["people"])})


@require_http_methods(FORM)
def period(request: UserRequest, pk: UUID, period_id: UUID | None = None) -> HttpResponse:
    page = case_page(request, pk, tab="attendance")
    refuse_readers(page)
    row = get_object_or_404(SchoolAttendance, pk=period_id, case_id=pk) if period_id else None
    back = reverse("case-attendance", args=[pk])
    form = PeriodForm(posted(request), people=page["people"], row=row, cancel_url=back)

    def make() -> str:
        record_attendance(by=request.user, case=page["case"], periods=[form.period], correct=row)
        messages.success(request, "Attendance saved.")
        return back

    if request.method == "POST" and form.is_valid() and (url := save_once(request, form, make)):
        return redirect(url)
    title = "Put attendance right" if row else "Attendance of a period"
    return render(request, "cases/form.html", page | {"form": form, "title": title})


@require_http_methods(FORM)
def from_file(request: UserRequest, pk: UUID) -> HttpResponse:
    """First what the file says, line by line, with what is wrong; saved when it is sent once more, whole or not."""
    page = case_page(request, pk, tab="attendance")
    refuse_readers(page)
    back = reverse("case-attendance", args=[pk])
    form = FileForm(posted(request), request.FILES or None, cancel_url=back)
    context: dict[str, Any] = {"form": form, "columns": COLUMNS}
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        try:
            lines = read(text, page["people"], timezone.localdate())
        except ValueError as error:
            form.add_error("file", str(error))
        else:
            wrong = sum(bool(line.errors) for line in lines)

            def make() -> str:
                periods = [line.period for line in lines if line.period is not None]
                record_attendance(by=request.user, case=page["case"], periods=periods)
                messages.success(request, f"{len(periods)} periods saved.")
                return back

            if not wrong and "save" in request.POST and (url := save_once(request, form, make)):
                return redirect(url)
            context |= {"lines": lines, "wrong": wrong, "text": text}
    return render(request, "cases/attendance_file.html", page | context)


@require_http_methods(FORM)
def legal(request: UserRequest, pk: UUID, legal_id: UUID | None = None) -> HttpResponse:
    page = case_page(request, pk, tab="attendance")
    refuse_readers(page)
    row = get_object_or_404(LegalStep, pk=legal_id, case_id=pk) if legal_id else None
    back = reverse("case-attendance", args=[pk])
    form = LegalForm(posted(request), people=page["people"], row=row, cancel_url=back)

    def make() -> str:
        values = dict(form.values)
        person = form.children[values.pop("person")]
        record_legal_step(by=request.user, case=page["case"], person=person, correct=row, **values)
        messages.success(request, "Saved.")
        return back

    if request.method == "POST" and form.is_valid() and (url := save_once(request, form, make)):
        return redirect(url)
    title = "A stage of legal action, and what came of it" if row else "A stage of legal action on attendance"
    return render(request, "cases/form.html", page | {"form": form, "title": title})
