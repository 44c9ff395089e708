"""Looks to go through, at the homes of leaders and managers, and the rules among the settings."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from cluster_ehs.core import numbers, slots
from cluster_ehs.core.tasks import SWEEPS
from clusters import policies as settings_policies
from clusters.http import UserRequest
from clusters.people import duties
from monitoring.curiosity import check, policies, selectors

OF_LEADER, OF_ALL = "looks to go through", "looks to go through in all Clusters"


def _open(request: HttpRequest, *, managers: bool) -> QuerySet | None:
    user: Any = request.user
    if not policies.can_list(user) or duties(user).is_manager is not managers:
        return None
    return selectors.to_go_through(user)


def at_home(request: UserRequest) -> dict[str, Any] | None:
    """How many looks wait to be gone through. Counted with the page's other numbers."""
    number = numbers.of(request, OF_ALL if duties(request.user).is_manager else OF_LEADER)
    return {"number": number} if number else None


def fill() -> None:
    numbers.count(OF_LEADER, lambda request: _open(request, managers=False))
    numbers.count(OF_ALL, lambda request: _open(request, managers=True), of_all=True)
    slots.fill(
        "home.side",
        order=47,
        template="monitoring/curiosity/home.html",
        selector=at_home,
        policy=policies.can_list,
    )
    slots.fill(
        "settings.nav",
        order=70,
        template="monitoring:looks",
        selector=lambda request: {
            "label": "Looks",
            "url_name": "settings-curiosity",
            "about": "Which looks at records are asked about: out of hours, many in a row, without a case in common.",
        },
        policy=settings_policies.can_manage,
    )
    SWEEPS.append(check.carry_on)
