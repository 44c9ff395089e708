"""What monitoring puts on other apps' pages, and what the sweep does for it."""

from cluster_ehs.core import metrics, slots
from cluster_ehs.core.tasks import SWEEPS
from clusters.people import duties
from monitoring import interpreter_slots, job_figures, policies, principles_views, reports, schedules
from monitoring.curiosity import slots as curiosity_slots
from monitoring.dashboard import views as dashboard_views
from monitoring.extract import services as extracts
from monitoring.quality import slots as quality_slots
from monitoring.returns import services as returns
from monitoring.segments import services as segments

slots.fill(
    "nav",
    order=58,
    template="monitoring/nav_dashboard",
    selector=lambda request: {"label": "Dashboard", "url_name": "dashboard", "under": "/dashboard/"},
    policy=lambda user, **_: duties(user).is_manager,
)
slots.fill(
    "nav",
    order=60,
    template="monitoring/nav",
    selector=lambda request: {"label": "Reports", "url_name": "reports", "under": "/reports/"},
    policy=lambda user, **_: policies.can_read_reports(user),
)
curiosity_slots.fill()
SWEEPS += [schedules.catch_up, reports.carry_on, extracts.carry_on, segments.carry_on]
slots.fill(
    "home.main",
    order=10,
    template="monitoring/home_manager.html",
    selector=dashboard_views.on_home,
    policy=lambda user, **_: duties(user).is_manager,
)
slots.fill(
    "home.main",
    order=12,
    template="monitoring/home_reports.html",
    selector=lambda request: {},
    policy=lambda user, **_: duties(user).is_manager,
)
slots.fill(
    "case.overview.side",
    order=90,
    template="monitoring/slots/principles.html",
    selector=principles_views.of_case,
    policy=lambda user, case=None, **_: case is None or case.cluster_id in duties(user).clusters,
)
slots.fill(
    "home.side",
    order=90,
    template="monitoring/slots/to_principles.html",
    selector=lambda request: {},
    policy=lambda user, **_: bool(duties(user).leads),
)
quality_slots.fill_all()
interpreter_slots.fill_all()
SWEEPS.append(returns.carry_on)
metrics.JOBS["report"] = job_figures.reports_due
metrics.JOBS["return"] = job_figures.returns_due
