from django.urls import path

from clusters.confirmed import confirmed
from monitoring.extract import views

urlpatterns = [
    path("reports/extracts/", views.extract_list, name="extracts"),
    path("reports/extracts/new/", confirmed(views.extract_new), name="extract-new"),
    path("reports/extracts/<uuid:pk>/", views.extract, name="extract"),
    path("reports/extracts/<uuid:pk>/progress/", views.extract_progress, name="extract-progress"),
    path("reports/extracts/<uuid:pk>/file/", confirmed(views.extract_file), name="extract-file"),
    path("reports/extracts/<uuid:pk>/end/", views.extract_end, name="extract-end"),
]
