"""A follow-up: what is known, what the family answered, or that nobody did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cases.models import Goal
from cases.pages import case_page
from cases.policies import leads_cluster
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.once import once
from clusters.http import UserRequest
from clusters.models import Role, StaffRole, User
from clusters.people import duties
from outcomes.followup import selectors, services
from outcomes.followup.forms import AnswerForm, LeaderForm, TryForm
from outcomes.followup.models import FollowUp
from outcomes.followup.policies import can_record, check_give_up, check_record


@require_http_methods(["GET", "HEAD", "POST"])
def follow_up(request: UserRequest, pk: UUID) -> HttpResponse:
    """Record the answer; or a try; a leader passes it on. Which of the three, the button says."""
    rows = FollowUp.objects.select_related("case", "holder", "recorded_by", "by_person")
    found = get_object_or_404(rows, pk=pk)
    page = case_page(request, found.case_id, tab="outcomes")
    if found.cluster_id not in duties(request.user).clusters:
        raise Denied("Follow-ups are read by the practitioners and leaders of the Cluster.")
    act = _which(request) if request.method == "POST" else ""
    if request.method == "POST":
        (check_give_up if act == "leader" else check_record)(request.user, found)
    tries = list(found.attempts.select_related("by"))
    referred = selectors.since_the_ending(found)
    goals = list(Goal.objects.filter(plan__case_id=found.case_id).exclude(status="dropped").order_by("position"))[-3:]
    back = reverse("case-outcomes", args=[found.case_id])
    open_ = found.status in (FollowUp.Status.DUE, FollowUp.Status.NOT_REACHED)
    answer = AnswerForm(
        request.POST if act == "answer" else None, goals=goals, referred=bool(referred), cancel_url=back
    )
    tried = TryForm(request.POST if act == "try" else None, tried=len(tries))
    leads = leads_cluster(request.user, found.cluster_id)
    leader = _leader_form(request, found, act) if leads and found.status == FollowUp.Status.DUE else None
    for form, name, save in (
        (answer, "answer", lambda: _answer(request, found, answer)),
        (tried, "try", lambda: _try(request, found, tried)),
        (leader, "leader", lambda: _leader(request, found, leader)),
    ):
        if act == name and form is not None and form.is_valid():
            url = _once(request, form, save)
            if url:
                return redirect(url)
    context = {
        "follow_up": found,
        "tries": tries,
        "referred": referred,
        "goals": goals,
        "scores": list(found.scores.select_related("goal")),
        "answer": answer if open_ and can_record(request.user, found) else None,
        "tried": tried if found.status == FollowUp.Status.DUE and can_record(request.user, found) else None,
        "leader": leader,
        "to_ring": selectors.to_ring(page["people"], page["family"]) if open_ else [],
        "form": {"answer": answer, "try": tried, "leader": leader}.get(act),
    }
    return render(request, "outcomes/followup/follow_up.html", page | context)


def _which(request: UserRequest) -> str:
    """Which of the forms came: two of them carry their name before each field."""
    named = (name for name in ("try", "leader") if any(key.startswith(f"{name}-") for key in request.POST))
    return next(named, "answer")


def _once(request: UserRequest, form: Any, make: Callable[[], str]) -> str | None:
    try:
        with transaction.atomic():
            return once(user_id=request.user.pk, key=form.token, make=make)
    except ValidationError as error:
        for name, reasons in error.message_dict.items():
            for reason in reasons:
                form.add_error(name if name in form.fields else None, reason)
        return None


def _answer(request: UserRequest, found: FollowUp, form: AnswerForm) -> str:
    values = {name: value for name, value in form.values.items() if not name.startswith("score_")}
    services.record_answer(by=request.user, follow_up=found, scores=form.scores, **values)
    messages.success(request, "Saved. Thank the family for telling us.")
    return reverse("case-outcomes", args=[found.case_id])


def _try(request: UserRequest, found: FollowUp, form: TryForm) -> str:
    services.record_try(by=request.user, follow_up=found, **form.values)
    messages.success(request, "Noted that nobody answered.")
    return reverse("follow-up", args=[found.pk])


def _leader_form(request: UserRequest, found: FollowUp, act: str) -> LeaderForm:
    roles = StaffRole.objects.today().filter(
        cluster_id=found.cluster_id, role__in=[Role.PRACTITIONER, Role.LEADER], user__is_active=True
    )
    workers = User.objects.filter(pk__in=roles.values("user_id")).order_by("name")
    return LeaderForm(request.POST if act == "leader" else None, workers=list(workers), holder=found.holder)


def _leader(request: UserRequest, found: FollowUp, form: LeaderForm | None) -> str:
    assert form is not None  # noqa: S101 - only a form that is valid comes here
    if form.values["why"]:
        services.not_needed(by=request.user, follow_up=found, why=form.values["why"])
        messages.success(request, "Noted: this follow-up is not needed.")
    else:
        services.pass_on(by=request.user, follow_up=found, holder=form.workers[form.values["holder"]])
        messages.success(request, f"{form.workers[form.values['holder']]} asks from now on.")
    return reverse("case-outcomes", args=[found.case_id])
