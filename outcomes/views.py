"""Closing a case: the guided page, the outcomes tab, the leader's sign-off, opening again, the family's exit plan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.models import Case, CaseStatus, LeadWorker
from cases.pages import case_page
from cases.policies import leads_cluster
from cases.selectors.case import case_with_family
from cases.selectors.plan import cards
from cluster_ehs.core import drafts, slots
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.once import once
from clusters.http import UserRequest
from clusters.models import Role, StaffRole, User
from outcomes import selectors
from outcomes.forms import ClosingForm, ReopenForm, ReturnForm, UndoForm
from outcomes.models import Closure
from outcomes.needs.selectors import at_a_glance
from outcomes.policies import (
    REOPEN_DAYS,
    can_ask,
    can_reopen,
    check_ask,
    check_reopen,
    check_sign,
    reads_text,
)
from outcomes.reopening import check_undo_reopening, undo_reopening, written_since
from outcomes.services import EXIT_PLAN, ask_closure, reopen_case, return_closure, share_exit_plan, sign_off_closure


def outcomes_page(request: UserRequest, pk: UUID) -> dict[str, Any]:
    """The frame of the case. How it ends is free text: read by the Cluster's staff."""
    page = case_page(request, pk, tab="outcomes", cases=case_with_family().annotate(**at_a_glance()))
    if not reads_text(request.user, case=page["case"]):
        raise Denied("Outcomes and exit plans are read by the practitioners and leaders of the Cluster.")
    return page


def workers_of(cluster_id: int) -> list[User]:
    """Who works in a Cluster today: practitioners and leaders; one query."""
    roles = StaffRole.objects.today().filter(cluster_id=cluster_id, role__in=[Role.PRACTITIONER, Role.LEADER])
    return list(User.objects.filter(pk__in=roles.values("user_id"), is_active=True).order_by("name"))


def act(form: Any, user: Any, make: Callable[[], str]) -> str | None:
    """Do it once, also when sent twice; None when the service refuses, with its reasons beside the fields."""
    try:
        with transaction.atomic():
            return once(user_id=user.pk, key=form.token, make=make)
    except ValidationError as error:
        told = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for name, reasons in told.items():
            for reason in reasons:
                form.add_error(name if name in form.fields else None, reason)
        return None


@require_safe
def case_outcomes(request: UserRequest, pk: UUID) -> HttpResponse:
    page = outcomes_page(request, pk)
    case = page["case"]
    found = list(selectors.closures().filter(case=case))
    latest = found[0] if found else None
    return render(
        request,
        "outcomes/outcomes.html",
        {
            **page,
            "goals": selectors.goal_rows(cards(case.pk, page["people"])),
            "closures": found,
            "latest": latest,
            "labels": selectors.outcome_labels(latest.outcome_codes) if latest else [],  # type: ignore[attr-defined]
            "plan_rows": selectors.plan_rows(getattr(latest, "exit_plan", None)),
            "endings": selectors.endings(case),
            "can_ask": can_ask(request.user, case, page["lead_worker"]),
            "can_reopen": can_reopen(request.user, case),
            "reopen_until": selectors.reopen_until(case, REOPEN_DAYS),
            "leads": leads_cluster(request.user, case.cluster_id),
            "can_undo": can_undo(request.user, case, latest),
            "slot_main": slots.render("case.outcomes.main", request, case=case, page=page),
            "slot_side": slots.render("case.outcomes.side", request, case=case, page=page),
        },
    )


@require_http_methods(["GET", "POST"])
def close(request: UserRequest, pk: UUID) -> HttpResponse:
    """The guided page: outcomes, goals, exit plan, the family's view, the day."""
    page = outcomes_page(request, pk)
    case = page["case"]
    check_ask(request.user, case, page["lead_worker"])
    if case.status == CaseStatus.CLOSING and request.method == "GET":
        return redirect("case-outcomes", pk=pk)
    key = f"close:{case.pk}"
    draft = drafts.load(request.user, key) if request.method == "GET" else None
    returned = selectors.closures().filter(case=case, status=Closure.Status.RETURNED).first()
    form = ClosingForm(
        request.POST if request.method == "POST" else drafts.as_posted(draft.data) if draft else None,
        case=case,
        goals=cards(case.pk, page["people"], live=True),
        people=page["people"],
        lead=page["lead_worker"],
        returned=returned,
        stepped_up=selectors.closes_with_step_up(case),
        workers=workers_of(case.cluster_id),
        draft_key=key,
        draft_version=draft.version if draft else 0,
        cancel_url=reverse("case-outcomes", args=[pk]),
    )
    if draft:
        drafts.unjudged(form)
    elif request.method == "POST" and form.is_valid():

        def make() -> str:
            values = form.values
            ask_closure(
                by=request.user,
                case=case,
                outcomes=values["outcomes"],
                closed_on=values["closed_on"],
                goals=form.goal_ends,
                exit_plan={name: values[name] for name in EXIT_PLAN},
                family_view=values["family_view"],
                unresolved=values["unresolved"],
                follow_up_by=form.workers.get(values["follow_up_by"]),
            )
            drafts.finish(request, key)
            messages.success(request, "The leader has been told. The case closes when the closure is signed off.")
            return reverse("case-outcomes", args=[pk])

        url = act(form, request.user, make)
        if url:
            return redirect(url)
    before = slots.render("case.closing", request, case=case, page=page)
    context = {**page, "form": form, "draft": draft, "returned": returned, "slot_before": before}
    return render(request, "outcomes/close.html", context)


@require_http_methods(["GET", "POST"])
def closure(request: UserRequest, pk: UUID) -> HttpResponse:
    """The leader's page: all of a closure at a glance, to be signed off or returned."""
    found = get_object_or_404(selectors.closures().select_related("case"), pk=pk)
    check_sign(request.user, found)
    page = outcomes_page(request, found.case_id)
    back = request.method == "POST" and request.POST.get("act") != "sign"
    form = ReturnForm(request.POST if request.method == "POST" else None, draft_key=f"return:{found.pk}")
    if request.method == "POST":
        if not back:
            # The reason is for returning only; what was typed there does not stop a sign-off.
            form.fields["reason"].required = False
        if form.is_valid():
            url = act(form, request.user, lambda: answer(request, found, form, back=back))
            if url:
                return redirect(url)
    return render(
        request,
        "outcomes/closure.html",
        {
            **page,
            "closure": found,
            "labels": selectors.outcome_labels(found.outcome_codes),  # type: ignore[attr-defined]
            "goal_ends": selectors.goal_ends(found, cards(found.case_id, page["people"])),
            "plan_rows": selectors.plan_rows(getattr(found, "exit_plan", None)),
            "empty_headings": selectors.empty_headings(getattr(found, "exit_plan", None)),
            "form": form,
            "waits": found.status == Closure.Status.ASKED,
            "slot_before": slots.render("case.closing", request, case=page["case"], page=page),
        },
    )


def answer(request: UserRequest, found: Closure, form: ReturnForm, *, back: bool) -> str:
    if back:
        return_closure(by=request.user, closure=found, reason=form.values["reason"])
        messages.success(request, "Returned. The worker has been told.")
    else:
        sign_off_closure(by=request.user, closure=found)
        messages.success(request, "Signed off. The case is closed and its referrals have their endings.")
    drafts.finish(request, f"return:{found.pk}")
    return reverse("case-outcomes", args=[found.case_id])


@require_http_methods(["GET", "POST"])
def reopen(request: UserRequest, pk: UUID) -> HttpResponse:
    page = outcomes_page(request, pk)
    case = page["case"]
    check_reopen(request.user, case)
    last = LeadWorker.objects.filter(case=case).select_related("worker").order_by("-starts_on", "-created_at").first()
    form = ReopenForm(
        request.POST if request.method == "POST" else None,
        workers=workers_of(case.cluster_id),
        last=last.worker if last else None,
        cancel_url=reverse("case-outcomes", args=[pk]),
    )
    if request.method == "POST" and form.is_valid():

        def make() -> str:
            values = form.values
            reopen_case(
                by=request.user, case=case, reason=values["reason"], lead_worker=form.workers[values["lead_worker"]]
            )
            messages.success(request, "The case is open again. The worker has been told.")
            return reverse("case", args=[pk])

        url = act(form, request.user, make)
        if url:
            return redirect(url)
    return render(
        request,
        "outcomes/reopen.html",
        {**page, "form": form, "until": selectors.reopen_until(case, REOPEN_DAYS)},
    )


@require_safe
def exit_plan(request: UserRequest, pk: UUID) -> HttpResponse:
    """The exit plan as the family gets it: one page, plain words, to print."""
    page = outcomes_page(request, pk)
    found = selectors.closures().filter(case=page["case"]).first()
    if found is None:
        raise Http404
    ends = selectors.goal_ends(found, cards(page["case"].pk, page["people"]))
    return render(
        request,
        "outcomes/exit_plan.html",
        {
            **page,
            "closure": found,
            "plan": found.exit_plan,
            "rows": selectors.plan_rows(found.exit_plan, selectors.TO_THE_FAMILY),
            "goals": [row for row in ends if row["scores"]],
        },
    )


@require_POST
def share(request: UserRequest, pk: UUID) -> HttpResponse:
    page = outcomes_page(request, pk)
    found = selectors.closures().filter(case=page["case"]).first()
    if found is None:
        raise Http404
    share_exit_plan(by=request.user, exit_plan=found.exit_plan)
    messages.success(request, "Noted: the family has its exit plan.")
    return redirect("case-outcomes", pk=pk)


def can_undo(user: User, case: Case, latest: Closure | None) -> bool:
    """Whether the page offers to undo the reopening, from what it has loaded."""
    opened = latest.reopened_at if latest and case.status == CaseStatus.OPEN else None
    if opened is None or not leads_cluster(user, case.cluster_id):
        return False
    return timezone.localdate() <= timezone.localdate(opened) + timedelta(days=REOPEN_DAYS)


@require_http_methods(["GET", "POST"])
def reopen_undo(request: UserRequest, pk: UUID) -> HttpResponse:
    """The case was opened again by mistake: close it as it was, or say what speaks against that."""
    page = outcomes_page(request, pk)
    case = page["case"]
    closure = check_undo_reopening(request.user, case)
    form = UndoForm(request.POST if request.method == "POST" else None, cancel_url=reverse("case-outcomes", args=[pk]))
    if request.method == "POST" and form.is_valid():

        def make() -> str:
            undo_reopening(by=request.user, case=case, reason=form.values["reason"])
            messages.success(request, "The case is closed as it was. The reopening stays in the chronology.")
            return reverse("case-outcomes", args=[pk])

        url = act(form, request.user, make)
        if url:
            return redirect(url)
    return render(
        request, "outcomes/reopen_undo.html", {**page, "form": form, "closure": closure, "since": written_since(case)}
    )
