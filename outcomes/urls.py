from django.urls import include, path

from outcomes import late_outcome, transfer_views, views
from outcomes.family_page.urls import urlpatterns as family_page
from outcomes.followup.urls import urlpatterns as follow_ups
from outcomes.own_answers.urls import urlpatterns as own_answers

urlpatterns = [
    path("", include("outcomes.measures.urls")),
    path("", include("outcomes.surveys.urls")),
    path("cases/<uuid:pk>/outcomes/", views.case_outcomes, name="case-outcomes"),
    path("cases/<uuid:pk>/close/", views.close, name="case-close"),
    path("cases/<uuid:pk>/reopen/", views.reopen, name="case-reopen"),
    path("cases/<uuid:pk>/reopen/undo/", views.reopen_undo, name="case-reopen-undo"),
    path("cases/<uuid:pk>/exit-plan/", views.exit_plan, name="exit-plan"),
    path("cases/<uuid:pk>/exit-plan/shared/", views.share, name="exit-plan-shared"),
    path("transfers/", transfer_views.transfers, name="transfers"),
    path("transfers/new/<uuid:referral_pk>/", transfer_views.transfer_new, name="transfer-new"),
    path("transfers/<uuid:pk>/", transfer_views.transfer, name="transfer"),
    path("transfers/<uuid:pk>/end/", transfer_views.transfer_end, name="transfer-end"),
    path("transfers/in/<uuid:pk>/", transfer_views.transfer_in, name="transfer-in"),
    path("transfers/received/<uuid:pk>/", transfer_views.received, name="received"),
    path("referrals/<uuid:pk>/outcome/", late_outcome.outcome_record, name="outcome-record"),
    path("", include("outcomes.readings.urls")),
    path("", include("outcomes.needs.urls")),
    path("closures/<uuid:pk>/", views.closure, name="closure"),
    *family_page,
    *follow_ups,
    *own_answers,
]
