from django.urls import path

from families.who_sees import views

urlpatterns = [path("who/<slug:kind>/<uuid:pk>/", views.page, name="who-sees")]
