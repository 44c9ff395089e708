from django.urls import path

from outcomes.own_answers import views

urlpatterns = [
    path("f/<str:token>/questions/<slug:code>/", views.own_measure, name="family-plan-measure"),
    path("f/<str:token>/survey/<uuid:invitation_pk>/", views.own_survey, name="family-plan-survey"),
    path("measures/<uuid:pk>/seen-to/", views.seen_to, name="measure-seen-to"),
]
