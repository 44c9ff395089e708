from django.urls import path

from outcomes.measures import settings_views, views

urlpatterns = [
    path("cases/<uuid:pk>/measures/", views.case_measures, name="case-measures"),
    path("cases/<uuid:pk>/measures/<slug:code>/", views.measure_history, name="measure-history"),
    path("cases/<uuid:pk>/measures/<slug:code>/new/", views.measure_take, name="measure-take"),
    path("cases/<uuid:pk>/measures/<slug:code>/regularly/", views.measure_agree, name="measure-agree"),
    path("cases/<uuid:pk>/measures/agreed/<uuid:agreed_pk>/stop/", views.measure_stop, name="measure-stop"),
    path("measures/<uuid:pk>/", views.measure, name="measure"),
    path("measures/<uuid:pk>/correct/", views.measure_correct, name="measure-correct"),
    path("settings/measures/", settings_views.instrument_list, name="settings-measures"),
    path("settings/measures/<slug:code>/", settings_views.instrument, name="settings-measure"),
    path("settings/measures/<slug:code>/licence/", settings_views.licence_new, name="settings-measure-licence"),
]
