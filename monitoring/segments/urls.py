from django.urls import path

from monitoring.segments import views

urlpatterns = [
    path("reports/segments/", views.segment_list, name="segments"),
    path("reports/segments/new/", views.segment_new, name="segment-new"),
    path("reports/segments/<uuid:pk>/", views.segments_run, name="segments-run"),
    path("reports/segments/<uuid:pk>/progress/", views.segments_progress, name="segments-progress"),
]
