from django.urls import URLPattern, path

from cases.views import overview, thin

urlpatterns: list[URLPattern] = [
    path("cases/<uuid:pk>/", overview.case, name="case"),
    path("cases/<uuid:pk>/plan/", thin.tab, {"key": "plan"}, name="case-plan"),
    path("cases/<uuid:pk>/contacts/", thin.tab, {"key": "contacts"}, name="case-contacts"),
    path("cases/<uuid:pk>/contacts/new/", thin.tab, {"key": "contacts"}, name="contact-new"),
    path("contacts/<uuid:pk>/", thin.tab, {"key": "contacts"}, name="contact"),
    path("cases/<uuid:pk>/services/", thin.tab, {"key": "services"}, name="case-services"),
]
