"""Where groups, drop-ins and school consultations show on other pages."""

from __future__ import annotations

from typing import Any

from cases import policies
from cases.selectors.events import came_to
from cluster_ehs.core import slots
from clusters.http import UserRequest
from families.models import Family


def of_family(request: UserRequest, *, family: Family) -> dict[str, Any] | None:
    lines = came_to(family)
    return {"lines": lines} if lines else None


def fill_all() -> None:
    slots.fill(
        "nav",
        order=55,
        template="cases:events",
        selector=lambda request: {"label": "Groups", "url_name": "event-list"},
        policy=policies.staff_of_clusters,
    )
    slots.fill(
        "family.beside",
        order=30,
        template="cases/slots/came_to.html",
        selector=of_family,
        policy=policies.staff_of_clusters,
    )
