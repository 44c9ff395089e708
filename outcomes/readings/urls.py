from django.urls import path

from outcomes.readings import views

urlpatterns = [
    path("cases/<uuid:pk>/readings/", views.case_readings, name="case-readings"),
    path("cases/<uuid:pk>/readings/new/", views.reading_new, name="reading-new"),
    path("cases/<uuid:pk>/readings/<uuid:reading_id>/correct/", views.reading_correct, name="reading-correct"),
    path("second-readings/", views.sample_list, name="reading-samples"),
    path("second-readings/new/", views.sample_new, name="reading-sample-new"),
    path("second-readings/samples/<uuid:pk>/", views.sample, name="reading-sample"),
    path("second-readings/<uuid:pk>/", views.second_reading, name="second-reading"),
    path("settings/readings/", views.cuts, name="settings-reading-cuts"),
]
