from django.urls import path

from outcomes.family_page import views, worker_views

urlpatterns = [
    path("cases/<uuid:pk>/plan/share/", worker_views.share, name="case-share"),
    path("cases/<uuid:pk>/plan/share/<uuid:link_id>/", worker_views.change, name="family-link"),
    path("cases/<uuid:pk>/plan/share/<uuid:link_id>/withdraw/", worker_views.withdraw, name="family-link-withdraw"),
    path("f/<str:token>/", views.plan, name="family-plan"),
    path("f/<str:token>/scores/", views.scores, name="family-plan-scores"),
    path("f/<str:token>/goals/<uuid:goal_id>/", views.goal, name="family-plan-goal"),
    path("f/<str:token>/after/<uuid:follow_up_id>/", views.asked, name="family-plan-asked"),
    path("f/<str:token>/leave/", views.leave, name="family-plan-leave"),
]
