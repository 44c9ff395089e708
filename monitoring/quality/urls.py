from django.urls import path

from clusters.confirmed import confirmed, downloads
from monitoring.quality import views

urlpatterns = [
    path("quality/", views.mine, name="quality-mine"),
    path("quality/<uuid:pk>/aside/", views.aside, name="quality-aside"),
    path("reports/quality/", views.quality, name="quality"),
    path("reports/quality/list/", confirmed(views.quality_list, when=downloads), name="quality-list"),
    path("settings/quality/", views.rule_list, name="settings-quality"),
    path("settings/quality/<int:pk>/", views.rule_edit, name="settings-quality-rule"),
]
