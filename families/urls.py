from django.urls import path

from families import views

urlpatterns = [
    path("search/", views.search, name="search"),
    path("families/", views.family_list, name="family-list"),
    path("families/<uuid:pk>/", views.family_page, name="family"),
    path("files/<uuid:pk>/", views.family_file, name="family-file"),
]
