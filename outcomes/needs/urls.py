from django.urls import path

from outcomes.needs import views

urlpatterns = [
    path("cases/<uuid:pk>/needs/", views.case_needs, name="case-needs"),
    path("cases/<uuid:pk>/needs/<slug:moment>/", views.needs_edit, name="needs-edit"),
    path("cases/<uuid:pk>/averted/new/", views.averted_new, name="averted-new"),
    path("cases/<uuid:pk>/averted/<uuid:averted_id>/", views.averted_edit, name="averted-edit"),
    path("settings/unit-costs/", views.unit_costs, name="settings-unit-costs"),
]
