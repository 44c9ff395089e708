"""What this app puts on other apps' pages, and what the sweep does for it."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from cluster_ehs.core import numbers, slots
from cluster_ehs.core.tasks import SWEEPS
from clusters.http import UserRequest
from clusters.people import duties
from families.beside import BESIDE_FAMILY
from families.models import Family
from keeping.disposal import services as disposal
from keeping.disposal.models import Disposal
from keeping.retention import kept, policies, selectors, services

ASKED, ASKED_OF_ALL = "disposals to answer", "disposals to answer in all Clusters"


def _asked(request: HttpRequest) -> QuerySet:
    """Disposals that the reader may answer as the second person: `policies.can_answer`."""
    return Disposal.objects.filter(status=Disposal.Status.ASKED).exclude(asked_by=request.user)  # type: ignore[misc]


def _asked_of_leader(request: HttpRequest) -> QuerySet | None:
    mine = duties(request.user)  # type: ignore[arg-type]
    return _asked(request).filter(cluster_id__in=mine.leads) if mine.leads and not mine.is_manager else None


def _asked_of_all(request: HttpRequest) -> QuerySet | None:
    return _asked(request) if duties(request.user).is_manager else None  # type: ignore[arg-type]


def at_home(request: UserRequest) -> dict[str, Any] | None:
    """How many are due, to the retention owner (without one, every manager) and to leaders."""
    mine = duties(request.user)
    owner = mine.is_manager and policies.answers_for_retention(request.user)
    if not (owner or mine.leads):
        return None
    number = kept.number_due(None if mine.is_manager else mine.leads)
    asked = numbers.of(request, ASKED_OF_ALL if mine.is_manager else ASKED)
    return {"number": number, "asked": asked} if owner or number or asked else None


def of_family(request: UserRequest, *, family: Family) -> dict[str, Any]:
    return {
        "live": selectors.legal_hold_of(family.pk) if getattr(family, "held", True) else None,
        "may": policies.can_review(request.user, family.cluster_id),
    }


def fill_all() -> None:
    numbers.count(ASKED, _asked_of_leader)
    numbers.count(ASKED_OF_ALL, _asked_of_all, of_all=True)
    SWEEPS.extend([disposal.carry_on, services.tell_of_the_month])
    BESIDE_FAMILY["held"] = lambda: Exists(selectors.legal_holds().filter(family_id=OuterRef("pk")))
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
