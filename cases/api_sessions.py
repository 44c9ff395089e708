"""Planned sessions and interpreters of a case for programs."""

from typing import Any, ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from cases.api import a_case, of_case
from cases.api_shapes import A_DAY, WorkerBrief
from cases.models import CaseService, Contact, InterpreterBooking, PlannedSession
from cases.services import book_interpreter, plan_sessions
from cases.services.interpreters import MOST_MINUTES, MOST_PENCE
from cases.services.sessions import MOST_AT_ONCE
from cluster_ehs.core.api import ApiView, StrictSerializer, asked, fields_named, told
from cluster_ehs.core.api_paging import PageQuery, PageSerializer, page_of
from clusters.api import ApiRequest
from clusters.models import Term, Vocabulary
from families.models import Person

Status = InterpreterBooking.Status
LATEST_FIRST = ("-at", "-id")


class SessionShown(serializers.Serializer):
    """A session or visit that is planned. With `contact` it is recorded; with `withdrawn_at` it is planned no more."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Contact.Kind.choices)
    case_service = serializers.UUIDField(source="case_service_id", allow_null=True)
    worker = WorkerBrief()
    at = serializers.DateTimeField()
    minutes = serializers.IntegerField(allow_null=True)
    place = serializers.CharField()
    contact = serializers.UUIDField(source="contact_id", allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)


class SessionPage(PageSerializer):
    results = SessionShown(many=True)


class NewSessions(StrictSerializer):
    """`times` plans the same hour of so many weeks in a row."""

    kind = serializers.ChoiceField(choices=Contact.Kind.choices, required=False, default=Contact.Kind.SESSION)
    case_service = serializers.UUIDField(required=False, allow_null=True, default=None)
    at = serializers.DateTimeField()
    minutes = serializers.IntegerField(min_value=5, max_value=600, required=False, allow_null=True, default=None)
    place = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    times = serializers.IntegerField(min_value=1, max_value=MOST_AT_ONCE, required=False, default=1)


class Planned(serializers.Serializer):
    sessions = SessionShown(many=True)


class InterpreterShown(serializers.Serializer):
    """An interpreter asked for, booked, used or cancelled."""

    id = serializers.UUIDField()
    language = serializers.CharField(source="language.code")
    person = serializers.UUIDField(source="person_id", allow_null=True)
    planned = serializers.UUIDField(source="planned_id", allow_null=True)
    contact = serializers.UUIDField(source="contact_id", allow_null=True)
    at = serializers.DateTimeField()
    mode = serializers.ChoiceField(choices=InterpreterBooking.Mode.choices)
    provider = serializers.CharField()
    minutes_booked = serializers.IntegerField()
    minutes_used = serializers.IntegerField(allow_null=True)
    pence = serializers.IntegerField(allow_null=True, help_text="Null while the cost is not known.")
    status = serializers.ChoiceField(choices=Status.choices)
    cancelled_late = serializers.BooleanField(help_text="So late that it is charged.")


class InterpreterPage(PageSerializer):
    results = InterpreterShown(many=True)


class NewInterpreter(StrictSerializer):
    """`language` is a code of the list `language`. What was used has the minutes that are booked."""

    language = serializers.CharField(max_length=60)
    person = serializers.UUIDField(required=False, allow_null=True, default=None)
    planned = serializers.UUIDField(required=False, allow_null=True, default=None)
    at = serializers.DateTimeField()
    mode = serializers.ChoiceField(
        choices=InterpreterBooking.Mode.choices, required=False, default=InterpreterBooking.Mode.IN_PERSON
    )
    provider = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    minutes_booked = serializers.IntegerField(min_value=1, max_value=min(MOST_MINUTES, A_DAY))
    pence = serializers.IntegerField(min_value=0, max_value=MOST_PENCE, required=False, allow_null=True, default=None)
    status = serializers.ChoiceField(
        choices=[each for each in Status.choices if each[0] != Status.CANCELLED], required=False, default=Status.ASKED
    )


class SessionListView(ApiView):
    """Planned sessions and visits of a case, the latest first, those recorded and withdrawn too."""

    scopes: ClassVar = {"GET": "contacts:read", "POST": "contacts:write"}

    @extend_schema(summary="Planned sessions of a case", parameters=[PageQuery], responses=SessionPage)
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        case = a_case(request, pk, page="planned sessions")
        given = asked(request, PageQuery)
        rows = PlannedSession.objects.filter(case_id=case.pk).select_related("worker")
        found, following = page_of(rows, request, order=LATEST_FIRST, given=given)
        return Response({"results": SessionShown(found, many=True).data, "next": following})

    @extend_schema(summary="Plan sessions", request=NewSessions, responses={201: Planned})
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        case = a_case(request, pk, page="planned sessions")

        def make() -> str:
            given = told(request, NewSessions)
            if service := given.pop("case_service"):
                given["case_service"] = of_case(CaseService, case, service, "case_service", "Choose a service")
            with fields_named(lambda name: "case_service" if name == "worker" else name):
                made = plan_sessions(by=request.user, case=case, **given)
            return ",".join(str(one.pk) for one in made)

        def show(made: str) -> Any:
            rows = PlannedSession.objects.filter(pk__in=made.split(",")).select_related("worker").order_by("at")
            return Planned({"sessions": list(rows)}).data

        return self.create_once(request, make=make, show=show, url=lambda _: reverse("api-session-list", args=[pk]))


class InterpreterListView(ApiView):
    """Interpreters of a case, the latest first."""

    scopes: ClassVar = {"GET": "contacts:read", "POST": "contacts:write"}

    @extend_schema(summary="Interpreters of a case", parameters=[PageQuery], responses=InterpreterPage)
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        case = a_case(request, pk, page="interpreters")
        given = asked(request, PageQuery)
        rows = InterpreterBooking.objects.filter(case_id=case.pk).select_related("language")
        found, following = page_of(rows, request, order=LATEST_FIRST, given=given)
        return Response({"results": InterpreterShown(found, many=True).data, "next": following})

    @extend_schema(summary="Book an interpreter", request=NewInterpreter, responses={201: InterpreterShown})
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        case = a_case(request, pk, page="interpreters")

        def make() -> str:
            given = told(request, NewInterpreter)
            language = Term.objects.filter(vocabulary=Vocabulary.LANGUAGE, code=given["language"]).first()
            if language is None:
                raise ValidationError({"language": ["Choose a language of the list, by its code."]})
            if person := given.pop("person"):
                given["person"] = Person.objects.filter(family_id=case.family_id, pk=person).first()
                if given["person"] is None:
                    raise ValidationError({"person": ["Choose somebody of this family."]})
            if planned := given.pop("planned"):
                given["planned"] = of_case(PlannedSession, case, planned, "planned", "Choose a planned session")
            with fields_named(lambda name: name):
                return str(book_interpreter(by=request.user, case=case, **{**given, "language": language}).pk)

        def show(made: str) -> Any:
            return InterpreterShown(
                get_object_or_404(InterpreterBooking.objects.select_related("language"), pk=made)
            ).data

        return self.create_once(request, make=make, show=show, url=lambda _: reverse("api-interpreter-list", args=[pk]))
