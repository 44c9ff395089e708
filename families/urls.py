from django.urls import include, path

from clusters.confirmed import confirmed
from families import duplicate_views, history_views, picture_views, record_pages, record_views, views

urlpatterns = [
    path("", include("families.who_sees.urls")),
    path("search/", views.search, name="search"),
    path("families/", views.family_list, name="family-list"),
    path("families/emergency/", confirmed(history_views.emergency), name="emergency"),
    path("families/emergency/<uuid:pk>/end/", history_views.emergency_end, name="emergency-end"),
    path("families/duplicates/", duplicate_views.duplicate_list, name="duplicate-list"),
    path("families/duplicates/<uuid:pair>/", duplicate_views.duplicate, name="duplicate"),
    path("families/merges/<uuid:merge>/undo/", duplicate_views.merge_undo, name="merge-undo"),
    path("families/<uuid:pk>/", views.family_page, name="family"),
    path("families/<uuid:pk>/edit/", record_views.family_edit, name="family-edit"),
    path("families/<uuid:pk>/people/new/", record_views.person_new, name="person-new"),
    path("families/<uuid:pk>/picture/", picture_views.picture, name="family-picture"),
    path("families/<uuid:pk>/relationships/new/", record_pages.relationship_new, name="relationship-new"),
    path("families/<uuid:pk>/social-care/new/", record_pages.social_care_new, name="social-care-new"),
    path("families/<uuid:pk>/circumstances/", record_pages.circumstances, name="circumstances"),
    path("families/<uuid:pk>/sharing/new/", record_pages.sharing_new, name="sharing-new"),
    path("families/<uuid:pk>/flags/new/", record_views.flag_new, name="flag-new"),
    path("families/<uuid:pk>/agreements/new/", record_views.agreement_new, name="agreement-new"),
    path("families/<uuid:pk>/restrict/", record_views.family_restrict, name="family-restrict"),
    path("families/<uuid:pk>/history/", history_views.family_history, name="family-history"),
    path("families/<uuid:pk>/emergency/", confirmed(history_views.family_emergency), name="family-emergency"),
    path("people/<uuid:pk>/edit/", record_views.person_edit, name="person-edit"),
    path("relationships/<uuid:pk>/edit/", record_pages.relationship_edit, name="relationship-edit"),
    path("social-care/<uuid:pk>/edit/", record_pages.social_care_edit, name="social-care-edit"),
    path("sharing/<uuid:pk>/edit/", record_pages.sharing_edit, name="sharing-edit"),
    path("flags/<uuid:pk>/edit/", record_pages.flag_edit, name="flag-edit"),
    path("agreements/<uuid:pk>/edit/", record_pages.agreement_edit, name="agreement-edit"),
    path("flags/<uuid:pk>/end/", record_views.flag_end, name="flag-end"),
    path("agreements/<uuid:pk>/withdraw/", record_views.agreement_withdraw, name="agreement-withdraw"),
    path("files/<uuid:pk>/", views.family_file, name="family-file"),
]
