"""Looks to go through, at the homes of leaders and managers, and the rules among the settings."""

from typing import Any

from cluster_ehs.core import slots
from cluster_ehs.core.tasks import SWEEPS
from clusters import policies as settings_policies
from clusters.http import UserRequest
from monitoring.curiosity import check, policies, selectors


def at_home(request: UserRequest) -> dict[str, Any] | None:
    number = selectors.to_go_through(request.user)
    return {"number": number} if number else None


def fill() -> None:
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
