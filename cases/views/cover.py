"""Cover for absence: arranged for a worker's cases, and ended before its last day."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from cases import services
from cases.forms.cover import CoverForm
from cases.models import Cover
from cases.policies import leads_cluster
from cases.selectors.cover import worked_by
from cases.views.common import add_errors
from cases.views.handover import takers
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.once import answered, once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.models import Cluster, User
from clusters.people import duties


@require_http_methods(["GET", "HEAD", "POST"])
def cover_new(request: UserRequest, worker: int, cluster: int) -> HttpResponse:
    """Who looks after which cases of a worker, from when to when."""
    person, place = get_object_or_404(User, pk=worker), get_object_or_404(Cluster, pk=cluster)
    if not duties(request.user).leads:
        raise Denied("Only a leader of a Cluster arranges cover.")
    if not leads_cluster(request.user, place.pk):
        raise Http404
    if request.method == "POST" and (earlier := answered(user_id=request.user.pk, key=request.POST.get("once"))):
        return redirect(earlier)
    cases = list(worked_by(person, place.pk))
    form = CoverForm(posted(request), loads=takers(place.pk, person.pk), cases=cases, cancel_url=reverse("worker-list"))

    def make() -> str:
        values = form.values
        made = services.cover_cases(
            by=request.user,
            worker=person,
            covering=form.workers[values["covering"]],
            cluster=place,
            starts_on=values["starts_on"],
            ends_on=values["ends_on"],
            must_know=values["must_know"],
            cases=form.chosen,
        )
        number = "1 case" if len(made) == 1 else f"{len(made)} cases"
        messages.success(request, f"{made[0].covering} covers {number} of {person}, and is told.")
        return f"{reverse('worker-list')}#cover"

    if request.method == "POST" and form.is_valid():
        try:
            return redirect(once(user_id=request.user.pk, key=form.token, make=make))
        except ValidationError as error:
            add_errors(form, error)
    if request.method == "GET":
        for case in cases:
            audit.look(by=request.user, at=case, page="cover cases")
    context = {"form": form, "worker": person, "cases": cases}
    return render(request, "cases/cover.html", context)


@require_POST
def cover_end(request: UserRequest, pk: UUID, cover_id: UUID) -> HttpResponse:
    found = get_object_or_404(Cover, pk=cover_id, case_id=pk)
    ended = services.end_cover(by=request.user, cover=found)
    messages.success(request, f"{ended.covering} no longer covers for {ended.worker}, and is told.")
    if request.POST.get("back") == "list":
        return redirect("worker-list")
    return redirect("case-workers", pk=pk)
