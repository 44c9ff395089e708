from django.urls import path

from formulation import assessment_views, compare_views, views

urlpatterns = [
    path("cases/<uuid:pk>/formulation/", views.formulation, name="case-formulation"),
    path("cases/<uuid:pk>/formulation/edit/", views.edit, name="formulation-edit"),
    path("cases/<uuid:pk>/formulation/new/", views.edit, {"anew": True}, name="formulation-new"),
    path("cases/<uuid:pk>/formulation/compare/", compare_views.compare, name="formulation-compare"),
    path("cases/<uuid:pk>/formulation/<int:number>/", views.formulation, name="formulation-version"),
    path("cases/<uuid:pk>/formulation/<int:number>/pdf/", views.as_pdf, name="formulation-pdf"),
    path("cases/<uuid:pk>/factors/<uuid:factor_pk>/use/", views.use_factor, name="factor-use"),
    path("cases/<uuid:pk>/assessment/new/", assessment_views.assessment_new, name="assessment-new"),
    path("assessments/<uuid:pk>/edit/", assessment_views.assessment_edit, name="assessment-edit"),
    path("assessments/<uuid:pk>/finish/", assessment_views.assessment_finish, name="assessment-finish"),
    path("assessments/<uuid:pk>/again/", assessment_views.assessment_again, name="assessment-again"),
    path("referrals/<uuid:pk>/formulation/", views.at_screening, name="referral-formulation"),
    path("referrals/<uuid:pk>/formulation/edit/", views.edit_at_screening, name="referral-formulation-edit"),
]
