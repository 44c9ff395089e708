"""What screening shows on pages that lie below it: navigation and the home page."""

from typing import Any

from cluster_ehs.core import slots
from clusters.models import User
from clusters.people import duties


def works_for_a_cluster(user: User, **_: Any) -> bool:
    return bool(duties(user).clusters)


def fill_all() -> None:
    """Called once, when the app is ready."""
    slots.fill(
        "nav",
        template="triage/nav-screening",
        order=30,
        policy=works_for_a_cluster,
        selector=lambda request, **_: {"label": "Screening", "url_name": "screening"},
    )
