from django.urls import include, path

from clusters.confirmed import confirmed, downloads
from monitoring import (
    event_views,
    interpreter_views,
    need_views,
    principles_views,
    report_views,
    tables_views,
)
from monitoring.dashboard import views as dashboard_views
from monitoring.extract.urls import urlpatterns as extract_urls
from monitoring.segments.urls import urlpatterns as segment_urls
from monitoring.suite import views as suite_views

urlpatterns = [
    path("", include("monitoring.quality.urls")),
    path("", include("monitoring.returns.urls")),
    path("", include("monitoring.curiosity.urls")),
    path("dashboard/", confirmed(dashboard_views.dashboard, when=downloads), name="dashboard"),
    path("dashboard/<slug:key>/", confirmed(dashboard_views.figure_page, when=downloads), name="dashboard-figure"),
    path("reports/", suite_views.overview, name="reports"),
    path("reports/tables/", confirmed(tables_views.monitoring_tables, when=downloads), name="monitoring-tables"),
    path("reports/need/", confirmed(need_views.need_levels, when=downloads), name="need-levels"),
    path("reports/need/list/", confirmed(need_views.need_list, when=downloads), name="need-list"),
    path(
        "reports/interpreters/",
        confirmed(interpreter_views.interpreter_spend, when=downloads),
        name="interpreter-spend",
    ),
    path("reports/events/", confirmed(event_views.event_figures, when=downloads), name="event-figures"),
    path("reports/principles/", principles_views.principles, name="principles"),
    path("reports/principles/list/", principles_views.principles_list, name="principles-list"),
    *extract_urls,
    *segment_urls,
    path("reports/schedules/", report_views.report_schedules, name="report-schedules"),
    path("reports/schedules/new/", report_views.schedule_edit, name="report-schedule-new"),
    path("reports/schedules/<int:pk>/", report_views.schedule_edit, name="report-schedule-edit"),
    path("reports/new/", report_views.report_new, name="report-new"),
    path("reports/runs/<uuid:pk>/", report_views.report_run, name="report-run"),
    path("reports/runs/<uuid:pk>/progress/", report_views.report_progress, name="report-progress"),
    path("reports/runs/<uuid:pk>/kept-inside/", report_views.report_keep_inside, name="report-keep-inside"),
    path("reports/runs/<uuid:pk>/<slug:kind>/", confirmed(report_views.report_file), name="report-file"),
    # Last: a key of the suite is none of the words above.
    path("reports/<slug:key>/", confirmed(suite_views.report_page, when=downloads), name="report-page"),
]
