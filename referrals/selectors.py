"""Every read of referrals that is more than a look-up."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, Prefetch, QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.utils import timezone

from cluster_ehs.core.bundle import hanging, records
from cluster_ehs.core.models import Draft
from cluster_ehs.core.paging import Page, page
from clusters.models import Term, User
from families.models import Family, Flag, Person, StoredFile
from families.selectors import flags_of, hanging_flags
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


def drafts_in_progress(user: User) -> list[Draft]:
    """Referrals that the user has begun and not yet sent."""
    return within_reach(Draft.objects.filter(user_id=user.pk, key__startswith=DRAFT_KEY).order_by("-saved_at"))


def within_reach(drafts: Iterable[Draft]) -> list[Draft]:
    """Without those of a child or family whose record their writer may not open any more.

    A draft begins with what stood in the record: name, address, numbers. It opens again when the record does.
    """
    known = [(draft, _known_in(draft)) for draft in drafts]
    seen: set[tuple[str, str]] = set()
    for name, model in (("person", Person), ("family", Family)):
        keys = [key for _, (of, key) in known if of == name and key]
        if keys:
            seen |= {(name, str(pk)) for pk in model.objects.filter(pk__in=keys).values_list("pk", flat=True)}
    return [draft for draft, of in known if not of[1] or of in seen]


def _known_in(draft: Draft) -> tuple[str, str]:
    """What the draft was begun from, by its name and key: a child, or a family for a child who is new; else nothing."""
    about = draft.data.get("about", {})
    if not isinstance(about, dict):
        # Saved under this key by no page of ours.
        return "nothing", "begun"
    return ("person", about["person"]) if about.get("person") else ("family", about.get("family") or "")


def routes() -> list[Term]:
    return list(Term.objects.of("route").order_by("order"))


def _with_its_people() -> QuerySet[Referral]:
    return Referral.objects.select_related(
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


def _reasons() -> QuerySet[ReferralReason]:
    return ReferralReason.objects.order_by("category__order")


def referral_for_page(pk: UUID) -> Referral | None:
    """A referral with its people, its story and its reasons."""
    reasons = Prefetch("reasons", _reasons().select_related("category", "reason"))
    return _with_its_people().prefetch_related(reasons).filter(pk=pk).first()


OTHERS = 20
_NAMED = {f"child_{part}": part for part in ("first_name", "last_name", "known_as")}
_CHILD = {name: f"child__{part}" for name, part in _NAMED.items()}


@dataclass(frozen=True)
class WholeReferral:
    """A referral with what its page shows. reasons: dicts of category and reason, in words."""

    referral: Referral
    reasons: list[dict[str, str | None]]
    flags: list[Flag]
    # Its own, and those of the referrals that the same form made of brothers and sisters.
    files: list[StoredFile]
    of_form: list[Referral]
    # Of this child and of brothers and sisters, the newest first.
    others: list[Referral]


def whole_referral(pk: UUID) -> WholeReferral | None:
    """In one statement: the referral, its reasons, the family's flags of today and other referrals, its files."""
    reasons = _reasons().filter(referral=OuterRef("pk"))
    files = StoredFile.objects.filter(family=OuterRef("family_id"), about__startswith="referral:")
    others = Referral.objects.filter(cluster_id=OuterRef("cluster_id"), family_id=OuterRef("family_id")).exclude(pk=pk)
    found: Any = (
        _with_its_people()
        .annotate(
            other_rows=hanging(others.order_by(*NEWEST_FIRST)[:OTHERS], **_CHILD),
            reason_rows=ArraySubquery(
                reasons.values(row=JSONObject(category="category__label", reason="reason__label"))
            ),
            flag_rows=hanging_flags(OuterRef("family_id")),
            file_rows=hanging(files),
        )
        .filter(pk=pk)
        .first()
    )
    if found is None:
        return None
    others_found: list[Any] = records(Referral, found.other_rows)
    for other in others_found:
        called = {part: getattr(other, name) for name, part in _NAMED.items()}
        other.child = Person(pk=other.child_id, family_id=other.family_id, cluster_id=other.cluster_id, **called)
    of_form = [other for other in others_found if found.form and other.form == found.form]
    about = {f"referral:{each.pk}" for each in (found, *of_form)}
    return WholeReferral(
        referral=found,
        reasons=found.reason_rows,
        flags=flags_of(found.flag_rows),
        files=[file for file in records(StoredFile, found.file_rows) if file.about in about],
        of_form=of_form,
        others=others_found,
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
