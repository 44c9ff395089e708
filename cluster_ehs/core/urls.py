from django.urls import path

from cluster_ehs.core import views

urlpatterns = [
    path("", views.home, name="home"),
]
