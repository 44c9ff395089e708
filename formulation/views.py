"""The formulation of a case: read, written, made anew, used in the plan."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages import case_page
from cases.services.stale import Stale
from cluster_ehs.core import drafts
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.once import once
from formulation import selectors
from formulation.forms import FormulationForm
from formulation.models import Formulation
from formulation.policies import check_formulate
from formulation.selectors import boxes, factors_of, versions
from formulation.services import save_formulation


def page_context(request: HttpRequest, pk: UUID) -> dict[str, Any]:
    """The frame of the case and every version. Formulations are free text: read by the Cluster's staff."""
    page = case_page(request, pk, tab="formulation")
    if not selectors.reads_text(request.user, case=page["case"]):
        raise Denied("A formulation is read by the practitioners and leaders of the Cluster.")
    return {**page, "versions": versions(page["case"])}


def version_of(page: dict[str, Any], number: int | None) -> Formulation:
    for formulation in page["versions"]:
        if number in (None, formulation.number):
            return formulation
    raise Http404


@require_safe
def formulation(request: HttpRequest, pk: UUID, number: int | None = None) -> HttpResponse:
    """One version to read and to print, the latest without a number."""
    page = page_context(request, pk)
    if not page["versions"] and number is None:
        return render(request, "formulation/none.html", page)
    shown = version_of(page, number)
    latest = page["versions"][0]
    names = {person.pk: person for person in page["people"]}
    return render(
        request,
        "formulation/formulation.html",
        {
            **page,
            "shown": shown,
            "latest": latest,
            "boxes": boxes(factors_of(shown)),
            "took_part": [names[pk].short_name for pk in shown.took_part if pk in names],
            "can_use": page["can_write"] and shown.pk == latest.pk,
        },
    )


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: UUID, anew: bool = False) -> HttpResponse:
    """Write the formulation: on in the latest version, or `anew` in the next one, which begins as its copy."""
    page = page_context(request, pk)
    check_formulate(request.user, page["case"])
    latest = page["versions"][0] if page["versions"] else None
    number = (latest.number if latest else 0) + 1 if anew or latest is None else latest.number
    key = f"formulation:{page['case'].pk}:{number}"
    factors = factors_of(latest) if latest else []
    draft = drafts.load(request.user, key) if request.method == "GET" else None
    typed = request.POST if request.method == "POST" else drafts.as_posted(draft.data) if draft else None
    form = FormulationForm(
        typed,
        people=page["people"],
        domains=selectors.domains(f.domain_id for f in factors if f.domain_id),
        formulation=latest,
        factors=factors,
        number=number,
        draft_key=key,
        draft_version=draft.version if draft else 0,
        cancel_url=reverse("case-formulation", args=[pk]) if latest else reverse("case", args=[pk]),
    )
    context = {**page, "form": form, "latest": latest, "number": number, "anew": anew, "draft": draft}
    if draft or "add" in request.POST:
        drafts.unjudged(form)
    elif request.method == "POST" and form.is_valid():
        try:
            return redirect(save(request, page, form, key))
        except Stale as stale:
            context |= overtaken(form, page, stale.current)
        except ValidationError as error:
            for message in error.messages:
                form.add_error(None, message)
    return render(request, "formulation/edit.html", context)


def save(request: HttpRequest, page: dict[str, Any], form: FormulationForm, key: str) -> str:
    """Save once, also when sent twice; the address of the page that shows it."""

    def make() -> str:
        values = form.values
        made = save_formulation(
            by=request.user,
            case=page["case"],
            lines=form.lines,
            made_on=values["made_on"],
            setting=values["setting"],
            person_ids=[UUID(person) for person in values["people"]],
            professionals=values["professionals"],
            summary=values["summary"],
            number=values["number"],
            seen_version=form.seen_version,
        )
        drafts.discard(request.user, key)
        messages.success(request, f"Formulation {made.number} saved.")
        return reverse("case-formulation", args=[page["case"].pk])

    with transaction.atomic():
        return once(user_id=request.user.pk, key=f"formulation:{form.token}", make=make)


def overtaken(form: FormulationForm, page: dict[str, Any], current: Formulation) -> dict[str, Any]:
    """Both texts: theirs to read above, mine in the fields with the lines that only theirs has."""
    theirs = version_of({"versions": versions(page["case"])}, current.number)
    factors = factors_of(theirs)
    saved = selectors.last_saved(theirs)
    by = saved.actor if saved else theirs.author.name
    form.with_lines_of(theirs, factors, saved_by=by)
    return {
        "theirs": theirs,
        "their_boxes": boxes(factors),
        "their_actor": by,
        "their_at": saved.at if saved else theirs.created_at,
        "number": theirs.number,
    }
