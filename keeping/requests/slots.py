"""What requests about records show on other pages."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from cases.models import Case
from cases.selectors.beside import BESIDE_CASE
from cluster_ehs.core import numbers, slots
from cluster_ehs.core.tasks import SWEEPS
from cluster_ehs.core.uploads import KEPT_ELSEWHERE
from clusters.http import UserRequest
from clusters.people import duties
from families.beside import BESIDE_FAMILY
from families.models import Family
from keeping.models import RightsRequest
from keeping.requests import policies, who_sees
from keeping.subject_access import services as subject_access

OPEN = "requests about records"
Kind = RightsRequest.Kind


def of_family(request: UserRequest, *, family: Family, **_: Any) -> dict[str, Any]:
    """What was asked about this family's records, how to log more, and where somebody does not agree."""
    if not getattr(family, "asked_of_records", True):
        return {"family": family, "requests": [], "statements": []}
    rows = RightsRequest.objects.filter(family_id=family.pk).select_related("words", "person").prefetch_related(None)
    found = list(rows[:20])
    return {
        "family": family,
        "requests": found,
        "statements": [asked for asked in found if asked.words.statement],
    }


def _statements() -> QuerySet[RightsRequest]:
    return RightsRequest.objects.filter(kind=Kind.RECTIFICATION).exclude(words__statement="")


def of_case(request: UserRequest, *, case: Case, **_: Any) -> dict[str, Any] | None:
    """Where somebody does not agree with the record: shown at it."""
    if not getattr(case, "disputed", True):
        return None
    found = list(_statements().filter(family_id=case.family_id).select_related("words", "person"))
    return {"statements": found} if found else None


def works_in(user: Any, *, case: Case | None = None, family: Family | None = None, **_: Any) -> bool:
    record = case or family
    return record is not None and record.cluster_id in duties(user).clusters


def _open(request: HttpRequest) -> QuerySet | None:
    leads = duties(request.user).leads  # type: ignore[arg-type]
    return RightsRequest.objects.open().filter(cluster_id__in=leads) if leads else None


def at_leaders_home(request: UserRequest) -> dict[str, Any] | None:
    """How many wait for an answer. Counted with the page's other numbers."""
    number = numbers.of(request, OPEN)
    return {"number": number} if number else None


def fill_all() -> None:
    who_sees.fill()
    if subject_access.carry_on not in SWEEPS:
        SWEEPS.append(subject_access.carry_on)
    KEPT_ELSEWHERE.add(subject_access.kept_contents)
    numbers.count(OPEN, _open)
    BESIDE_CASE["disputed"] = lambda: Exists(_statements().filter(family_id=OuterRef("family_id")))
    BESIDE_FAMILY["asked_of_records"] = lambda: Exists(RightsRequest.objects.filter(family_id=OuterRef("pk")))
    slots.fill(
        "family.beside", order=80, template="keeping/requests/of_family.html", selector=of_family, policy=works_in
    )
    slots.fill(
        "case.overview.side", order=5, template="keeping/requests/statements.html", selector=of_case, policy=works_in
    )
    slots.fill(
        "home.side",
        order=75,
        template="keeping/requests/at_home.html",
        selector=at_leaders_home,
        policy=lambda user, **_: bool(duties(user).leads),
    )
    slots.fill(
        "settings.nav",
        order=90,
        template="keeping:rights",
        selector=lambda request: {
            "label": "Requests about records",
            "url_name": "rights",
            "about": "Copies, corrections and complaints: what is asked, and by when it is answered.",
        },
        policy=policies.can_see_log,
    )
