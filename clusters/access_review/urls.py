from django.urls import path

from clusters.access_review import views
from clusters.confirmed import confirmed

urlpatterns = [
    path("access/", views.review_list, name="settings-access-reviews"),
    path("access/<int:pk>/", views.review, name="settings-access-review"),
    path("access/<int:pk>/finish/", confirmed(views.finish), name="settings-access-finish"),
    path("access/lines/<int:pk>/keep/", views.keep, name="settings-access-keep"),
    path("access/lines/<int:pk>/", confirmed(views.decide), name="settings-access-line"),
]
