"""Referrals for programs: the list, one referral, and logging one as the pages do."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from cluster_ehs.core import audit
from cluster_ehs.core.api import ApiView, asked, fields_named, told
from cluster_ehs.core.api_paging import page_of
from clusters.api import ApiRequest, listed_clusters
from clusters.models import Cluster, School, Term, Vocabulary
from clusters.need import level_today
from families.models import Family, Person
from families.policies import check_open
from referrals import policies
from referrals.api_shapes import NewReferral, ReferralLine, ReferralPage, ReferralQuery, ReferralRecord
from referrals.eligibility import eligibility
from referrals.models import Referral
from referrals.selectors import NEWEST_FIRST, referral_for_page
from referrals.services import STORY_FIELDS, submit_referral

OF_THE_CHILD = frozenset({"birth_date", "upn", "nhs_number"})


class ReferralListView(ApiView):
    """Referrals of the own Clusters, the newest first."""

    scopes: ClassVar = {"GET": "referrals:read", "POST": "referrals:write"}

    @extend_schema(summary="Referrals", parameters=[ReferralQuery], responses=ReferralPage)
    def get(self, request: ApiRequest) -> Response:
        clusters = listed_clusters(request.user)
        given = asked(request, ReferralQuery)
        rows = Referral.objects.filter(cluster_id__in=clusters).select_related("child", "school", "route")
        for name, lookup in (
            ("status", "status"),
            ("received_from", "received_on__gte"),
            ("received_to", "received_on__lte"),
        ):
            if name in given:
                rows = rows.filter(**{lookup: given[name]})
        found, following = page_of(rows, request, order=NEWEST_FIRST, given=given)
        return Response({"results": ReferralLine(found, many=True).data, "next": following})

    @extend_schema(
        summary="Log a referral",
        description="Of one child: a known one by `child_id`, or a new one by `child`, in the `family` of a brother or "
        "sister or in a new one. Look first whether the child is known: two records of one child are hard to mend.",
        request=NewReferral,
        responses={201: ReferralRecord},
    )
    def post(self, request: ApiRequest) -> Response:
        policies.check_log(request.user)

        def make() -> str:
            given = told(request, NewReferral)
            values = _resolved(given)
            policies.check_log(request.user, values["cluster"].pk)
            with fields_named(lambda name: f"child.{name}" if name in OF_THE_CHILD else name):
                return str(submit_referral(by=request.user, **values).pk)

        return self.create_once(
            request,
            make=make,
            show=lambda made: _shown(_referral(UUID(made))),
            url=lambda made: reverse("api-referral", args=[made]),
        )


class ReferralView(ApiView):
    """One referral with its story and reasons. The look is recorded."""

    scopes: ClassVar = {"GET": "referrals:read"}

    @extend_schema(summary="One referral", responses=ReferralRecord)
    def get(self, request: ApiRequest, pk: UUID) -> Response:
        referral = _referral(pk)
        check_open(request.user, referral.family)
        audit.look(by=request.user, at=referral, page="api: referral")
        return Response(_shown(referral))


def _referral(pk: UUID) -> Referral:
    referral = referral_for_page(pk)
    if referral is None:
        raise Http404
    return referral


def _shown(referral: Referral) -> dict[str, Any]:
    warning = eligibility(school=referral.school, cluster=referral.cluster, on=referral.received_on).warning
    return {**ReferralRecord(referral).data, "eligibility_warning": warning}


# --- from codes and ids to rows ---
def _resolved(given: dict[str, Any]) -> dict[str, Any]:
    """What the service takes. Raises ValidationError by field for codes and ids that nobody can choose."""
    wrong: dict[str, list[str]] = {}
    terms = Codes(given, wrong)
    child = given["child"]
    values = {name: given[name] for name in PLAIN}
    values |= {
        "cluster": Cluster.objects.filter(pk=given["cluster"], retired_on__isnull=True).first(),
        "route": terms.one(Vocabulary.ROUTE, given["route"], "route"),
        "school": School.objects.filter(pk=given["school"]).first() if given["school"] else None,
        "child": _person(given["child_id"]) if given["child_id"] else None,
        "family": Family.objects.filter(pk=given["family"]).first() if given["family"] else None,
        "family_details": given["home"],
        "need_level": level_today(given["need_level"]),
        "referrer": given["referrer"],
        "story": {name: given["story"].get(name, "") for name in STORY_FIELDS},
        "reasons": [
            (found.parent or found, found if found.parent else None)
            for place, code in enumerate(given["reasons"])
            if (found := terms.one(Vocabulary.REASON, code, f"reasons.{place}"))
        ],
    }
    for name, key in (("cluster", "cluster"), ("school", "school"), ("child_id", "child"), ("family", "family")):
        if given[name] and values[key] is None:
            wrong[name] = ["There is no such record that you may use."]
    if given["need_level"] and values["need_level"] is None:
        wrong["need_level"] = ["There is no such level in today’s thresholds. The list of codes has them."]
    if child:
        values["child_details"] = {
            **{name: value for name, value in child.items() if name not in ("ethnicity", "first_language")},
            "ethnicity": terms.one(Vocabulary.ETHNICITY, child["ethnicity"], "child.ethnicity"),
            "first_language": terms.one(Vocabulary.LANGUAGE, child["first_language"], "child.first_language"),
            "year_group": given["year_group"],
        }
    if carer := given["carer"]:
        relationship = terms.one(Vocabulary.RELATIONSHIP, carer["relationship"], "carer.relationship")
        values["carer_details"] = {**carer, "relationship": relationship}
    if wrong:
        raise ValidationError(wrong)
    return values


PLAIN = (
    "received_on",
    "channel",
    "year_group",
    "age_given",
    "attendance_percent",
    "agreed",
    "agreed_by",
    "agreed_on",
    "agreed_how",
    "agreement_covers",
    "harm",
    "visiting_risk",
    "address_not_shared",
    "restricted",
    "override_reason",
)


def _person(pk: UUID) -> Person | None:
    return Person.objects.select_related("family").filter(pk=pk).first()


class Codes:
    """The terms of one body, read in one statement. What is not there is noted under its field."""

    def __init__(self, given: dict[str, Any], wrong: dict[str, list[str]]) -> None:
        self.wrong = wrong
        child, carer = given["child"] or {}, given["carer"] or {}
        codes = {given["route"], *given["reasons"], child.get("ethnicity"), child.get("first_language")}
        rows = Term.objects.current().filter(code__in={*codes, carer.get("relationship")} - {None})
        self.known = {(term.vocabulary, term.code): term for term in rows.select_related("parent")}

    def one(self, vocabulary: str, code: str | None, field: str) -> Any:
        if not code:
            return None
        found = self.known.get((vocabulary, code))
        if found is None:
            self.wrong[field] = ["There is no such code. The list of codes has them."]
        return found
