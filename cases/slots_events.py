"""Where groups, drop-ins and school consultations show on other pages."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef

from cases import policies
from cases.selectors.events import attended, came_to
from cluster_ehs.core import slots
from clusters.http import UserRequest
from families.beside import BESIDE_FAMILY
from families.models import Family


def of_family(request: UserRequest, *, family: Family) -> dict[str, Any] | None:
    lines = came_to(family) if getattr(family, "came", True) else None
    return {"lines": lines} if lines else None


def fill_all() -> None:
    BESIDE_FAMILY["came"] = lambda: Exists(attended().filter(family_id=OuterRef("pk")))
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
