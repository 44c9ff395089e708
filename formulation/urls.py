from django.urls import path

from formulation import views

urlpatterns = [
    path("cases/<uuid:pk>/formulation/", views.formulation, name="case-formulation"),
    path("cases/<uuid:pk>/formulation/edit/", views.edit, name="formulation-edit"),
    path("cases/<uuid:pk>/formulation/new/", views.edit, {"anew": True}, name="formulation-new"),
    path("cases/<uuid:pk>/formulation/<int:number>/", views.formulation, name="formulation-version"),
    path("cases/<uuid:pk>/factors/<uuid:factor_pk>/use/", views.use_factor, name="factor-use"),
]
