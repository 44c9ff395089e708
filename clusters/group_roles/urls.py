from django.urls import path

from clusters.confirmed import confirmed
from clusters.group_roles import views

urlpatterns = [
    path("staff/groups/", views.group_list, name="settings-groups"),
    path("staff/groups/new/", confirmed(views.group_new), name="settings-group-new"),
    path("staff/groups/<int:pk>/end/", confirmed(views.group_end), name="settings-group-end"),
]
