from django.urls import path

from outcomes.followup import views

urlpatterns = [path("follow-ups/<uuid:pk>/", views.follow_up, name="follow-up")]
