"""What this app puts on other apps' pages, and what the sweep does for it."""

from typing import Any

from cluster_ehs.core import scope, slots
from cluster_ehs.core.tasks import SWEEPS
from clusters.http import UserRequest
from clusters.models import Cluster
from clusters.people import duties
from families.models import Family
from keeping.disposal import services as disposal
from keeping.retention import policies, selectors, services


def at_home(request: UserRequest) -> dict[str, Any] | None:
    """How many are due, to the retention owner (without one, every manager) and to leaders."""
    mine = duties(request.user)
    owner = mine.is_manager and policies.answers_for_retention(request.user)
    if not (owner or mine.leads):
        return None
    clusters = list(Cluster.objects.values_list("pk", flat=True)) if mine.is_manager else list(mine.leads)
    with scope.figures():
        number = sum(one.is_open for one in selectors.due(clusters))
        asked = len(services.waiting(request.user, clusters))
    return {"number": number, "asked": asked} if owner or number or asked else None


def of_family(request: UserRequest, *, family: Family) -> dict[str, Any]:
    return {
        "live": selectors.legal_hold_of(family.pk),
        "may": policies.can_review(request.user, family.cluster_id),
    }


def fill_all() -> None:
    SWEEPS.extend([disposal.carry_on, services.tell_of_the_month])
    slots.fill("home.side", order=95, template="keeping/slots/home.html", selector=at_home, policy=policies.can_see_due)
    slots.fill(
        "family.beside",
        order=90,
        template="keeping/slots/of_family.html",
        selector=of_family,
        policy=lambda user, family=None, **_: family is None or family.cluster_id in duties(user).clusters,
    )
    slots.fill(
        "settings.nav",
        order=80,
        template="keeping:settings",
        selector=lambda request: {
            "label": "Retention",
            "url_name": "settings-retention",
            "about": "How long records are kept, and what is due to be looked at and disposed of.",
        },
        policy=lambda user, **_: duties(user).is_manager,
    )
