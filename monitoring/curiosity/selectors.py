"""Findings and emergency openings: leaders are shown a family's name where they may read it, managers never."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from cluster_ehs.core import scope
from cluster_ehs.core.models import Look
from clusters.models import User
from clusters.people import duties
from families.emergency import LASTS
from families.history import page_words
from families.models import EmergencyAccess, Family, Person
from monitoring.curiosity.models import CuriosityFinding

LOOKS_SHOWN = 60


@contextmanager
def as_reader(user: User) -> Iterator[None]:
    """Managers read by reference, in the scope of figures; leaders within their own walls."""
    with scope.figures() if duties(user).is_manager else nullcontext():
        yield


def findings(user: User) -> QuerySet[CuriosityFinding]:
    rows = CuriosityFinding.objects.select_related("rule", "reader", "cluster", "decided_by")
    if not duties(user).is_manager:
        rows = rows.filter(cluster__in=duties(user).leads)
    return rows.exclude(reader=user)


def to_go_through(user: User) -> QuerySet[CuriosityFinding]:
    """To be read as `as_reader`."""
    return findings(user).filter(status=CuriosityFinding.Status.OPEN)


def names_of(user: User, keys: set[UUID]) -> dict[UUID, str]:
    """Families' names for a leader; nothing for a manager who leads no Cluster."""
    if not duties(user).leads or not keys:
        return {}
    return {family.pk: str(family) for family in Family.objects.filter(pk__in=keys).only("name")}


def looks_of(finding: CuriosityFinding) -> list[dict[str, Any]]:
    """When they looked and at which page; a leader's walls decide, a manager is shown none."""
    rows = Look.objects.filter(
        user_id=finding.reader_id, at__gte=finding.first_at, at__lte=finding.last_at, cluster_id=finding.cluster_id
    )
    if finding.family_key:
        rows = rows.filter(family_id=finding.family_key)
    return [{"at": row.at, "page": page_words(row.page)} for row in rows.order_by("at")[:LOOKS_SHOWN]]


@dataclass(frozen=True)
class Opened:
    access: EmergencyAccess
    name: str
    reason: str
    is_live: bool

    @property
    def ended_early(self) -> bool:
        return self.access.ends_at - self.access.starts_at < LASTS


def emergencies(user: User, *, weeks: int) -> list[Opened]:
    """Records that were opened in an emergency in the last weeks, the newest first.

    A manager reads who, when, which reference and why, with the names of the family left out of the reason.
    """
    since = timezone.now() - timedelta(weeks=weeks)
    with as_reader(user):
        rows = EmergencyAccess.objects.filter(starts_at__gte=since).select_related("user", "cluster", "family")
        if not duties(user).is_manager:
            rows = rows.filter(cluster__in=duties(user).leads)
        found = list(rows.order_by("-starts_at")[:200])
        people: dict[UUID, set[str]] = {}
        columns = ("family_id", "first_name", "last_name", "known_as")
        for family, *names in Person.objects.filter(family__in={a.family_id for a in found}).values_list(*columns):
            people.setdefault(family, set()).update(name for name in names if len(name) > 1)
    known = names_of(user, {access.family_id for access in found})
    now = timezone.now()
    return [
        Opened(
            access,
            known.get(access.family_id, ""),
            access.reason
            if access.family_id in known
            else _without(access.reason, people.get(access.family_id, set()) | {access.family.name}),
            access.ends_at > now,
        )
        for access in found
    ]


def _without(text: str, names: set[str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "…", text, flags=re.IGNORECASE)
    return text
