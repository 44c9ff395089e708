"""Whose records the API lists, the code lists that a program needs to write, and how a token is described."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cluster_ehs.core.api import ApiView
from cluster_ehs.core.denied import Denied
from clusters.api_auth import ANY
from clusters.models import (
    Cluster,
    PartnerService,
    Role,
    School,
    SchoolMembership,
    Service,
    StaffRole,
    Term,
    User,
    Vocabulary,
)
from clusters.need import levels_on
from clusters.people import duties

AT_WORK = (Role.PRACTITIONER, Role.LEADER)


class ApiRequest(Request):
    """A request that was let in by its token: there is a user."""

    user: User


class TokenScheme(OpenApiAuthenticationExtension):
    """How the document says that a token is sent, and which scope it needs where."""

    target_class = "clusters.api_auth.TokenAuthentication"
    name = "token"

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[Any]]:
        needed = getattr(auto_schema.view, "scopes", {})[auto_schema.method]
        return {"token": [] if needed == ANY else [needed]}

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "Made on the page of your account, with scopes and a last day.",
        }


def listed_clusters(user: User) -> frozenset[int]:
    """Clusters whose records the API lists for a user: those of practitioners and leaders.

    A manager gets empty lists: no records by program. Raises Denied for everybody else.
    """
    mine = duties(user)
    if not mine.clusters and not mine.is_manager:
        raise Denied("Records are listed for practitioners and leaders of a Cluster.")
    return mine.clusters


class Code(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class FinerCode(Code):
    parent = serializers.CharField(source="parent.code", allow_null=True, default=None)  # type: ignore[assignment]


class Place(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()


class Partner(Place):
    returns_expected = serializers.BooleanField(help_text="Whether it hands back, so that no ending follows yet.")


class NeedLevelShown(serializers.Serializer):
    """A level of need of the authority's thresholds, as one dated document says it."""

    id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    document = serializers.CharField(source="document.__str__")
    document_from = serializers.DateField(source="document.starts_on")
    above_early_help = serializers.BooleanField()


class CodeLists(serializers.Serializer):
    """What may be chosen today. Retired entries stay on old records and are not listed."""

    clusters = Place(many=True, help_text="Those the token's owner works for.")
    workers = Place(many=True, help_text="Practitioners and leaders of those Clusters today.")
    schools = Place(many=True, help_text="Members of those Clusters today.")
    routes = Code(many=True)
    reasons = FinerCode(many=True, help_text="Categories, and the sub-reasons below them.")
    ethnicities = Code(many=True)
    languages = Code(many=True)
    services = Code(many=True, help_text="What those Clusters offer.")
    partners = Partner(many=True, help_text="Where a referral can be passed to.")
    need_levels = NeedLevelShown(many=True, help_text="Of the thresholds that hold today, the lowest first.")


class CodesView(ApiView):
    """The code lists that other addresses use."""

    scopes: ClassVar = {"GET": ANY}

    @extend_schema(summary="Code lists", responses=CodeLists)
    def get(self, request: ApiRequest) -> Response:
        mine = sorted(duties(request.user).clusters)
        terms: dict[str, list[Term]] = {}
        for term in Term.objects.current().select_related("parent").order_by("order", "label"):
            terms.setdefault(term.vocabulary, []).append(term)
        services = Service.objects.filter(Q(cluster__isnull=True) | Q(cluster_id__in=mine))
        lists = {
            "clusters": Cluster.objects.filter(pk__in=mine),
            "workers": User.objects.filter(
                pk__in=StaffRole.objects.today().filter(cluster_id__in=mine, role__in=AT_WORK).values("user_id"),
                is_active=True,
            ),
            "schools": member_schools(mine),
            "routes": terms.get(Vocabulary.ROUTE, []),
            "reasons": terms.get(Vocabulary.REASON, []),
            "ethnicities": terms.get(Vocabulary.ETHNICITY, []),
            "languages": terms.get(Vocabulary.LANGUAGE, []),
            "services": [{"code": s.code, "label": s.name} for s in services.filter(retired_on__isnull=True)],
            "partners": PartnerService.objects.filter(retired_on__isnull=True),
            "need_levels": levels_on().select_related("document"),
        }
        return Response(CodeLists(lists).data)


def member_schools(clusters: list[int]) -> QuerySet[School]:
    return School.objects.filter(
        pk__in=SchoolMembership.objects.today().filter(cluster_id__in=clusters).values("school_id")
    )
