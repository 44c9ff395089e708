"""The addresses of the API: version 1, its document, and JSON for everything else below /api/."""

from django.urls import path, re_path

from cases.api import CaseListView, CaseView, ContactListView, PlanView
from cases.api_sessions import InterpreterListView, SessionListView
from cluster_ehs.core.api import NothingHere
from cluster_ehs.core.api_schema import SchemaView
from clusters.api import CodesView
from families.api import FamilyListView, FamilyView
from monitoring.api import MonitoringTablesView
from referrals.api import ReferralListView, ReferralView
from referrals.intake_api import IntakeView
from triage.api import DecisionView

urlpatterns = [
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("v1/codes/", CodesView.as_view(), name="api-codes"),
    path("v1/families/", FamilyListView.as_view(), name="api-family-list"),
    path("v1/families/<uuid:pk>/", FamilyView.as_view(), name="api-family"),
    path("v1/intake/", IntakeView.as_view(), name="api-intake"),
    path("v1/referrals/", ReferralListView.as_view(), name="api-referral-list"),
    path("v1/referrals/<uuid:pk>/", ReferralView.as_view(), name="api-referral"),
    path("v1/referrals/<uuid:pk>/decision/", DecisionView.as_view(), name="api-decision"),
    path("v1/cases/", CaseListView.as_view(), name="api-case-list"),
    path("v1/cases/<uuid:pk>/", CaseView.as_view(), name="api-case"),
    path("v1/cases/<uuid:pk>/contacts/", ContactListView.as_view(), name="api-contact-list"),
    path("v1/cases/<uuid:pk>/sessions/", SessionListView.as_view(), name="api-session-list"),
    path("v1/cases/<uuid:pk>/interpreters/", InterpreterListView.as_view(), name="api-interpreter-list"),
    path("v1/cases/<uuid:pk>/plan/", PlanView.as_view(), name="api-plan"),
    path("v1/monitoring/tables/", MonitoringTablesView.as_view(), name="api-monitoring-tables"),
    # Of any characters, a line's end among them.
    re_path(r"^[\s\S]*$", NothingHere.as_view(), name="api-nothing"),
]
