from django.urls import path

from clusters.confirmed import confirmed
from monitoring.curiosity import views

urlpatterns = [
    path("reports/looks/", views.finding_list, name="curiosity"),
    path("reports/looks/<uuid:pk>/", views.finding, name="curiosity-finding"),
    path("reports/emergencies/", views.emergencies, name="emergencies"),
    path("settings/looks/", views.rules, name="settings-curiosity"),
    path("settings/looks/<slug:code>/", confirmed(views.rule), name="settings-curiosity-rule"),
]
