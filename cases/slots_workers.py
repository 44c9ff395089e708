"""What other pages show of who works in which case: a case's workers, what a leaver holds, who is missing."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from cases import policies
from cases.models import Case
from cases.selectors import cover, steps
from cases.selectors.handover import Workers, held, left_behind, without_lead_today, workers_of_family
from cases.services.handover import carry_on
from cluster_ehs.core import numbers, scope, slots
from cluster_ehs.core.tasks import SWEEPS
from clusters import policies as settings_policies
from clusters.http import UserRequest
from clusters.leaving import HOLDS, Holding
from clusters.models import Cluster, User
from clusters.people import duties

NOBODY_LEADS = "cases that nobody leads, outside the own Clusters"


def holds(person: User, cluster: Cluster, day: date) -> Holding | None:
    """What somebody would leave behind, for the page that ends a role."""
    found = held(person.pk, cluster.pk, day)
    if not found:
        return None
    hidden = f" ({found.hidden} of the cases restricted)" if found.hidden else ""
    return Holding(cluster, f"{found.text}{hidden}", reverse("worker-move", args=[person.pk, cluster.pk]))


def number_of_workers(request: UserRequest, *, case: Case) -> dict[str, Any]:
    beside = getattr(case, "workers_had", None)
    return {"number": Workers(*beside) if beside else workers_of_family(case.family_id)}


def social_care(request: UserRequest, *, case: Case) -> dict[str, Any] | None:
    return steps.card(case)


def covered(request: UserRequest, *, case: Case) -> dict[str, Any] | None:
    return cover.card(case)


def happened(request: UserRequest, *, case: Case) -> dict[str, Any]:
    """Worries, steps to and from CSWS, legal action on attendance, and cover, for the chronology."""
    return steps.chronology(case)


def _elsewhere(request: HttpRequest) -> QuerySet | None:
    mine = duties(request.user)  # type: ignore[arg-type]
    return without_lead_today().exclude(cluster_id__in=mine.leads) if mine.is_manager else None


def nobody_leads(request: UserRequest) -> dict[str, Any] | None:
    """For a leader by family, for a manager by reference: open cases that no one of the staff leads today."""
    user = request.user
    found: dict[str, Any] = {}
    clusters = duties(user).leads
    if clusters:
        found["lines"] = left_behind(clusters)
    rows = _elsewhere(request)
    if rows is not None and numbers.of(request, NOBODY_LEADS):
        with scope.figures():
            found["by_reference"] = list(
                rows.values_list("case__reference", "cluster__name", "worker__name", "case__family__restricted")[:20]
            )
    return found if any(found.values()) else None


def sees_who_is_missing(user: User, **_: object) -> bool:
    return bool(duties(user).leads) or settings_policies.can_manage(user)


def fill_all() -> None:
    if holds not in HOLDS:
        HOLDS.append(holds)
        SWEEPS.append(carry_on)
    numbers.count(NOBODY_LEADS, _elsewhere, of_all=True)
    slots.fill(
        "case.overview.main",
        order=1,
        template="cases/slots/social_care.html",
        selector=social_care,
        policy=policies.staff_of_clusters,
    )
    slots.fill(
        "case.overview.main",
        order=2,
        template="cases/slots/covered.html",
        selector=covered,
        policy=policies.staff_of_clusters,
    )
    slots.fill("case.chronology", order=15, template="cases:steps", selector=happened)
    slots.fill(
        "case.tabs",
        order=65,
        template="cases:attendance",
        selector=lambda request, *, case: {
            "key": "attendance",
            "label": "Attendance",
            "url": reverse("case-attendance", args=[case.pk]),
        },
    )
    slots.fill(
        "home.main",
        order=5,
        template="cases/slots/nobody_leads.html",
        selector=nobody_leads,
        policy=sees_who_is_missing,
    )
    slots.fill(
        "case.overview.side",
        order=80,
        template="cases/slots/workers.html",
        selector=number_of_workers,
        policy=policies.staff_of_clusters,
    )
