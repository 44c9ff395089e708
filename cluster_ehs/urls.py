from django.contrib import admin
from django.urls import include, path

handler400 = "cluster_ehs.core.error_reports.bad_request"
handler500 = "cluster_ehs.core.error_reports.server_error"

urlpatterns = [
    path("", include("cluster_ehs.core.urls")),
    path("", include("clusters.urls")),
    path("", include("families.urls")),
    path("", include("referrals.urls")),
    path("", include("triage.urls")),
    path("", include("cases.urls")),
    path("", include("formulation.urls")),
    path("", include("outcomes.urls")),
    path("", include("imports.urls")),
    path("", include("monitoring.urls")),
    path("", include("keeping.urls")),
    path("api/", include("cluster_ehs.api_urls")),
    path("account/", include("clusters.account_urls")),
    path("technical/", admin.site.urls),
]
