"""The plan: goals as cards, agreeing, changing and ending them, reviews, and the family's private link."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from cases import services
from cases.forms.plan import EndGoalForm, GoalForm, ReviewForm, goal_texts
from cases.models import Goal, GoalAction, GoalStatus
from cases.pages import case_page
from cases.selectors import plan as plans
from cases.selectors.family_page import language_of
from cases.services.plan import AT_MOST, FOURTH_GOAL
from cases.views.common import SAVED_ALREADY, add_errors, content, draft, refuse_readers
from cluster_ehs.core import drafts, slots
from cluster_ehs.core.once import once, with_content
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest


@require_GET
def plan(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="plan")
    factors: dict[UUID, list[str]] = {}
    for filling in slots.gather("case.plan.factors", request, case=page["case"]):
        factors |= filling["by_goal"]
    cards = plans.cards(pk, page["people"], factors=factors)
    live = [card for card in cards if card.goal.status == GoalStatus.LIVE]
    return render(
        request,
        "cases/plan.html",
        page
        | {
            "live": live,
            "ended": [card for card in cards if card.goal.status != GoalStatus.LIVE],
            "full": len(live) >= AT_MOST,
            "fourth_goal": FOURTH_GOAL,
            "language": language_of(page["people"]),
            "reviews": plans.reviews(pk, page["people"]),
            "slot_main": slots.render("case.plan.main", request, case=page["case"], goals=live),
            "slot_beside": slots.render("case.plan.beside", request, case=page["case"], goals=live),
        },
    )


def goal(request: UserRequest, pk: UUID, goal_id: UUID | None = None) -> HttpResponse:
    """Agree a goal, or change one."""
    page = case_page(request, pk, tab="plan")
    refuse_readers(page)
    card = _card(page, pk, goal_id) if goal_id else None
    key = f"goal:{goal_id or pk}"
    kept = draft(request, key)
    options: dict[str, Any] = {
        "people": page["people"],
        "card": card,
        "draft_key": key,
        "draft_version": kept.version if kept else 0,
        "cancel_url": reverse("case-plan", args=[pk]),
    }
    status, theirs = 200, []
    if request.method == "POST":
        form = GoalForm(request.POST, **options)
        if form.is_valid():
            try:
                save_goal(request, page, form, card)
            except ValidationError as error:
                add_errors(form, error)
            except services.Stale as stale:
                theirs = goal_texts(stale.current)
                data = request.POST.copy()
                data["version"] = str(stale.current.version)  # type: ignore[attr-defined]
                form = GoalForm(data, **options)
            else:
                drafts.finish(request, key)
                messages.success(request, "Goal saved.")
                return redirect("case-plan", pk=pk)
        status = 409 if theirs else 200
    else:
        form = drafts.unjudged(GoalForm(drafts.as_posted(kept.data), **options)) if kept else GoalForm(**options)
    title = "Change a goal" if card else "Agree a goal"
    context = {"form": form, "title": title, "theirs": theirs, "kept": kept}
    return render(request, "cases/form.html", page | context, status=status)


def _card(page: dict[str, Any], case_id: UUID, goal_id: UUID) -> plans.GoalCard:
    found = get_object_or_404(plans.goals(case_id), pk=goal_id)
    return plans.card(found, {person.pk: person for person in page["people"]})


def save_goal(request: UserRequest, page: dict[str, Any], form: GoalForm, card: plans.GoalCard | None) -> None:
    def make() -> str:
        saved = services.set_goal(
            by=request.user,
            case=page["case"],
            goal=card.goal if card else None,
            **form.service_values,
        )
        return str(saved.pk)

    said = content(request)
    if card:
        once(user_id=request.user.pk, key=with_content(form.token, said), make=make)
    else:
        once(user_id=request.user.pk, key=form.token, make=make, request_body=said, other_content=SAVED_ALREADY)


def goal_end(request: UserRequest, pk: UUID, goal_id: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="plan")
    refuse_readers(page)
    found = get_object_or_404(Goal.objects.select_related("plan"), pk=goal_id, plan__case_id=pk)
    form = EndGoalForm(posted(request), cancel_url=reverse("case-plan", args=[pk]))
    if request.method == "POST" and form.is_valid():
        try:
            services.end_goal(
                by=request.user,
                goal=found,
                status=form.values["status"],
                reason=form.values["reason"],
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "The goal has ended; its place is free.")
            return redirect("case-plan", pk=pk)
    context = {"form": form, "title": "End a goal", "lead": f"“{found.words}”"}
    return render(request, "cases/form.html", page | context)


def review(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="plan")
    refuse_readers(page)
    key = f"review:{pk}"
    kept = draft(request, key)
    options = {
        "people": page["people"],
        "draft_key": key,
        "draft_version": kept.version if kept else 0,
        "cancel_url": reverse("case-plan", args=[pk]),
    }
    if request.method == "POST":
        form = ReviewForm(request.POST, **options)
        if form.is_valid() and save_review(request, page, form):
            drafts.finish(request, key)
            messages.success(request, "Review saved.")
            return redirect("case-plan", pk=pk)
    else:
        form = drafts.unjudged(ReviewForm(drafts.as_posted(kept.data), **options)) if kept else ReviewForm(**options)
    context = {"form": form, "title": "Review the plan", "kept": kept}
    return render(request, "cases/form.html", page | context)


def save_review(request: UserRequest, page: dict[str, Any], form: ReviewForm) -> bool:
    def make() -> str:
        return str(services.review_plan(by=request.user, case=page["case"], **form.service_values).pk)

    try:
        once(
            user_id=request.user.pk,
            key=form.token,
            make=make,
            request_body=content(request),
            other_content=SAVED_ALREADY,
        )
    except ValidationError as error:
        add_errors(form, error)
        return False
    return True


@require_POST
def action_done(request: UserRequest, pk: UUID, action_id: UUID) -> HttpResponse:
    action = get_object_or_404(GoalAction.objects.select_related("goal__plan__case"), pk=action_id)
    services.finish_action(by=request.user, action=action, done=request.POST.get("done") != "no")
    return redirect("case-plan", pk=pk)
