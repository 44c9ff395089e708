"""Cases for programs: the list, one case, its contacts and its plan."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import FilteredRelation, Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from cases.api_shapes import (
    CaseDetails,
    CaseLine,
    CasePage,
    CaseQuery,
    CaseRecord,
    ContactPage,
    ContactShown,
    NewCase,
    NewContact,
    NewGoal,
    PersonBrief,
    PlanShown,
    ServiceShown,
)
from cases.models import Case, CaseService, Goal, InterpreterBooking, Plan, PlannedSession
from cases.policies import check_allocates, check_open, check_write
from cases.selectors.case import case_with_family, people_of
from cases.selectors.contacts import contacts
from cases.selectors.plan import goals
from cases.selectors.support import services_of
from cases.services import Answer, Heard, Step, log_contact, open_case, set_goal
from cluster_ehs.core import audit
from cluster_ehs.core.api import ApiView, asked, fields_named, told
from cluster_ehs.core.api_paging import PageQuery, page_of
from clusters.api import ApiRequest, listed_clusters
from clusters.models import User
from families.models import Person
from triage.models import Offer

NEWEST_FIRST = ("-opened_on", "-id")
NOT_OF_FAMILY = "Choose people of this family."


def a_case(request: ApiRequest, pk: UUID, *, page: str) -> Case:
    """The case as the pages load it. When read, the look is recorded; when written to, the policy is asked first.

    Raises Http404 when the walls show no such case, Denied.
    """
    case = get_object_or_404(case_with_family(), pk=pk)
    if request.method == "POST":
        check_write(request.user, case)
        check_open(case)
    else:
        audit.look(by=request.user, at=case, page=f"api: {page}")
    return case


class CaseListView(ApiView):
    """Cases of the own Clusters, the newest first."""

    scopes: ClassVar = {"GET": "cases:read", "POST": "cases:write"}

    @extend_schema(summary="Cases", parameters=[CaseQuery], responses=CasePage)
    def get(self, request: ApiRequest) -> Response:
        clusters = listed_clusters(request.user)
        given = asked(request, CaseQuery)
        lead = FilteredRelation("lead_workers", condition=Q(lead_workers__ends_on__isnull=True))
        rows = Case.objects.filter(cluster_id__in=clusters).annotate(lead=lead).select_related("family", "lead__worker")  # type: ignore[misc]
        for name, lookup in (
            ("status", "status"),
            ("opened_from", "opened_on__gte"),
            ("opened_to", "opened_on__lte"),
        ):
            if name in given:
                rows = rows.filter(**{lookup: given[name]})
        found, following = page_of(rows, request, order=NEWEST_FIRST, given=given)
        return Response({"results": CaseLine(found, many=True).data, "next": following})

    @extend_schema(
        summary="Take up offers",
        description="Allocates what a family was offered and waits for: opens its case, or adds to the open one.",
        request=NewCase,
        responses={201: CaseRecord},
    )
    def post(self, request: ApiRequest) -> Response:
        check_allocates(request.user)

        def make() -> str:
            given = told(request, NewCase)
            wanted = given.pop("offers")
            offers = list(Offer.objects.filter(pk__in=wanted))
            if len(offers) < len(wanted):
                raise ValidationError({"offers": ["Choose offers of one family of your Cluster."]})
            if worker := given.pop("lead_worker"):
                given["lead_worker"] = User.objects.filter(pk=worker, is_active=True).first()
                if given["lead_worker"] is None:
                    raise ValidationError({"lead_worker": ["Choose a worker of this Cluster."]})
            with fields_named(lambda name: "lead_worker" if name == "worker" else name):
                return str(open_case(by=request.user, offers=offers, **given).pk)

        def show(made: str) -> Any:
            return _record(get_object_or_404(case_with_family(), pk=made))

        return self.create_once(request, make=make, show=show, url=lambda made: reverse("api-case", args=[made]))


class CaseView(ApiView):
    """One case with its people and services. The look is recorded."""

    scopes: ClassVar = {"GET": "cases:read"}

    @extend_schema(summary="One case", responses=CaseRecord)
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        return Response(_record(a_case(request, pk, page="case")))


class ContactListView(ApiView):
    """Contacts and sessions of a case, the newest first. A note that the walls hide is not there."""

    scopes: ClassVar = {"GET": "contacts:read", "POST": "contacts:write"}

    @extend_schema(summary="Contacts of a case", parameters=[PageQuery], responses=ContactPage)
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        case = a_case(request, pk, page="contacts")
        given = asked(request, PageQuery)
        found, following = page_of(contacts(case.pk), request, order=("-at", "-id"), given=given)
        return Response({"results": ContactShown(found, many=True).data, "next": following})

    @extend_schema(summary="Log a contact", request=NewContact, responses={201: ContactShown})
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        case = a_case(request, pk, page="contacts")

        def make() -> str:
            given = told(request, NewContact)
            scores: dict[UUID, int | None] = dict.fromkeys(given.pop("not_asked"))
            if scores and Goal.objects.filter(plan__case_id=case.pk, pk__in=scores).count() < len(scores):
                raise ValidationError({"not_asked": ["Choose goals of this case."]})
            scores |= {row["goal"]: row["score"] for row in given.pop("scores")}
            children = given.pop("children")
            given |= _people(case, {"people": given["people"], "children": [row["person"] for row in children]})
            given |= _children(children, given.pop("children"))
            if service := given.pop("case_service"):
                given["case_service"] = of_case(CaseService, case, service, "case_service", "Choose a service")
            if planned := given.pop("planned"):
                given["planned"] = of_case(PlannedSession, case, planned, "planned", "Choose a planned session")
            if booking := given.pop("interpreter"):
                given["booking"] = of_case(InterpreterBooking, case, booking, "interpreter", "Choose an interpreter")
            with fields_named(_field_of_contact):
                return str(log_contact(by=request.user, case=case, scores=scores, **given).pk)

        def show(made: str) -> Any:
            return ContactShown(get_object_or_404(contacts(case.pk), pk=made)).data

        return self.create_once(request, make=make, show=show, url=lambda _: reverse("api-contact-list", args=[pk]))


class PlanView(ApiView):
    """The plan of a case: its goals with scores, agreements and actions."""

    scopes: ClassVar = {"GET": "plans:read", "POST": "plans:write"}

    @extend_schema(
        summary="The plan of a case", description="404 while no goal is agreed: there is no plan.", responses=PlanShown
    )
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        case = a_case(request, pk, page="plan")
        return Response(_plan(case))

    @extend_schema(
        summary="Agree a goal",
        description="The first goal makes the plan. At most three are live at once.",
        request=NewGoal,
        responses={201: PlanShown},
    )
    def post(self, request: ApiRequest, pk: UUID) -> Response:
        case = a_case(request, pk, page="plan")

        def make() -> str:
            given = told(request, NewGoal)
            answers = given.pop("agreements")
            whose = given.pop("whose")
            people = _people(
                case, {"agreements": [row["person"] for row in answers], "whose": [whose] if whose else []}
            )
            given["whose"] = people["whose"][0] if whose else None
            goal = set_goal(
                by=request.user,
                case=case,
                agreements={row["person"]: Answer(row["agrees"], row["words"]) for row in answers},
                actions=[Step(**row) for row in given.pop("actions")],
                **given,
            )
            return str(goal.pk)

        return self.create_once(
            request, make=make, show=lambda _: _plan(case), url=lambda _: reverse("api-plan", args=[pk])
        )


def _record(case: Case) -> dict[str, Any]:
    return {
        **CaseDetails(case).data,
        "people": PersonBrief(people_of(case.family_id), many=True).data,
        "services": ServiceShown(services_of(case.pk), many=True).data,
    }


def _plan(case: Case) -> dict[str, Any]:
    plan = get_object_or_404(Plan, case_id=case.pk)
    return PlanShown(
        {
            "case": case.pk,
            "agreed_on": plan.agreed_on,
            "review_due_on": Case.objects.values_list("review_due_on", flat=True).get(pk=case.pk),
            "version": plan.version,
            "goals": list(goals(case.pk)),
        }
    ).data


def _people(case: Case, wanted: dict[str, list[UUID]]) -> dict[str, list[Person]]:
    """Members of the family by field, in one statement. Raises ValidationError naming the field."""
    ids = {pk for pks in wanted.values() for pk in pks}
    found = Person.objects.filter(family_id=case.family_id).in_bulk(ids) if ids else {}
    wrong = {field: [NOT_OF_FAMILY] for field, pks in wanted.items() if not found.keys() >= set(pks)}
    if wrong:
        raise ValidationError(wrong)
    return {field: [found[pk] for pk in pks] for field, pks in wanted.items()}


def _children(rows: list[dict[str, Any]], people: list[Person]) -> dict[str, Any]:
    """What `log_contact` takes of the children, each said by itself."""
    by_id = {person.pk: person for person in people}
    said_who = any(row["seen"] is not None for row in rows)
    return {
        "about": people,
        "seen": [by_id[row["person"]] for row in rows if row["seen"] or row["alone"]] if said_who else None,
        "alone": [by_id[row["person"]] for row in rows if row["alone"]],
        "heard": {row["person"]: Heard(row["said"], row["how"]) for row in rows if row["said"].strip()},
    }


def _field_of_contact(name: str) -> str:
    if name.startswith("score_"):
        return "scores"
    return {"about": "children", "seen": "children", "alone": "children", "booking": "interpreter"}.get(
        name, "children" if name.startswith(("said_", "how_")) else name
    )


def of_case(model: Any, case: Case, pk: UUID, field: str, what: str) -> Any:
    """A row of this case; what: the refusal's words, “Choose a service”. Raises ValidationError of the field."""
    row = model.objects.filter(case_id=case.pk, pk=pk).first()
    if row is None:
        raise ValidationError({field: [f"{what} of this case."]})
    return row
