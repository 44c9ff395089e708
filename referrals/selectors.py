"""Every read of referrals that is more than a look-up."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from cluster_ehs.core.models import Draft
from cluster_ehs.core.paging import Page, page
from clusters.models import Term, User
from families.models import StoredFile
from referrals.models import Referral, ReferralReason, Status

DRAFT_KEY = "referral:"
OLDEST_FIRST = ("received_on", "id")
NEWEST_FIRST = ("-received_on", "-id")


def order_of(status: str) -> tuple[str, ...]:
    """What waits to be screened comes oldest first, everything else newest first."""
    return OLDEST_FIRST if status == Status.TO_SCREEN else NEWEST_FIRST


def referral_list(
    request: HttpRequest,
    *,
    clusters: Collection[int] | None,
    status: str = "",
    route: int | None = None,
    school: int | None = None,
) -> Page:
    """One page of referrals with child, school and route. clusters None: every Cluster, without names."""
    rows = Referral.objects.select_related("route", "cluster")
    if clusters is None:
        rows = rows.only(
            "id", "reference", "received_on", "status", "family_id", "cluster__name", "route__label", "harm_flagged_at"
        )
    else:
        rows = rows.filter(cluster_id__in=clusters).select_related("child", "school", "family")
        rows = rows.prefetch_related(Prefetch("reasons", ReferralReason.objects.select_related("category")))
    if status:
        rows = rows.filter(status=status)
    if route:
        rows = rows.filter(route_id=route)
    if school:
        rows = rows.filter(school_id=school)
    return page(rows, request, order=order_of(status))


def days_waiting(referral: Referral, on: date | None = None) -> int:
    """Whole days from the day of receipt."""
    return max(((on or timezone.localdate()) - referral.received_on).days, 0)


def drafts_in_progress(user: User) -> QuerySet[Draft]:
    """Referrals that the user has begun and not yet sent."""
    return Draft.objects.filter(user_id=user.pk, key__startswith=DRAFT_KEY).order_by("-saved_at")


def routes() -> list[Term]:
    return list(Term.objects.of("route").order_by("order"))


def referral_for_page(pk: UUID) -> Referral | None:
    """A referral with everything that its page shows."""
    return (
        Referral.objects.select_related(
            "cluster",
            "family",
            "child__ethnicity",
            "child__first_language",
            "child__school",
            "school",
            "route",
            "story",
            "author",
            "harm_flagged_by",
            "override_by",
            "need_level__document",
            "intake",
        )
        .prefetch_related(
            Prefetch("reasons", ReferralReason.objects.select_related("category", "reason").order_by("category__order"))
        )
        .filter(pk=pk)
        .first()
    )


def waiting_of(person_ids: Collection[UUID]) -> dict[UUID, Referral]:
    """Referrals still to screen, by child: so that nobody logs one a second time."""
    rows = Referral.objects.to_screen().filter(child_id__in=person_ids).order_by("received_on")
    return {referral.child_id: referral for referral in rows}


def by_reference(reference: str, clusters: Collection[int]) -> list[Referral]:
    """For the search: the exact reference, in capitals."""
    rows = Referral.objects.filter(cluster_id__in=clusters, reference=reference.strip().upper())
    return list(rows.select_related("child")[:5])


@dataclass(frozen=True)
class SchoolLine:
    """One line for the school that asked: nothing of the child, nothing of the decision's reasons."""

    reference: str
    received_on: date
    state: str


def school_referrals(user: User) -> list[SchoolLine]:
    """The referrals of the referrer's own schools, newest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reference, received_on, state FROM ehs_school_referrals(%s)", [user.pk])
        return [SchoolLine(*row) for row in cursor.fetchall()]


def earlier_referrals(referral: Referral) -> list[Referral]:
    """Other referrals of the same family, newest first: of this child and of brothers and sisters."""
    rows = Referral.objects.filter(cluster_id=referral.cluster_id, family_id=referral.family_id).exclude(pk=referral.pk)
    return list(rows.select_related("child").order_by(*NEWEST_FIRST)[:20])


def files_of(referral: Referral, of_form: Collection[Referral] = ()) -> list[StoredFile]:
    """The files of a referral, and of those that the same form made of brothers and sisters."""
    about = [f"referral:{each.pk}" for each in (referral, *of_form)]
    return list(StoredFile.objects.filter(family_id=referral.family_id, about__in=about))
