"""What families show on pages of the kernel."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest

from cluster_ehs.core import numbers, slots
from cluster_ehs.core.backups.inside import NAMED_FILES
from cluster_ehs.core.tasks import SWEEPS
from clusters.http import UserRequest
from clusters.people import duties
from families import duplicates, namings, policies, previews
from families.models import DuplicatePair, Family
from families.who_sees import own as who_sees_own


def names_of_notices(request: HttpRequest, *, family_ids: set[UUID]) -> dict[str, Any]:
    """Whose record a notice is about, as far as its reader may see it."""
    return {"names": {family.pk: str(family) for family in Family.objects.filter(pk__in=family_ids).only("name")}}


def fill_all() -> None:
    who_sees_own.fill()
    if duplicates.sweep not in SWEEPS:
        SWEEPS.append(duplicates.sweep)
    SWEEPS.extend((previews.carry_on, namings.end_without_role))
    NAMED_FILES.add(("families_storedfile", "path"))
    # The box in the header is there for those whose search would be answered.
    slots.fill("header.search", template="families:search", selector=lambda request: {}, policy=policies.can_search)
    slots.fill(
        "nav",
        order=50,
        template="families:nav",
        selector=lambda request: {"label": "Families", "url_name": "family-list"},
        policy=policies.can_search,
    )
    slots.fill("notices.names", template="families:names", selector=names_of_notices)
    numbers.count("duplicates", open_pairs)
    slots.fill(
        "home.side",
        order=48,
        template="families/slots/duplicates.html",
        selector=pairs_to_look_at,
        policy=policies.can_merge,
    )


def open_pairs(request: HttpRequest) -> QuerySet | None:
    leads = list(duties(request.user).leads)  # type: ignore[arg-type]
    return duplicates.queue(leads, status=DuplicatePair.Status.OPEN) if leads else None


def pairs_to_look_at(request: UserRequest) -> dict[str, Any] | None:
    """How many pairs may be one person; nothing when there are none."""
    number = numbers.of(request, "duplicates")
    return {"number": number} if number else None
