from django.urls import path

from keeping.notices import views

urlpatterns = [
    path("privacy/", views.privacy, name="privacy"),
    path("privacy/<slug:language>/", views.privacy, name="privacy-in"),
    path("accessibility/", views.accessibility, name="accessibility"),
]
