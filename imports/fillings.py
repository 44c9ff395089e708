"""What imports put on other pages, and what the sweep does for them."""

from cluster_ehs.core import metrics, slots
from cluster_ehs.core.tasks import SWEEPS
from imports import policies, running

slots.fill(
    "nav",
    order=85,
    template="imports/nav",
    selector=lambda request: {"label": "Import", "url_name": "import-list"},
    policy=lambda user, **_: policies.can_import(user),
)
SWEEPS.append(running.carry_on)
metrics.JOBS["import"] = running.due
