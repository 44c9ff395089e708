"""What families show on pages of the kernel."""

from cluster_ehs.core import slots
from cluster_ehs.core.tasks import SWEEPS
from families import duplicates, policies


def fill_all() -> None:
    if duplicates.sweep not in SWEEPS:
        SWEEPS.append(duplicates.sweep)
    slots.fill("header.search", template="families:search", selector=lambda request: {}, policy=policies.can_search)
    slots.fill(
        "nav",
        order=50,
        template="families:nav",
        selector=lambda request: {"label": "Families", "url_name": "family-list"},
        policy=policies.can_search,
    )
    # The box in the header is there for those whose search would be answered.
    slots.fill("header.search", template="families:search", selector=lambda request: {}, policy=policies.can_search)
