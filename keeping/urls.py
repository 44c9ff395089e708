from django.urls import include, path

urlpatterns = [
    path("", include("keeping.notices.urls")),
    path("", include("keeping.requests.urls")),
    path("", include("keeping.retention.urls")),
    path("", include("keeping.subject_access.urls")),
]
