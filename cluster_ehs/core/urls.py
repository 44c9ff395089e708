from django.urls import path

from cluster_ehs.core import gallery, views

urlpatterns = [
    path("gallery/", gallery.gallery, name="gallery"),
    path("", views.home, name="home"),
]
