"""What this app shows on others' pages: its entry in the navigation."""

from typing import Any

from django.http import HttpRequest

from cluster_ehs.core import notices, slots
from cluster_ehs.core.tasks import SWEEPS
from clusters import policies
from clusters.access_review import policies as review_policies
from clusters.access_review import selectors as reviews
from clusters.access_review import services as access_review
from clusters.account_changes import services as account_changes
from clusters.directory import sync
from clusters.roles import services as roles
from clusters.roles import slots as roles_slots
from clusters.services import register
from clusters.signing_in import keys, sessions


def settings_entry(request: HttpRequest) -> dict[str, Any]:
    return {"label": "Settings", "url_name": "settings"}


def fill_all() -> None:
    slots.fill("nav", template="settings", selector=settings_entry, policy=policies.can_see_settings, order=90)
    # Somebody whose last role has ended would read that nothing waits for them, and wonder where their work is.
    slots.fill(
        "home.main",
        order=1,
        template="clusters/roles/no_role.html",
        selector=lambda request: {},
        policy=roles_slots.has_no_role,
    )
    slots.fill(
        "home.side",
        order=5,
        template="clusters/roles/to_confirm.html",
        selector=roles_slots.to_confirm,
        policy=roles_slots.is_manager,
    )
    slots.fill(
        "home.side",
        order=46,
        template="clusters/access_review/home.html",
        selector=reviews.at_home,
        policy=review_policies.can_review,
    )
    slots.fill("digest", order=60, template="clusters:digest", selector=reviews.of_reviews)
    SWEEPS.extend((roles.lapse_old, access_review.carry_on, sessions.put_away, keys.end_without_role))
    SWEEPS.append(account_changes.lapse_old)
    SWEEPS.extend((sync.carry_on, register.put_away_forgotten, notices.carry_on))
