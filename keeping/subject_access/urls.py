from django.urls import path

from clusters.confirmed import confirmed
from keeping.subject_access import views

urlpatterns = [
    path("rights/<uuid:pk>/copy/", views.entries, name="access-entries"),
    path("rights/<uuid:pk>/copy/progress/", views.progress, name="access-progress"),
    path("rights/<uuid:pk>/copy/<slug:file_kind>/", confirmed(views.take), name="access-file"),
    path("rights/documents/<uuid:pk>/", views.document, name="access-document"),
    path("rights/private/<uuid:pk>/", views.private, name="access-private"),
]
