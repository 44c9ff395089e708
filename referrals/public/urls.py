from django.urls import path

from referrals.public import settings_views, views

urlpatterns = [
    path("ask/", views.choose_language, name="public-language"),
    path("ask/<slug:language>/", views.start, name="public-start"),
    path("ask/<slug:language>/check/", views.check, name="public-check"),
    path("ask/<slug:language>/code/", views.code, name="public-code"),
    path("ask/<slug:language>/done/", views.done, name="public-done"),
    path("ask/<slug:language>/leave/", views.leave, name="public-leave"),
    path("ask/<slug:language>/<slug:step>/", views.step, name="public-step"),
    path("my-school/ask/", views.start_from_school, name="school-ask"),
    path("settings/translations/", settings_views.list_page, name="settings-translations"),
    path("settings/translations/<slug:language>/", settings_views.language_page, name="settings-translation"),
    path(
        "settings/translations/<slug:language>/<slug:digest>/",
        settings_views.text_page,
        name="settings-translation-text",
    ),
]
