"""Who reads a record, as the row policies answer for each person, and why."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch
from django.utils import timezone

from cluster_ehs.core import slots
from clusters.http import UserRequest
from clusters.models import ClinicalSupervision, Role, StaffRole, User
from families.models import EmergencyAccess, Family, NamedReader
from families.selectors import answers_of_workers
from families.who_sees.askable import Askable, Part

LEAD = "Lead worker"
UNKNOWN = "No reason is known here. Tell a manager."


@dataclass(frozen=True)
class Reader:
    user: User
    post: str
    reasons: list[str]

    @property
    def is_explained(self) -> bool:
        return bool(self.reasons)


@dataclass(frozen=True)
class PartRead:
    label: str
    readers: list[Reader] = field(default_factory=list)


def readers_of(parts: Collection[Part], pk: UUID) -> list[set[int]]:
    """For each part the keys of all who can read it now: every account that is open is tried against the row policies.

    One statement. Afterwards the transaction acts for its own person again.
    """
    questions = [{"table": part.table, "column": part.column, "id": str(pk)} for part in parts]
    with connection.cursor() as cursor:
        cursor.execute("SELECT user_id, reads FROM ehs_who_reads(%s::jsonb)", [json.dumps(questions)])
        rows = cursor.fetchall()
    return [{user_id for user_id, reads in rows if reads[number]} for number in range(len(questions))]


def who_sees(request: UserRequest, askable: Askable, record: Any) -> list[PartRead]:
    """The parts of a record with their readers by name. Nine statements, however many people there are."""
    found = readers_of(askable.parts, record.pk)
    people = {user.pk: user for user in _people(set().union(*found))}
    known = _Known.of(request, askable, record, people)
    return [
        PartRead(part.label, [known.reader(people[pk], part) for pk in people if pk in readers])
        for number, (part, readers) in enumerate(zip(askable.parts, found, strict=True))
        if not (part.if_other and readers == found[number - 1])
    ]


def _people(keys: Collection[int]) -> list[User]:
    today = StaffRole.objects.today().select_related("cluster").order_by("pk")
    return list(User.objects.filter(pk__in=keys).prefetch_related(Prefetch("roles", today, to_attr="now")))


@dataclass(frozen=True)
class _Known:
    """What is known of why people read a family's records."""

    family: Family
    author: User | None
    private: bool
    narrow: bool
    own: dict[int, list[str]]
    named: set[int]
    emergencies: dict[int, str]
    workers: dict[int, list[str]]
    supervised: dict[int, list[User]]
    said: dict[int, list[str]]

    @classmethod
    def of(cls, request: UserRequest, askable: Askable, record: Any, people: dict[int, User]) -> _Known:
        family = record if isinstance(record, Family) else record.family
        now = timezone.now()
        broken = EmergencyAccess.objects.filter(family=family, starts_at__lte=now, ends_at__gt=now)
        pairs = ClinicalSupervision.objects.today().filter(supervisor__in=people).select_related("worker")
        supervised: dict[int, list[User]] = {}
        for pair in pairs:
            supervised.setdefault(pair.supervisor_id, []).append(pair.worker)
        workers: dict[int, list[str]] = {}
        for answer in answers_of_workers(request, family):
            for pk, _name, part in answer["helpers"]:
                workers.setdefault(pk, []).append(part)
        said: dict[int, list[str]] = {}
        for answer in slots.gather("who_sees.reasons", request, family=family):
            for pk, text in answer["reasons"]:
                said.setdefault(pk, []).append(text)
        own: dict[int, list[str]] = {}
        for key, text in askable.people(record):
            if key is not None:
                own.setdefault(key, []).append(text)
        return cls(
            family=family,
            author=getattr(record, "author", None),
            private=getattr(record, "private", False),
            narrow=askable.narrow(record),
            own=own,
            named=set(NamedReader.objects.filter(family=family).values_list("user_id", flat=True)),
            emergencies={access.user_id: _until(access) for access in broken.order_by("ends_at")},
            workers=workers,
            supervised=supervised,
            said=said,
        )

    def reader(self, user: User, part: Part) -> Reader:
        roles: list[StaffRole] = user.now  # type: ignore[attr-defined]
        reasons = self._of_private(user) if self.private and part.text else self._of_record(user, roles)
        here = [role for role in roles if role.cluster_id in (None, self.family.cluster_id)] or roles
        return Reader(user, here[0].get_post_display() or here[0].get_role_display() if here else "", reasons)

    def _of_private(self, user: User) -> list[str]:
        return self.own.get(user.pk, []) + self._supervises(user)

    def _of_record(self, user: User, roles: list[StaffRole]) -> list[str]:
        found = list(self.own.get(user.pk, ())) if self.narrow else []
        if self.family.restricted:
            found += ["Named on this restricted record"] if user.pk in self.named else []
        if user.pk in self.emergencies:
            found.append(self.emergencies[user.pk])
        parts = sorted(self.workers.get(user.pk, []), key=lambda part: (part != LEAD, part))
        found += [part if part == LEAD else f"Works with the family: {part}" for part in parts]
        if not self.family.restricted:
            found += [text for role in roles if (text := self._by_role(role))]
        return found + self._supervises(user) + self.said.get(user.pk, [])

    def _by_role(self, role: StaffRole) -> str:
        if role.cluster_id != self.family.cluster_id:
            return ""
        if role.role == Role.LEADER:
            return f"Leads {role.cluster}"
        if self.narrow:
            return ""
        return f"Works in {role.cluster}" if role.role == Role.PRACTITIONER else ""

    def _supervises(self, user: User) -> list[str]:
        """Of a text its author's supervisor, and that of others whom it names; of a case whoever supervises one of
        those who work in it."""
        of = self.supervised.get(user.pk, [])
        if self.author is not None:
            wrote = f"Clinical supervisor of {self.author}, who wrote it"
            return [
                wrote if worker.pk == self.author.pk else f"Clinical supervisor of {worker}"
                for worker in of
                if worker.pk in {self.author.pk, *self.own}
            ]
        here = [worker for worker in of if worker.pk in self.workers]
        if of and not here:
            return ["Clinical supervisor of somebody who worked with the family"]
        return [f"Clinical supervisor of {worker}" for worker in here]


def _until(access: EmergencyAccess) -> str:
    return f"Opened it in an emergency, until {timezone.localtime(access.ends_at):%-d %B at %H:%M}"
