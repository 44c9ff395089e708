from django.urls import path

from monitoring.returns import views

urlpatterns = [
    path("reports/returns/", views.returns, name="returns"),
    path("reports/returns/<uuid:pk>/", views.return_run, name="return-run"),
    path("reports/returns/<uuid:pk>/<str:name>/", views.return_file, name="return-file"),
]
