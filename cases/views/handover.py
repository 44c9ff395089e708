"""From one worker to the next: one case, or many of one worker."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases import services
from cases.forms.handover import HandOverForm, MoveForm
from cases.models import Handover
from cases.pages import case_page
from cases.policies import check_allocates, check_hand_over, check_leads, leads_cluster
from cases.selectors import cover
from cases.selectors.handover import could_not_be_made, held, history_of, leads_per_family, work_of, workers_of_family
from cases.selectors.workload import Load, caseload
from cases.views.common import add_errors
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.once import answered, once
from cluster_ehs.core.requests import posted, whole_number
from clusters.http import UserRequest
from clusters.models import Cluster, StaffRole, User
from clusters.people import duties

FORM = ["GET", "HEAD", "POST"]


def takers(cluster_id: int, *without: int) -> list[Load]:
    """Who may take a case over, with what each holds."""
    return [load for load in caseload([cluster_id]) if load.worker.pk not in without]


@require_GET
def case_workers(request: UserRequest, pk: UUID) -> HttpResponse:
    """Everybody who has led the case, how each came to it, what is planned, and who covered."""
    page = case_page(request, pk, tab="overview")
    context = {
        "history": history_of(pk),
        "covers": cover.of_case(page["case"]),
        "number": workers_of_family(page["case"].family_id),
        "leads": leads_cluster(request.user, page["case"].cluster_id),
    }
    return render(request, "cases/workers.html", page | context)


@require_http_methods(FORM)
def hand_over(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="overview")
    case = page["case"]
    check_hand_over(request.user, case)
    if request.method == "POST" and (earlier := answered(user_id=request.user.pk, key=request.POST.get("once"))):
        return redirect(earlier)
    now = page["lead_worker"]
    form = HandOverForm(
        posted(request),
        loads=takers(case.cluster_id, *([now.pk] if now else [])),
        cancel_url=reverse("case-workers", args=[pk]),
    )

    def make() -> str:
        values = dict(form.values)
        introduced, to = values.pop("introduced"), form.workers[values.pop("to")]
        today = timezone.localdate()
        made = services.hand_over(
            by=request.user, case=case, to=to, introduced_on=today if introduced else None, **values
        )
        said(request, made)
        return reverse("case-workers", args=[pk])

    if request.method == "POST" and form.is_valid():
        try:
            return redirect(once(user_id=request.user.pk, key=form.token, make=make))
        except ValidationError as error:
            add_errors(form, error)
    lead = f"{now} is the lead worker now." if now else ""
    return render(
        request, "cases/form.html", page | {"form": form, "title": "Hand over to another lead worker", "lead": lead}
    )


def said(request: UserRequest, made: Handover) -> None:
    if made.planned:
        messages.success(request, f"Planned for {made.starts_on:%-d %B %Y}. {made.to_worker} is told.")
    else:
        messages.success(request, f"Handed over to {made.to_worker}, who is told.")


@require_POST
def withdraw(request: UserRequest, pk: UUID, handover_id: UUID) -> HttpResponse:
    found = get_object_or_404(Handover.objects.select_related("case"), pk=handover_id, case_id=pk)
    services.withdraw_handover(by=request.user, handover=found)
    messages.success(request, "Taken back. The worker of today stays.")
    return redirect("case-workers", pk=pk)


@require_POST
def introduced(request: UserRequest, pk: UUID, handover_id: UUID) -> HttpResponse:
    found = get_object_or_404(Handover.objects.select_related("case"), pk=handover_id, case_id=pk)
    services.note_introduction(by=request.user, handover=found)
    messages.success(request, "Noted: both workers visited the family together.")
    return redirect("case-workers", pk=pk)


@require_GET
def worker_list(request: UserRequest) -> HttpResponse:
    """Who holds what in the own Clusters, what could not be handed over, how many lead workers families have had."""
    check_allocates(request.user)
    clusters = duties(request.user).leads
    context = {
        "loads": caseload(clusters),
        "covers": cover.together(cover.standing(clusters)),
        "stuck": could_not_be_made(clusters),
        "leads_per_family": leads_per_family(clusters),
    }
    return render(request, "cases/worker_list.html", context)


@require_http_methods(FORM)
def move(request: UserRequest, worker: int, cluster: int) -> HttpResponse:
    """All that one worker holds in a Cluster: tick, say who takes it and what they must know."""
    person, place = get_object_or_404(User, pk=worker), get_object_or_404(Cluster, pk=cluster)
    if not duties(request.user).leads:
        raise Denied("Only a leader of a Cluster moves a worker’s cases.")
    if not leads_cluster(request.user, place.pk):
        raise Http404
    check_leads(request.user, place.pk, "move a worker’s cases")
    role = _role_to_end(request, person, place)
    lines = work_of(person, [place.pk])
    form = MoveForm(posted(request), lines=lines, loads=takers(place.pk, person.pk), cancel_url=reverse("worker-list"))
    if request.method == "POST" and (earlier := answered(user_id=request.user.pk, key=request.POST.get("once"))):
        return redirect(earlier)
    look = request.method == "POST" and form.is_valid() and "look" in request.POST

    def make() -> str:
        number = services.move_work(
            by=request.user, worker=person, cluster=place, moves=form.moves, on=form.values["on"], end_role=role
        )
        parts = "1 part" if number == 1 else f"{number} parts"
        ended = f" The role of {person} ends on that day." if role else ""
        messages.success(request, f"{parts} of {person}’s work handed over. Everybody who takes over is told.{ended}")
        return reverse("settings-person", args=[person.pk]) if role else reverse("worker-list")

    if request.method == "POST" and form.is_valid() and not look:
        try:
            return redirect(once(user_id=request.user.pk, key=form.token, make=make))
        except ValidationError as error:
            add_errors(form, error)
    if request.method == "GET":
        for each in {line.case.pk: line.case for line in lines}.values():
            audit.look(by=request.user, at=each, page="move cases")
    context: dict[str, Any] = {
        "form": form,
        "worker": person,
        "cluster": place,
        "lines": lines,
        "planned": [line for line in lines if line.planned],
        "after": form.after() if look else None,
        "held": held(person.pk, place.pk, timezone.localdate()),
        "role": role,
    }
    return render(request, "cases/move.html", context)


def _role_to_end(request: UserRequest, person: User, place: Cluster) -> StaffRole | None:
    """The role that ends with the move, when the leader came from there."""
    asked = request.GET.get("role", "")
    if whole_number(asked) is None:
        return None
    return get_object_or_404(StaffRole.objects.select_related("user", "cluster"), pk=asked, user=person, cluster=place)
