from django.urls import path

from clusters.confirmed import confirmed
from monitoring.returns import views

urlpatterns = [
    path("reports/returns/", views.returns, name="returns"),
    path("reports/returns/<uuid:pk>/", views.return_run, name="return-run"),
    path("reports/returns/<uuid:pk>/<str:name>/", confirmed(views.return_file), name="return-file"),
]
