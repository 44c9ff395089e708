from django.urls import include, path

from referrals import intake_file_views, intake_views, journey_views, sibling_views, views

urlpatterns = [
    path("", include("referrals.public.urls")),
    path("referrals/", views.list_page, name="referral-list"),
    path("referrals/new/", journey_views.referral_new, name="referral-new"),
    path("referrals/new/start/", journey_views.referral_start, name="referral-start"),
    path("referrals/new/<uuid:draft>/", journey_views.referral_tasks, name="referral-tasks"),
    path("referrals/new/<uuid:draft>/check/", journey_views.referral_check, name="referral-check"),
    path("referrals/new/<uuid:draft>/discard/", journey_views.referral_discard, name="referral-discard"),
    path(
        "referrals/new/<uuid:draft>/files/<uuid:file>/remove/", journey_views.file_remove, name="referral-file-remove"
    ),
    path("referrals/new/<uuid:draft>/siblings/add/", sibling_views.sibling_add, name="referral-sibling-add"),
    path("referrals/new/<uuid:draft>/siblings/<uuid:key>/", sibling_views.sibling_page, name="referral-sibling"),
    path(
        "referrals/new/<uuid:draft>/siblings/<uuid:key>/remove/",
        sibling_views.sibling_remove,
        name="referral-sibling-remove",
    ),
    path("referrals/new/<uuid:draft>/<slug:section>/", journey_views.referral_section, name="referral-section"),
    path("referrals/to-match/", intake_views.list_page, name="intake-list"),
    path("referrals/to-match/file/", intake_file_views.upload_page, name="intake-upload"),
    path("referrals/to-match/not-taken/", intake_file_views.rejects_page, name="intake-rejects"),
    path("referrals/to-match/not-taken/<uuid:pk>/", intake_file_views.reject_settle, name="intake-reject-settle"),
    path("referrals/to-match/<uuid:pk>/", intake_views.intake_page, name="intake"),
    path("referrals/to-match/<uuid:pk>/set-aside/", intake_views.discard_page, name="intake-discard"),
    path("referrals/to-match/<uuid:pk>/bring-back/", intake_views.back, name="intake-back"),
    path("referrals/to-match/<uuid:pk>/changed/", intake_views.changed, name="intake-changed"),
    path("referrals/to-match/<uuid:pk>/pass-on/", intake_views.pass_page, name="intake-pass"),
    path("referrals/<uuid:pk>/", views.referral_page, name="referral"),
    path("referrals/<uuid:pk>/override/", views.override_page, name="referral-override"),
    path("my-school/", views.own_school_page, name="school-referrals"),
]
