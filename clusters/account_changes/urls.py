from django.urls import path

from clusters.account_changes import views
from clusters.confirmed import confirmed

urlpatterns = [
    path("staff/accounts/of/<int:pk>/", confirmed(views.ask), name="settings-account-ask"),
    path("staff/accounts/<int:pk>/", confirmed(views.answer), name="settings-account-request"),
]
