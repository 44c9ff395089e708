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
from cluster_ehs.core import audit, drafts, pdf
from cluster_ehs.core.once import once
from clusters.http import UserRequest
from formulation import selectors
from formulation.assessment_selectors import assessments, summary
from formulation.forms import FormulationForm, UseForm
from formulation.frames import case_frame, referral_frame, rows_of
from formulation.models import Factor, Formulation, Setting
from formulation.policies import check_formulate, check_formulate_at_screening
from formulation.selectors import boxes, factors_of, size_of_print, versions
from formulation.services import is_kept, link_factor, save_formulation


def version_of(page: dict[str, Any], number: int | None) -> Formulation:
    for formulation in page["versions"]:
        if number in (None, formulation.number):
            return formulation
    raise Http404


@require_safe
def formulation(request: UserRequest, pk: UUID, number: int | None = None) -> HttpResponse:
    """One version to read and to print, the latest without a number."""
    page = case_frame(request, pk)
    return _read(request, {**page, **selectors.versions_of_case(page["case"])}, number)


@require_safe
def at_screening(request: UserRequest, pk: UUID) -> HttpResponse:
    """What was formulated at the screening of a referral; in the case once it was carried there."""
    page = referral_frame(request, pk)
    page["versions"] = versions(**rows_of(page))
    if not page["versions"] and page["case"]:
        return redirect("case-formulation", pk=page["case"].pk)
    return _read(request, page, None)


def _read(request: UserRequest, page: dict[str, Any], number: int | None) -> HttpResponse:
    page["told"] = summary(assessments(**rows_of(page)).first())
    if not page["versions"] and number is None:
        return render(request, "formulation/none.html", page)
    shown = version_of(page, number)
    latest = page["versions"][0]
    there = set(shown.took_part)  # type: ignore[attr-defined]
    newest = page["can_write"] and shown.pk == latest.pk
    context = {
        "shown": shown,
        "latest": latest,
        "boxes": boxes(factors_of(shown)),
        "took_part": selectors.joined([person.short_name for person in page["people"] if person.pk in there]),
        "newest": newest,
        "kept": is_kept(latest),
        "can_use": newest and not page["referral"],
    }
    return render(request, "formulation/formulation.html", {**page, **context})


@require_safe
def as_pdf(request: UserRequest, pk: UUID, number: int) -> HttpResponse:
    """The page to take to the family, as a file."""
    page = case_frame(request, pk)
    page |= {**selectors.versions_of_case(page["case"])}
    shown = version_of(page, number)
    there = set(shown.took_part)  # type: ignore[attr-defined]
    found = factors_of(shown)
    context = {
        "shown": shown,
        "family": page["family"],
        "boxes": boxes(found),
        "took_part": selectors.joined([person.short_name for person in page["people"] if person.pk in there]),
        "size": size_of_print(shown, found),
    }
    document = pdf.render_pdf("formulation/print.html", context)
    text = f"Formulation {shown.number} as a PDF"
    audit.event(by=request.user, kind="download", text=text, about=shown)
    return HttpResponse(
        document,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="formulation-{shown.made_on}.pdf"'},
    )


@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: UUID, anew: bool = False) -> HttpResponse:
    """Write the formulation: on in the latest version, or `anew` in the next one, which begins as its copy."""
    page = case_frame(request, pk)
    if not page["can_write"]:
        check_formulate(request.user, page["case"])
    return _write(request, {**page, **selectors.versions_of_case(page["case"])}, anew=anew)


@require_http_methods(["GET", "POST"])
def edit_at_screening(request: UserRequest, pk: UUID) -> HttpResponse:
    """Begin the formulation with the referral, before there is a case."""
    page = referral_frame(request, pk)
    if page["case"]:
        return redirect("formulation-edit", pk=page["case"].pk)
    if not page["can_write"]:
        check_formulate_at_screening(request.user, page["referral"])
    page["versions"] = versions(**rows_of(page))
    return _write(request, page, anew=False, setting=Setting.SCREENING)


def _write(
    request: UserRequest, page: dict[str, Any], *, anew: bool, setting: str = Setting.WITH_FAMILY
) -> HttpResponse:
    latest = page["versions"][0] if page["versions"] else None
    # A finished assessment keeps its version; whoever writes on begins the next.
    anew = anew or (latest is not None and is_kept(latest))
    number = (latest.number if latest else 0) + 1 if anew or latest is None else latest.number
    key = f"formulation:{(page['referral'] or page['case']).pk}:{number}"
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
        setting=setting,
        draft_key=key,
        draft_version=draft.version if draft else 0,
        cancel_url=page["read_url"] if latest else page["back_url"],
    )
    context = {**page, "form": form, "latest": latest, "number": number, "anew": anew, "draft": draft}
    status = 200
    if draft or form.is_rearranging:
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
    form = UseForm(
        posted,
        goals=goals,
        full=full,
        factors=factors_of(factor.formulation),
        chosen=factor,
        cancel_url=reverse("case-formulation", args=[pk]),
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                return redirect(
                    once(user_id=request.user.pk, key=form.token, make=lambda: take_up(request, page, form))
                )
        except ValidationError as error:
            for message in error.messages:
                form.add_error(None, message)
    context = {**page, "form": form, "factor": factor, "full": FOURTH_GOAL if full else ""}
    return render(request, "formulation/use.html", context)


def take_up(request: UserRequest, page: dict[str, Any], form: UseForm) -> str:
    """Link the factors; the address of the goal's own page when the goal is new, for what else was agreed."""
    case = page["case"]
    chosen = form.goal
    goal = chosen or set_goal(by=request.user, case=case, words=form.values["words"])
    for factor in form.chosen:
        link_factor(by=request.user, case=case, goal=goal, factor=factor)
    said = selectors.joined([f"“{factor.text}”" for factor in form.chosen])
    messages.success(request, f"The goal “{goal.words}” addresses {said}.")
    plan = reverse("case-plan", args=[case.pk])
    return plan if chosen else address("goal-edit", case.pk, goal.pk) or plan


def save(request: UserRequest, page: dict[str, Any], form: FormulationForm, key: str) -> str:
    """Save once, also when sent twice; the address of the page that shows it."""

    def make() -> str:
        values = form.values
        made = save_formulation(
            by=request.user,
            case=None if page["referral"] else page["case"],
            referral=page["referral"],
            lines=form.lines,
            made_on=values["made_on"],
            setting=values["setting"],
            person_ids=[UUID(person) for person in values["people"]],
            professionals=values["professionals"],
            summary=values["summary"],
            number=values["number"],
            seen_version=form.seen_version,
        )
        drafts.finish(request, key)
        messages.success(request, f"Formulation {made.number} saved.")
        return str(page["read_url"])

    with transaction.atomic():
        return once(user_id=request.user.pk, key=form.token, make=make)


def overtaken(form: FormulationForm, page: dict[str, Any], current: Formulation) -> dict[str, Any]:
    """Both texts: theirs to read above, mine in the fields with the lines that only theirs has."""
    theirs = version_of({"versions": versions(**rows_of(page))}, current.number)
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
