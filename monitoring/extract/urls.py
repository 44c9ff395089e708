from django.urls import path

from monitoring.extract import views

urlpatterns = [
    path("reports/extracts/", views.extract_list, name="extracts"),
    path("reports/extracts/new/", views.extract_new, name="extract-new"),
    path("reports/extracts/<uuid:pk>/", views.extract, name="extract"),
    path("reports/extracts/<uuid:pk>/progress/", views.extract_progress, name="extract-progress"),
    path("reports/extracts/<uuid:pk>/file/", views.extract_file, name="extract-file"),
    path("reports/extracts/<uuid:pk>/end/", views.extract_end, name="extract-end"),
]
