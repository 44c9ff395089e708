"""The formulation of a case: read, written, made anew, used in the plan."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages import case_page
from cases.services.plan import AT_MOST, FOURTH_GOAL, set_goal
from cases.services.stale import Stale
from cases.slots import address
from cluster_ehs.core import drafts
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.once import once
from clusters.http import UserRequest
from formulation import selectors
from formulation.forms import FormulationForm, UseForm
from formulation.models import Factor, Formulation
from formulation.policies import check_formulate
from formulation.selectors import boxes, factors_of, versions
from formulation.services import link_factor, save_formulation


def page_context(request: UserRequest, pk: UUID) -> dict[str, Any]:
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
def formulation(request: UserRequest, pk: UUID, number: int | None = None) -> HttpResponse:
    """One version to read and to print, the latest without a number."""
    page = page_context(request, pk)
    if not page["versions"] and number is None:
        return render(request, "formulation/none.html", page)
    shown = version_of(page, number)
    latest = page["versions"][0]
    there = set(shown.took_part)  # type: ignore[attr-defined]
    return render(
        request,
        "formulation/formulation.html",
        {
            **page,
            "shown": shown,
            "latest": latest,
            "boxes": boxes(factors_of(shown)),
            "took_part": selectors.joined([person.short_name for person in page["people"] if person.pk in there]),
            "can_use": page["can_write"] and shown.pk == latest.pk,
        },
    )


@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: UUID, anew: bool = False) -> HttpResponse:
    """Write the formulation: on in the latest version, or `anew` in the next one, which begins as its copy."""
    page = page_context(request, pk)
    if not page["can_write"]:
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
    status = 200
    if draft or "add" in request.POST:
        drafts.unjudged(form)
    elif request.method == "POST" and form.is_valid():
        try:
            return redirect(save(request, page, form, key))
        except Stale as stale:
            status = 409
            context |= overtaken(form, page, stale.current)
        except ValidationError as error:
            for message in error.messages:
                form.add_error(None, message)
    return render(request, "formulation/edit.html", context, status=status)


@require_http_methods(["GET", "POST"])
def use_factor(request: UserRequest, pk: UUID, factor_pk: UUID) -> HttpResponse:
    """“Use in the plan”: say that a live goal addresses the factor, or agree a new goal that does."""
    page = case_page(request, pk, tab="formulation")
    case = page["case"]
    if not page["can_write"]:
        check_formulate(request.user, case)
    factor = get_object_or_404(Factor.objects.select_related("formulation"), pk=factor_pk, formulation__case=case)
    goals = selectors.goals_to_link(case)
    full = len(goals) >= AT_MOST
    posted = request.POST if request.method == "POST" else None
    form = UseForm(posted, goals=goals, full=full, cancel_url=reverse("case-formulation", args=[pk]))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                return redirect(
                    once(user_id=request.user.pk, key=form.token, make=lambda: take_up(request, page, form, factor))
                )
        except ValidationError as error:
            for message in error.messages:
                form.add_error(None, message)
    context = {**page, "form": form, "factor": factor, "full": FOURTH_GOAL if full else ""}
    return render(request, "formulation/use.html", context)


def take_up(request: UserRequest, page: dict[str, Any], form: UseForm, factor: Factor) -> str:
    """Link the factor; the address of the goal's own page when the goal is new, for what else was agreed."""
    case = page["case"]
    chosen = form.goal
    goal = chosen or set_goal(by=request.user, case=case, words=form.values["words"])
    link_factor(by=request.user, case=case, goal=goal, factor=factor)
    messages.success(request, f"The goal “{goal.words}” addresses “{factor.text}”.")
    plan = reverse("case-plan", args=[case.pk])
    return plan if chosen else address("goal-edit", case.pk, goal.pk) or plan


def save(request: UserRequest, page: dict[str, Any], form: FormulationForm, key: str) -> str:
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
        return once(user_id=request.user.pk, key=form.token, make=make)


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
