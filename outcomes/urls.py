from django.urls import path

from outcomes import views

urlpatterns = [
    path("cases/<uuid:pk>/outcomes/", views.case_outcomes, name="case-outcomes"),
    path("cases/<uuid:pk>/close/", views.close, name="case-close"),
    path("cases/<uuid:pk>/reopen/", views.reopen, name="case-reopen"),
    path("cases/<uuid:pk>/exit-plan/", views.exit_plan, name="exit-plan"),
    path("cases/<uuid:pk>/exit-plan/shared/", views.share, name="exit-plan-shared"),
    path("closures/<uuid:pk>/", views.closure, name="closure"),
]
