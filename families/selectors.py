"""Every read of families that is more than a look-up."""

from collections.abc import Collection

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from cluster_ehs.core import slots
from clusters.http import UserRequest
from clusters.models import Role, StaffRole, User
from families.models import Family, Flag, Person, SendNeed
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
    today = timezone.localdate()
    rows = Flag.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=today), family_id=family.pk)
    return list(rows.select_related("not_to_be_told").order_by("created_at"))


def flag_tags(family: Family, flags: list[Flag] | None = None) -> list[Tag]:
    """What must be known at a glance, as pairs of words and colour: restricted, visiting risk, address."""
    flags = current_flags(family) if flags is None else flags
    kinds = dict.fromkeys(flag.kind for flag in flags)
    tags = [("Restricted", "purple")] if family.restricted else []
    return tags + [(Flag.Kind(kind).label, _COLOURS.get(Flag.Kind(kind), "yellow")) for kind in kinds]


def workers_of(request: UserRequest, family: Family) -> set[int]:
    """Ids of the lead worker and the workers of the family's services, as the apps above say (slot)."""
    answers = slots.gather("family.workers", request, family=family)
    return {pk for answer in answers for pk in answer["user_ids"]}


def colleagues_of(family: Family, *, but: User) -> QuerySet[User]:
    """People with a post in the family's Cluster today."""
    roles = StaffRole.objects.today().filter(
        cluster_id=family.cluster_id, role__in=[Role.PRACTITIONER, Role.LEADER], user__is_active=True
    )
    return User.objects.filter(pk__in=roles.values("user_id")).exclude(pk=but.pk).order_by("name")
