from django.urls import path

from cluster_ehs.core import draft_views, gallery, session_limits, views

urlpatterns = [
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
    path("gallery/", gallery.gallery, name="gallery"),
    path("", views.home, name="home"),
    path("account/stay/", session_limits.stay, name="account-stay"),
    path("drafts/", draft_views.save_draft, name="draft-save"),
    path("drafts/<uuid:pk>/", draft_views.kept_draft, name="kept-draft"),
    path("drafts/<uuid:pk>/discard/", draft_views.discard_draft, name="draft-discard"),
]
