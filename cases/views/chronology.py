"""The chronology: a line to filter, to print, and to keep as PDF; what stands out in it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from cases import services
from cases.forms.chronology import PinForm
from cases.models import Case, Pin
from cases.pages import case_page
from cases.selectors.case import case_with_family
from cases.selectors.chronology import KINDS, LOOKS, MOST, Choice, Found, chronology, entry_of, pins_of, with_pins
from cases.views.common import add_errors, refuse_readers
from cluster_ehs.core import audit, pdf
from cluster_ehs.core.once import once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from families import policies

LAST = (LOOKS,)


def _page(request: UserRequest, pk: UUID, *, name: str = "chronology") -> dict[str, Any]:
    page = case_page(request, pk, tab="chronology", cases=with_pins(case_with_family()))
    if request.method == "POST":
        # What was typed is posted, so that no name stands in an address; a page of a record is shown all the same.
        audit.look(by=request.user, at=page["case"], page=f"case: {name}")
    return page


def _find(request: UserRequest, page: dict[str, Any], choice: Choice, **more: Any) -> Found:
    workers = {service.worker_id for service in page["services"]}
    workers |= {page["lead_worker"].pk} if page["lead_worker"] else set()
    may = policies.can_history(request.user, page["family"], workers=workers)
    return chronology(request, page["case"], choice, people=page["people"], may_see_looks=may, **more)


def _context(page: dict[str, Any], choice: Choice, found: Found) -> dict[str, Any]:
    pins = pins_of(page["case"])
    pinned = {pin["key"] for pin in pins}
    for entry in found.entries:
        entry["pinned"] = entry["key"] in pinned
    order = [*KINDS, *sorted(set(found.kinds) - set(KINDS) - set(LAST), key=lambda kind: found.kinds[kind]), *LAST]
    chosen = [found.kinds[kind] for kind in choice.kinds if kind in found.kinds]
    return page | {
        "entries": found.entries,
        "kinds": [(kind, found.kinds[kind], kind in choice.kinds) for kind in order if kind in found.kinds],
        "chosen_kinds": ", ".join(chosen),
        "choice": choice,
        "chosen_person": found.people.get(choice.person) if choice.person else None,
        "next": found.next,
        "pins": pins,
        "today": timezone.localdate(),
    }


@require_http_methods(["GET", "POST"])
def chronology_page(request: UserRequest, pk: UUID) -> HttpResponse:
    """A page of entries. Words that are looked for are posted; every other choice is part of the address."""
    choice = Choice.read(request.POST if request.method == "POST" else request.GET)
    to = {"print": "case-chronology-print", "pdf": "case-chronology-pdf"}.get(request.POST.get("as", ""))
    if request.method == "POST" and not choice.words:
        get_object_or_404(Case.objects.select_related("family"), pk=pk)
        address = reverse(to or "case-chronology", args=[pk])
        return redirect(f"{address}?{choice.query}" if choice.query else address)
    if to == "case-chronology-pdf":
        return chronology_pdf(request, pk)
    page = _page(request, pk)
    if to:
        return _print(request, page, choice)
    return render(request, "cases/chronology.html", _context(page, choice, _find(request, page, choice)))


def _print(request: UserRequest, page: dict[str, Any], choice: Choice) -> HttpResponse:
    found = _find(request, page, choice, most=MOST)
    return render(request, "cases/chronology_print.html", _context(page, choice, found) | {"pdf": not pdf.MISSING})


@require_http_methods(["GET", "POST"])
def chronology_print(request: UserRequest, pk: UUID) -> HttpResponse:
    """All that is chosen on one page, without what is not printed."""
    choice = Choice.read(request.POST if request.method == "POST" else request.GET)
    return _print(request, _page(request, pk, name="chronology, printed"), choice)


@require_http_methods(["GET", "POST"])
def chronology_pdf(request: UserRequest, pk: UUID) -> HttpResponse:
    """The same as a tagged PDF."""
    choice = Choice.read(request.POST if request.method == "POST" else request.GET)
    page = _page(request, pk, name="chronology, printed")
    if pdf.MISSING:
        return HttpResponse(pdf.MISSING, status=503, content_type="text/plain; charset=utf-8")
    context = _context(page, choice, _find(request, page, choice, most=MOST))
    document = pdf.render_pdf("cases/chronology_pdf.html", context)
    return HttpResponse(
        document,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="chronology-{page["case"].reference}.pdf"',
            "Cache-Control": "no-store, private",
        },
    )


@require_http_methods(["GET", "POST"])
def pin_new(request: UserRequest, pk: UUID, kind: str, ref: UUID) -> HttpResponse:
    """Mark one entry as a significant event, with the reason."""
    page = case_page(request, pk, tab="chronology")
    refuse_readers(page)
    entry = entry_of(request, page["case"], kind, ref, people=page["people"])
    if entry is None:
        raise Http404
    back = reverse("case-chronology", args=[pk])
    form = PinForm(posted(request), cancel_url=back)
    if request.method == "POST" and form.is_valid():

        def make() -> str:
            pin = services.pin_event(by=request.user, case=page["case"], entry=entry, reason=form.values["reason"])
            return str(pin.pk)

        try:
            once(user_id=request.user.pk, key=form.token, make=make)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "Marked as a significant event.")
            return redirect(back)
    return render(request, "cases/pin.html", page | {"form": form, "entry": entry})


@require_POST
def pin_remove(request: UserRequest, pk: UUID, pin_id: UUID) -> HttpResponse:
    pin = get_object_or_404(Pin.objects.select_related("case"), pk=pin_id, case_id=pk)
    services.unpin_event(by=request.user, pin=pin)
    messages.success(request, "It is no longer among the significant events. The history keeps that it was.")
    return redirect("case-chronology", pk=pk)
