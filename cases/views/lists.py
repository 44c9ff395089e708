"""The list of cases, and for a clinical supervisor the list of sessions."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from cases.policies import check_sees_case_list, check_supervises
from cases.selectors import lists, supervision
from cases.selectors.contacts import title_of
from cases.selectors.workload import workers_of
from cluster_ehs.core import audit, scope
from clusters.http import UserRequest
from clusters.people import duties


@require_GET
def case_list(request: UserRequest) -> HttpResponse:
    check_sees_case_list(request.user)
    of = duties(request.user)
    show = request.GET.get("show", "")
    if not of.clusters:
        show = show if show == "closed" else "open"
        with scope.figures():
            found, older = lists.page_of(lists.by_reference(show), request.GET.get("after", ""))
        context = {"cases": found, "show": show, "older": f"?show={show}&after={older}" if older else ""}
        return render(request, "cases/list_by_reference.html", context)
    if show not in lists.SHOW:
        show = "mine" if of.works_in else "open"
    worker = request.GET.get("worker", "") if show != "mine" else ""
    rows = lists.case_rows(request.user, of.clusters, show, worker)
    found, older = lists.page_of(rows, request.GET.get("after", ""))
    return render(
        request,
        "cases/list.html",
        {
            "rows": lists.as_rows(found),
            "show": show,
            "tabs": _tabs(request, show),
            "worker": worker,
            "workers": workers_of(of.clusters) if show != "mine" else [],
            "older": f"?show={show}&worker={worker}&after={older}" if older else "",
            "newest": f"?show={show}&worker={worker}" if request.GET.get("after") else "",
        },
    )


def _tabs(request: UserRequest, show: str) -> list[dict[str, object]]:
    """The lists; whoever leads a Cluster sees how many families' goals are not agreed by all."""
    found: list[dict[str, object]] = [
        {"label": label, "url": f"?show={key}", "current": key == show} for key, label in lists.SHOW.items()
    ]
    leads = duties(request.user).leads
    if leads:
        place = list(lists.SHOW).index("disagree")
        found[place] |= {"count": lists.disagreeing(leads), "count_label": "families"}
    return found


@require_GET
def supervised_sessions(request: UserRequest) -> HttpResponse:
    """Sessions of the workers that the reader supervises, by the case's reference, without names of the family."""
    check_supervises(request.user)
    found, older = supervision.page_of(supervision.sessions(request.user), request.GET.get("after", ""))
    lines = [(contact, title_of(contact)) for contact in found]
    context = {
        "lines": lines,
        "older": f"?after={older}" if older else "",
        "newest": "?" if request.GET.get("after") else "",
    }
    return render(request, "cases/supervised_sessions.html", context)


@require_GET
def supervised_session(request: UserRequest, pk: UUID) -> HttpResponse:
    check_supervises(request.user)
    contact = get_object_or_404(supervision.sessions(request.user), pk=pk)
    audit.look(by=request.user, at=contact, page="supervised session")
    notes = contact.notes.select_related("author")
    return render(
        request, "cases/supervised_session.html", {"contact": contact, "title": title_of(contact), "notes": notes}
    )
