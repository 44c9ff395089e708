"""Families for programs: the list of the own Clusters, and one family with its people."""

from typing import ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from cluster_ehs.core import audit
from cluster_ehs.core.api import ApiView, asked
from cluster_ehs.core.api_paging import PageQuery, PageSerializer, page_of
from clusters.api import ApiRequest, Place, listed_clusters
from families import policies
from families.models import Family, Flag, Gender, Involvement, SendNeed
from families.selectors import current_flags, members

ORDER = ("cluster_id", "reference")


class FamilyLine(serializers.Serializer):
    id = serializers.UUIDField()
    cluster = serializers.IntegerField(source="cluster_id")
    reference = serializers.CharField()
    name = serializers.CharField()
    restricted = serializers.BooleanField()


class FamilyPage(PageSerializer):
    results = FamilyLine(many=True)


class Need(serializers.Serializer):
    status = serializers.ChoiceField(choices=SendNeed.Status.choices)
    type = serializers.CharField(source="type.code")


class Member(serializers.Serializer):
    """A child, an adult of the family, or somebody of its network."""

    id = serializers.UUIDField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    known_as = serializers.CharField()
    birth_date = serializers.DateField(allow_null=True)
    age = serializers.IntegerField(allow_null=True, help_text="In years, today.")
    is_child = serializers.BooleanField()
    in_household = serializers.BooleanField()
    relationship = serializers.CharField(source="relationship.code", allow_null=True, default=None)
    parental_responsibility = serializers.BooleanField(allow_null=True)
    involvement = serializers.ChoiceField(choices=Involvement.choices)
    gender = serializers.ChoiceField(choices=Gender.choices)
    gender_words = serializers.CharField()
    ethnicity = serializers.CharField(source="ethnicity.code", allow_null=True, default=None)
    first_language = serializers.CharField(source="first_language.code", allow_null=True, default=None)
    interpreter_needed = serializers.BooleanField(allow_null=True)
    school = Place(allow_null=True)
    year_group = serializers.CharField()
    upn = serializers.CharField()
    nhs_number = serializers.CharField()
    telephone = serializers.CharField()
    other_address = serializers.CharField()
    send_needs = Need(source="send_needs.all", many=True)


class FlagShown(serializers.Serializer):
    kind = serializers.ChoiceField(choices=Flag.Kind.choices)
    text = serializers.CharField()
    not_to_be_told = serializers.UUIDField(
        source="not_to_be_told_id", allow_null=True, help_text="Who must not be told the address."
    )


class FamilyDetails(FamilyLine):
    own_number = serializers.CharField()
    address = serializers.CharField()
    postcode = serializers.CharField()
    telephone = serializers.CharField()
    version = serializers.IntegerField()


class FamilyRecord(FamilyDetails):
    """A family with its people and what must be known at a glance."""

    people = Member(many=True)
    flags = FlagShown(many=True)


class FamilyListView(ApiView):
    """Families of the own Clusters, by Cluster and reference."""

    scopes: ClassVar = {"GET": "families:read"}

    @extend_schema(summary="Families", parameters=[PageQuery], responses=FamilyPage)
    def get(self, request: ApiRequest) -> Response:
        clusters = listed_clusters(request.user)
        found, following = page_of(
            Family.objects.filter(cluster_id__in=clusters), request, order=ORDER, given=asked(request, PageQuery)
        )
        return Response({"results": FamilyLine(found, many=True).data, "next": following})


class FamilyView(ApiView):
    """One family. The look is recorded."""

    scopes: ClassVar = {"GET": "families:read"}

    @extend_schema(summary="One family", responses=FamilyRecord)
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        family = get_object_or_404(Family, pk=pk)
        policies.check_open(request.user, family)
        audit.look(by=request.user, at=family, page="api: family")
        return Response(
            {
                **FamilyDetails(family).data,
                "people": Member(members(family), many=True).data,
                "flags": FlagShown(current_flags(family), many=True).data,
            }
        )
