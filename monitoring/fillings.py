"""What monitoring puts on other apps' pages, and what the sweep does for it."""

from cluster_ehs.core import slots
from cluster_ehs.core.tasks import SWEEPS
from monitoring import policies, reports

slots.fill(
    "nav",
    order=60,
    template="monitoring/nav",
    selector=lambda request: {"label": "Reports", "url_name": "report-schedules", "under": "/reports/"},
    policy=lambda user, **_: policies.can_read_reports(user),
)
SWEEPS.append(reports.carry_on)
