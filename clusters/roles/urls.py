from django.urls import path

from clusters.confirmed import confirmed
from clusters.roles import views

urlpatterns = [
    path("staff/managers/", views.manager_requests, name="settings-manager-requests"),
    path("staff/managers/<int:pk>/", confirmed(views.manager_request), name="settings-manager-request"),
    path("staff/<int:pk>/manager/", confirmed(views.manager_ask), name="settings-manager-ask"),
    path("staff/<int:pk>/acting/", confirmed(views.acting_up), name="settings-acting"),
]
