from django.urls import include, path

from scripts.bench.meter import empty

urlpatterns = [path("bench/empty/", empty), path("", include("cluster_ehs.urls"))]
