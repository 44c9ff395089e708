from django.urls import include, path

urlpatterns = [path("", include("keeping.retention.urls"))]
