"""Who is to be told at a moment: the leader, the deputy while every leader is away, the out-of-hours contact of that
hour, and the city's emergency duty team as the last."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from clusters.models import Absence, DutyContact, Role, StaffRole, User


@dataclass(frozen=True)
class Told:
    """Somebody who is told. `key` makes the message to them one; without a sign-in there is a `contact_id` instead."""

    key: str
    name: str
    email: str
    telephone: str
    duty: str
    user_id: int | None = None
    contact_id: int | None = None


Rung = list[Told]


def _user(user: User, duty: str) -> Told:
    return Told(str(user.pk), user.name, user.email or "", user.telephone, duty, user.pk)


def _contact(contact: DutyContact) -> Told:
    label = str(contact.get_kind_display())
    if contact.user is not None:
        return _user(contact.user, label)
    return Told(f"contact-{contact.pk}", contact.called, contact.email, contact.telephone, label, None, contact.pk)


def on_duty(cluster_id: int, at: datetime) -> list[Rung]:
    """Who is told first, and whom the next when nobody answers. Never empty while the city has a manager.

    In the hours of an out-of-hours contact that contact comes first. While a leader is away the deputies are told.
    """
    local = timezone.localtime(at)
    day = local.date()
    roles = StaffRole.objects.on(day).filter(user__is_active=True, user__email__isnull=False)
    roles = roles.select_related("user").order_by("starts_on", "pk")
    heads = list(roles.filter(role=Role.LEADER, cluster_id=cluster_id))
    contacts = list(
        DutyContact.objects.on(day)
        .filter(Q(cluster_id=cluster_id) | Q(cluster__isnull=True))
        .filter(Q(user__isnull=True) | Q(user__is_active=True))
        .select_related("user")
    )
    people = {head.user_id for head in heads} | {contact.user_id for contact in contacts if contact.user_id}
    away = set(Absence.objects.on(day).filter(user_id__in=people).values_list("user_id", flat=True))
    here = [contact for contact in contacts if contact.user_id not in away and contact.on_duty(local)]

    def of(kind: str) -> Rung:
        return [_contact(contact) for contact in here if contact.kind == kind]

    leaders = [_user(r.user, "Cluster leader") for r in heads if r.user_id not in away]
    rungs = [
        of(DutyContact.Kind.OUT_OF_HOURS),
        leaders,
        of(DutyContact.Kind.DEPUTY),
        of(DutyContact.Kind.EMERGENCY_TEAM),
    ]
    return without_repeats(rungs) or without_repeats([managers(day_of=at)])


def managers(*, day_of: datetime) -> Rung:
    day = timezone.localdate(day_of)
    roles = StaffRole.objects.on(day).filter(role=Role.MANAGER, user__is_active=True, user__email__isnull=False)
    return [_user(role.user, "Manager") for role in roles.select_related("user")]


def without_repeats(rungs: Iterable[Rung]) -> list[Rung]:
    """Each person once, where they are told first; no empty rung."""
    seen: set[str] = set()
    found: list[Rung] = []
    for rung in rungs:
        fresh = list({told.key: told for told in rung if told.key not in seen}.values())
        seen |= {told.key for told in fresh}
        if fresh:
            found.append(fresh)
    return found
