"""What this app shows on others' pages: its entry in the navigation."""

from typing import Any

from django.http import HttpRequest

from cluster_ehs.core import notices, slots
from cluster_ehs.core.tasks import SWEEPS
from clusters import policies
from clusters.directory import sync
from clusters.services import register


def settings_entry(request: HttpRequest) -> dict[str, Any]:
    return {"label": "Settings", "url_name": "settings"}


def fill_all() -> None:
    slots.fill("nav", template="settings", selector=settings_entry, policy=policies.can_see_settings, order=90)
    SWEEPS.extend((sync.carry_on, register.put_away_forgotten, notices.carry_on))
