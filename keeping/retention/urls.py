from django.urls import path

from clusters.confirmed import confirmed, downloads
from keeping.retention import views

urlpatterns = [
    path("keeping/", confirmed(views.retention, when=downloads), name="retention"),
    path("keeping/families/<uuid:pk>/review/", confirmed(views.review), name="retention-review"),
    path("keeping/families/<uuid:pk>/hold/", views.legal_hold, name="legal-hold"),
    path("keeping/disposals/<uuid:pk>/", confirmed(views.disposal), name="disposal"),
    path("keeping/disposals/<uuid:pk>/certificate/", views.disposal_certificate, name="disposal-certificate"),
    path("settings/retention/", views.rules, name="settings-retention"),
    path("settings/retention/<slug:kind>/", views.rule_edit, name="settings-retention-rule"),
]
