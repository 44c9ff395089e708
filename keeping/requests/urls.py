from django.urls import path

from keeping.requests import views

urlpatterns = [
    path("rights/", views.rights, name="rights"),
    path("families/<uuid:pk>/rights/new/", views.rights_new, name="rights-new"),
    path("rights/<uuid:pk>/", views.rights_request, name="rights-request"),
    path("rights/<uuid:pk>/step/<slug:act>/", views.rights_step, name="rights-step"),
    path("rights/<uuid:pk>/letters/<uuid:letter_id>/", views.rights_letter, name="rights-letter"),
]
