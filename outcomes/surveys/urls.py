from django.urls import path

from outcomes.surveys import public_views, views

urlpatterns = [
    path("surveys/", views.survey_list, name="survey-list"),
    path("surveys/new/", views.survey_new, name="survey-new"),
    path("surveys/<int:pk>/", views.survey, name="survey"),
    path("surveys/<int:pk>/words/", views.survey_words, name="survey-words"),
    path("surveys/<int:pk>/end/", views.survey_end, name="survey-end"),
    path("surveys/<int:pk>/families/", views.survey_families, name="survey-families"),
    path("surveys/<int:pk>/letters/", views.survey_letters, name="survey-letters"),
    path("surveys/invitations/<uuid:pk>/link/", views.survey_link, name="survey-link"),
    path("surveys/invitations/<uuid:pk>/paper/", views.survey_paper, name="survey-paper"),
    path("surveys/invitations/<uuid:pk>/declined/", views.survey_declined, name="survey-declined"),
    path("survey/<str:token>/", public_views.survey_answer, name="survey-answer"),
]
