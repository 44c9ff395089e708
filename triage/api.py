"""The decision on a referral for programs: read it, or decide as a leader does on the board."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Prefetch, Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from cluster_ehs.core import audit
from cluster_ehs.core.api import ApiView, StrictSerializer, told
from clusters.api import ApiRequest, NeedLevelShown, Place
from clusters.models import NeedLevel, PartnerService, Service
from clusters.need import level_today
from families.models import Person
from families.policies import check_open
from referrals.models import Referral
from triage import policies
from triage.models import TRIAGE_OUTCOMES, Decision, Ending, Meeting, Offer, Outcome, PassingOn
from triage.models import Response as Answer
from triage.services import Offered, decide

MOST = 30


class OfferShown(serializers.Serializer):
    """A service that was offered; while it waits, a place on the waiting list."""

    id = serializers.UUIDField()
    service = serializers.CharField(source="service.code")
    person = serializers.UUIDField(source="person_id", allow_null=True, help_text="Empty: for the whole family.")
    status = serializers.ChoiceField(choices=Offer.Status.choices)
    priority = serializers.ChoiceField(choices=Offer.Priority.choices)
    waiting_since = serializers.DateField()
    started_on = serializers.DateField(allow_null=True)


class PassedOn(serializers.Serializer):
    id = serializers.UUIDField()
    partner = Place()
    status = serializers.ChoiceField(choices=PassingOn.Status.choices)
    sent_on = serializers.DateField()
    return_expected = serializers.BooleanField()
    known_on = serializers.DateField(allow_null=True)
    outcome = serializers.CharField()


class EndingShown(serializers.Serializer):
    where = serializers.ChoiceField(choices=Ending.Where.choices)
    ended_on = serializers.DateField()
    outcomes = serializers.ListField(child=serializers.ChoiceField(choices=Outcome.choices))


class DecisionShown(serializers.Serializer):
    """The one response to a referral, what was offered and passed on, and the ending when there is one."""

    id = serializers.UUIDField()
    referral = serializers.UUIDField(source="referral_id")
    response = serializers.ChoiceField(choices=Answer.choices)
    rationale = serializers.CharField()
    decided_on = serializers.DateField()
    decided_at = serializers.DateTimeField()
    decided_by = serializers.CharField(source="decided_by.name", allow_null=True, default=None)
    meeting = serializers.UUIDField(source="meeting_id", allow_null=True)
    need_level = NeedLevelShown(allow_null=True, help_text="As the Cluster judged it; null when nobody did.")
    offers = OfferShown(many=True, source="offers.all")
    passed_on = PassedOn(many=True, source="passed_on.all")
    ending = EndingShown(allow_null=True, default=None)


class NewOffer(StrictSerializer):
    service = serializers.CharField(max_length=40, help_text="A code of the list of services.")
    person = serializers.UUIDField(required=False, allow_null=True, default=None)
    priority = serializers.ChoiceField(choices=Offer.Priority.choices, default=Offer.Priority.ROUTINE)


class NewDecision(StrictSerializer):
    """`services` for a response that offers some, `partners` for one that passes on, `outcomes` for one that ends."""

    response = serializers.ChoiceField(choices=Answer.choices)
    rationale = serializers.CharField(max_length=20_000)
    services = serializers.ListField(child=NewOffer(), required=False, default=list, max_length=MOST)
    partners = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, default=list, max_length=MOST
    )
    meeting = serializers.UUIDField(required=False, allow_null=True, default=None)
    need_level = serializers.IntegerField(
        min_value=1,
        required=False,
        allow_null=True,
        default=None,
        help_text="The id of a level of today’s thresholds; the list of codes has them.",
    )
    outcomes = serializers.ListField(
        child=serializers.ChoiceField(choices=[(o.value, o.label) for o in Outcome if o in TRIAGE_OUTCOMES]),
        required=False,
        default=list,
        max_length=len(TRIAGE_OUTCOMES),
    )


class DecisionView(ApiView):
    """The response to one referral."""

    scopes: ClassVar = {"GET": "decisions:read", "POST": "decisions:write"}

    @extend_schema(
        summary="The decision on a referral", description="404 while it is not decided.", responses=DecisionShown
    )
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        referral = self._referral(request, pk)
        shown = _shown(referral)
        audit.look(by=request.user, at=referral, page="api: decision")
        return Response(shown)

    @extend_schema(summary="Decide a referral", request=NewDecision, responses={201: DecisionShown})
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        referral = self._referral(request, pk)
        policies.check_decide(request.user, referral)

        def make() -> str:
            given = told(request, NewDecision)
            decide(
                by=request.user,
                referral=referral,
                response=given["response"],
                rationale=given["rationale"],
                services=_offered(referral, given["services"]),
                partners=_partners(given["partners"]),
                meeting=_meeting(referral, given["meeting"]),
                need_level=_need_level(given["need_level"]),
                outcomes=[Outcome(value) for value in given["outcomes"]],
            )
            return str(referral.pk)

        return self.create_once(
            request, make=make, show=lambda _: _shown(referral), url=lambda key: reverse("api-decision", args=[key])
        )

    def _referral(self, request: ApiRequest, pk: UUID) -> Referral:
        referral = get_object_or_404(Referral.objects.select_related("family"), pk=pk)
        check_open(request.user, referral.family)
        return referral


def _shown(referral: Referral) -> dict[str, Any]:
    decision = get_object_or_404(
        Decision.objects.select_related("decided_by", "referral__ending", "need_level__document").prefetch_related(
            Prefetch("offers", Offer.objects.select_related("service")),
            Prefetch("passed_on", PassingOn.objects.select_related("partner")),
        ),
        referral_id=referral.pk,
    )
    ending = getattr(decision.referral, "ending", None)
    outcomes = list(ending.outcomes.values_list("outcome", flat=True)) if ending else []
    shown = DecisionShown(decision).data
    shown["ending"] = ending and EndingShown({**vars(ending), "outcomes": outcomes}).data
    return shown


def _offered(referral: Referral, given: list[dict[str, Any]]) -> list[Offered]:
    """The services by their codes and the members of the family by their ids; what is not there is named."""
    services = Service.objects.filter(
        Q(cluster__isnull=True) | Q(cluster_id=referral.cluster_id), code__in=[entry["service"] for entry in given]
    ).in_bulk(field_name="code")
    people = Person.objects.filter(family_id=referral.family_id).in_bulk(
        [entry["person"] for entry in given if entry["person"]]
    )
    wrong = {}
    for place, entry in enumerate(given):
        if entry["service"] not in services:
            wrong[f"services.{place}.service"] = ["No such service in this Cluster."]
        if entry["person"] and entry["person"] not in people:
            wrong[f"services.{place}.person"] = ["Choose somebody of this family."]
    if wrong:
        raise ValidationError(wrong)
    return [
        Offered(services[entry["service"]], people.get(entry["person"]) if entry["person"] else None, entry["priority"])
        for entry in given
    ]


def _partners(ids: list[int]) -> list[PartnerService]:
    found = PartnerService.objects.in_bulk(ids)
    if len(found) < len(ids):
        raise ValidationError({"partners": ["Choose partner services from the list, each once."]})
    return list(found.values())


def _need_level(pk: int | None) -> NeedLevel | None:
    level = level_today(pk)
    if pk and level is None:
        raise ValidationError({"need_level": ["There is no such level in today’s thresholds."]})
    return level


def _meeting(referral: Referral, pk: UUID | None) -> Meeting | None:
    if pk is None:
        return None
    meeting = Meeting.objects.filter(pk=pk, cluster_id=referral.cluster_id).first()
    if meeting is None:
        raise ValidationError({"meeting": ["Choose a meeting of this Cluster."]})
    return meeting
