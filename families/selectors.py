"""Every read of families that is more than a look-up."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from cluster_ehs.core import slots
from cluster_ehs.core.bundle import hanging, records
from clusters.http import UserRequest
from clusters.models import Role, StaffRole, User
from families.beside import BESIDE_FAMILY
from families.models import (
    Agreement,
    Circumstances,
    Family,
    Flag,
    Person,
    Relationship,
    SendNeed,
    SharingDecision,
    SocialCareInvolvement,
)
from families.search import find_people, known_elsewhere

__all__ = ["find_people", "flag_tags", "known_elsewhere"]

Tag = tuple[str, str]
_COLOURS = {Flag.Kind.VISITING_RISK: "red", Flag.Kind.ADDRESS_NOT_SHARED: "orange", Flag.Kind.OTHER: "yellow"}


def families_of(clusters: Collection[int]) -> QuerySet[Family]:
    """Families of some Clusters with their children, for a list by name."""
    children = Person.objects.filter(is_child=True).select_related("school").order_by("birth_date", "first_name")
    return Family.objects.filter(cluster_id__in=clusters).prefetch_related(
        Prefetch("persons", queryset=children, to_attr="children")
    )


def members(family: Family) -> list[Person]:
    """The family's people, the eldest child first, with what the page says of each."""
    rows = Person.objects.filter(family_id=family.pk).select_related(
        "relationship", "school", "first_language", "ethnicity"
    )
    needs = Prefetch("send_needs", SendNeed.objects.filter(ends_on__isnull=True).select_related("type"))
    return list(rows.prefetch_related(needs).order_by("birth_date", "first_name"))


def current_flags(family: Family) -> list[Flag]:
    rows = _of_today(Flag.objects.filter(family_id=family.pk))
    return list(rows.select_related("not_to_be_told", "address_of").order_by("created_at"))


def hanging_flags(family: OuterRef) -> ArraySubquery:
    """The flags of today of a family, for the statement that reads a record of it (core.bundle)."""
    rows = _of_today(Flag.objects.filter(family=family)).order_by("created_at")
    names = {f"{of}_{part}": f"{of}__{part}" for of in _PEOPLE for part in _CALLED}
    return hanging(rows, **names)


_PEOPLE, _CALLED = ("not_to_be_told", "address_of"), ("first_name", "last_name", "known_as")


def flags_of(rows: Iterable[dict[str, Any]]) -> list[Flag]:
    """The flags read so, with the people whom they name."""
    flags: list[Any] = records(Flag, rows)
    for flag in flags:
        for of in _PEOPLE:
            if key := getattr(flag, f"{of}_id"):
                called = {part: getattr(flag, f"{of}_{part}") or "" for part in _CALLED}
                setattr(flag, of, Person(pk=key, family_id=flag.family_id, cluster_id=flag.cluster_id, **called))
    return flags


def _of_today(rows: QuerySet) -> QuerySet:
    return rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=timezone.localdate()))


@dataclass(frozen=True)
class TieShown:
    """A relationship as the page lists it."""

    record: Relationship
    person: Person
    other: Person

    @property
    def words(self) -> str:
        return f"{self.record.get_kind_display()[:1].lower()}{self.record.get_kind_display()[1:]}"


def ties_of(people: Collection[Person], relationships: Iterable[Relationship]) -> list[TieShown]:
    """Relationships with the people they join, those that last first."""
    by_key = {person.pk: person for person in people}
    shown = [
        TieShown(row, by_key[row.person_id], by_key[row.other_id])
        for row in relationships
        if row.person_id in by_key and row.other_id in by_key
    ]
    return sorted(shown, key=lambda tie: (tie.record.is_over, str(tie.person), str(tie.other)))


@dataclass(frozen=True)
class Care:
    """A period of social care involvement with the child it is about."""

    record: SocialCareInvolvement
    person: Person


def care_of(people: Collection[Person], involvements: Iterable[SocialCareInvolvement]) -> list[Care]:
    """Periods, those that go on first, then the latest."""
    by_key = {person.pk: person for person in people}
    shown = [Care(row, by_key[row.person_id]) for row in involvements if row.person_id in by_key]
    shown.sort(key=lambda care: care.record.starts_on, reverse=True)
    return sorted(shown, key=lambda care: care.record.is_over)


@dataclass(frozen=True)
class WholeFamily:
    """A family with its people and all that hangs on it, for its page."""

    family: Family
    people: list[Person]
    flags: list[Flag]
    relationships: list[Relationship]
    involvements: list[SocialCareInvolvement]
    circumstances: Circumstances | None
    earlier_circumstances: list[Circumstances]
    agreements: list[Agreement]
    sharing: list[SharingDecision]


def whole_family(pk: UUID) -> WholeFamily | None:
    """In three statements: the record with what hangs on it, its people, their needs."""
    of = {"family": OuterRef("pk")}
    family: Any = (
        Family.objects.select_related("cluster")
        .annotate(
            flag_rows=hanging_flags(OuterRef("pk")),
            relationship_rows=hanging(Relationship.objects.valid().filter(**of).order_by("created_at", "id")),
            involvement_rows=hanging(SocialCareInvolvement.objects.valid().filter(**of)),
            circumstances_rows=hanging(Circumstances.objects.valid().filter(**of)),
            agreement_rows=hanging(Agreement.objects.filter(**of).order_by("-given_on", "-created_at")),
            sharing_rows=hanging(SharingDecision.objects.valid().filter(**of), decided_by_name="decided_by__name"),
            **{name: make() for name, make in BESIDE_FAMILY.items()},
        )
        .filter(pk=pk)
        .first()
    )
    if family is None:
        return None
    sharing: list[Any] = records(SharingDecision, family.sharing_rows)
    for row in sharing:
        if row.decided_by_id:
            row.decided_by = User(pk=row.decided_by_id, name=row.decided_by_name)
    lived = records(Circumstances, family.circumstances_rows)
    return WholeFamily(
        family=family,
        people=members(family),
        flags=flags_of(family.flag_rows),
        relationships=records(Relationship, family.relationship_rows),
        involvements=records(SocialCareInvolvement, family.involvement_rows),
        circumstances=next((row for row in lived if row.ends_on is None), None),
        earlier_circumstances=[row for row in lived if row.ends_on],
        agreements=records(Agreement, family.agreement_rows),
        sharing=sharing,
    )


def flag_tags(family: Family, flags: list[Flag] | None = None) -> list[Tag]:
    """What must be known at a glance, as pairs of words and colour: restricted, visiting risk, address."""
    flags = current_flags(family) if flags is None else flags
    kinds = dict.fromkeys(flag.kind for flag in flags)
    tags = [("Restricted", "purple")] if family.restricted else []
    return tags + [(Flag.Kind(kind).label, _COLOURS.get(Flag.Kind(kind), "yellow")) for kind in kinds]


def answers_of_workers(request: UserRequest, family: Family) -> list[dict[str, Any]]:
    """Lead worker and workers of the family's services, as the apps above say (slot)."""
    return slots.gather("family.workers", request, family=family)


def workers_of(request: UserRequest, family: Family) -> set[int]:
    """Ids of those who work with the family today."""
    return {pk for answer in answers_of_workers(request, family) for pk in answer["user_ids"]}


def colleagues_of(family: Family, *, but: User) -> QuerySet[User]:
    """People with a post in the family's Cluster today."""
    roles = StaffRole.objects.today().filter(
        cluster_id=family.cluster_id, role__in=[Role.PRACTITIONER, Role.LEADER], user__is_active=True
    )
    return User.objects.filter(pk__in=roles.values("user_id")).exclude(pk=but.pk).order_by("name")
