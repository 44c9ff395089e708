from django.urls import path

from clusters.confirmed import confirmed
from imports import views

urlpatterns = [
    path("imports/", views.import_list, name="import-list"),
    path("imports/<uuid:pk>/", views.import_run, name="import-run"),
    path("imports/<uuid:pk>/start/", views.import_start, name="import-start"),
    path("imports/<uuid:pk>/discard/", views.import_discard, name="import-discard"),
    path("imports/<uuid:pk>/progress/", views.import_progress, name="import-progress"),
    path("imports/<uuid:pk>/rejects/", confirmed(views.import_rejects), name="import-rejects"),
]
