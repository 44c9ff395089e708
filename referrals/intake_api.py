"""Notifications from other programs: police, MindMate SPA, CSWS."""

from typing import Any, ClassVar
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from cluster_ehs.core import scope
from cluster_ehs.core.api import ApiView, StrictSerializer, told
from clusters.api import ApiRequest
from families.models import Gender
from referrals import policies
from referrals.api_shapes import LONG, Words
from referrals.intake_feed import SOURCES, deliver

IDENTITY = ("source", "external_id", "received_at", "harm", "school_urn")


class Notification(StrictSerializer):
    """One child that somebody outside is worried about. Leave out what is not known."""

    source = serializers.ChoiceField(choices=[(s.value, s.label) for s in SOURCES])  # type: ignore[assignment]
    external_id = serializers.CharField(
        max_length=100, help_text="Your own name for it. Sent again with the same words it adds nothing."
    )
    received_at = serializers.DateTimeField(required=False)
    harm = serializers.BooleanField(default=False, help_text="You fear significant harm: the leaders are told at once.")
    restricted = serializers.BooleanField(
        default=False,
        help_text="Somebody who works in early help is close to the family: only the Cluster’s leaders read it, and "
        "the record made of it is restricted from its first moment. A change that leaves it out opens nothing.",
    )
    first_name = Words(80)
    last_name = serializers.CharField(max_length=80)
    known_as = Words(80)
    birth_date = serializers.DateField(required=False)
    age = serializers.IntegerField(min_value=0, max_value=25, required=False)
    gender = serializers.ChoiceField(choices=Gender.choices, required=False)
    upn = Words(13)
    nhs_number = Words(20)
    address = Words(300)
    postcode = Words(10)
    telephone = Words(40)
    school_urn = serializers.RegexField(r"^\d{6}$", required=False)
    school_name = Words(160)
    carer_first_name = Words(80)
    carer_last_name = Words(80)
    carer_telephone = Words(40)
    referrer_name = Words(120)
    referrer_role = Words(120)
    referrer_organisation = Words(160)
    referrer_telephone = Words(40)
    referrer_email = serializers.EmailField(required=False, max_length=254)
    csws_reference = Words(60)
    worrying = Words(LONG)
    going_well = Words(LONG)
    visiting_risks = Words(LONG)
    notes = Words(LONG)


class Received(serializers.Serializer):
    """What you may quote. It does not say whether the child is known here."""

    id = serializers.UUIDField()
    reference = serializers.CharField()


class IntakeView(ApiView):
    """What comes in from outside: kept once, and matched to a child here."""

    scopes: ClassVar = {"POST": "intake:write"}

    @extend_schema(summary="Send a notification", request=Notification, responses={201: Received})
    def post(self, request: ApiRequest) -> Response:
        policies.check_send_intake(request.user)

        def make() -> str:
            given = told(request, Notification)
            payload = {name: value for name, value in given.items() if name not in IDENTITY and value not in ("", None)}
            if not payload.get("restricted"):
                payload.pop("restricted", None)
            about = {name: given[name] for name in IDENTITY if name in given}
            try:
                delivered = deliver(payload=_plain(payload), brought_by=request.user, **about)
            finally:
                # The feed's scope has ended; the answer is kept for the token's owner.
                scope.act_as_user(request.user.pk, request_id=getattr(request._request, "request_id", ""))
            return f"{delivered.id} {delivered.reference}"

        return self.create_once(request, make=make, show=_shown, url=lambda made: reverse("api-intake"))


def _plain(payload: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int) else str(value) for name, value in payload.items()}


def _shown(made: str) -> dict[str, Any]:
    key, _, reference = made.partition(" ")
    return Received({"id": UUID(key), "reference": reference}).data
