"""Writes to what a family's record says beside its people: ties, involvement, circumstances, decisions to share.

Each function checks the policy, locks the row, refuses a stale version (Stale) and says in the history what was
done. Nothing is deleted: a row ends on a day, or is marked as recorded by mistake.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cluster_ehs.core import audit
from clusters.models import User
from families import policies
from families.models import (
    Agreement,
    Circumstances,
    Dated,
    Family,
    Flag,
    Person,
    Relationship,
    SharingDecision,
    SocialCareInvolvement,
)
from families.services import Stale

K = Relationship.Kind
# Said from either side it is the same.
MUTUAL = (K.MARRIED, K.PARTNER, K.SEPARATED, K.DIVORCED, K.FORMER_PARTNER, K.SIBLING, K.RELATIVE, K.FRIEND, K.NEIGHBOUR)
Record = TypeVar("Record", Relationship, SocialCareInvolvement, Circumstances, SharingDecision, Flag, Agreement)


@transaction.atomic
def save_relationship(
    *,
    by: User,
    family: Family,
    relationship: Relationship | None = None,
    version: int | None = None,
    person: Person,
    other: Person,
    kind: str,
    starts_on: date | None = None,
    ends_on: date | None = None,
    mistaken: bool = False,
) -> Relationship:
    """Say how `person` stands to `other`, or change what was said. Raises ValidationError, Stale, Denied."""
    policies.check_edit(by, family)
    if person.pk == other.pk:
        raise ValidationError({"other": "Choose two different people"})
    _check_order(starts_on, ends_on, same_day=True)
    row = _locked(Relationship, relationship, version, family)
    if not mistaken:
        _check_said_before(row, family, person, other, kind)
    details = {"kind": kind, "starts_on": starts_on, "ends_on": ends_on, "mistaken": mistaken}
    return _save(row, by, "relationship", person_id=person.pk, other_id=other.pk, **details)


def _check_said_before(row: Relationship, family: Family, person: Person, other: Person, kind: str) -> None:
    same = Q(person=person, other=other)
    if kind in MUTUAL:
        same |= Q(person=other, other=person)
    there = Relationship.objects.on(timezone.localdate()).filter(same, family_id=family.pk, kind=kind)
    if there.exclude(pk=row.pk).exists():
        raise ValidationError({"kind": "This is recorded already"})
    if kind == K.PARENT and Relationship.objects.on(timezone.localdate()).filter(
        family_id=family.pk, kind=kind, person=other, other=person
    ).exclude(pk=row.pk):
        raise ValidationError({"kind": f"{other} is recorded as a parent of {person}"})


@transaction.atomic
def add_social_care(
    *,
    by: User,
    family: Family,
    people: Iterable[Person],
    kind: str,
    starts_on: date,
    source: str,
    ends_on: date | None = None,
    about: bool = False,
) -> list[SocialCareInvolvement]:
    """A period of involvement, of one child or of several at once. Raises ValidationError, Denied."""
    policies.check_edit(by, family)
    details = {"kind": kind, "starts_on": starts_on, "ends_on": ends_on, "source": source, "about": about}
    made = []
    for person in people:
        row = SocialCareInvolvement(cluster_id=family.cluster_id, family_id=family.pk, person_id=person.pk)
        _check_period(row, kind, starts_on, ends_on)
        made.append(_save(row, by, "social care", **details))
    return made


@transaction.atomic
def change_social_care(
    *, by: User, family: Family, involvement: SocialCareInvolvement, version: int | None, **details: Any
) -> SocialCareInvolvement:
    """Change or end a period, or mark it as a mistake. Raises ValidationError, Stale, Denied."""
    policies.check_edit(by, family)
    row = _locked(SocialCareInvolvement, involvement, version, family)
    if not details.get("mistaken"):
        _check_period(row, details["kind"], details["starts_on"], details.get("ends_on"))
    return _save(row, by, "social care", **details)


def _check_period(row: SocialCareInvolvement, kind: str, starts_on: date, ends_on: date | None) -> None:
    _check_order(starts_on, ends_on)
    others = SocialCareInvolvement.objects.valid().filter(person_id=row.person_id, kind=kind).exclude(pk=row.pk)
    others = others.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on))
    if ends_on:
        others = others.filter(starts_on__lt=ends_on)
    if there := others.select_related("person").first():
        until = f" to {there.ends_on:%-d %B %Y}" if there.ends_on else ", not ended"
        words = f"{there} is recorded for {there.person.short_name} from {there.starts_on:%-d %B %Y}{until}"
        raise ValidationError({"starts_on": words})


@transaction.atomic
def save_circumstances(
    *, by: User, family: Family, version: int | None, starts_on: date, changed: bool, **details: Any
) -> Circumstances:
    """How the family lives now. `changed`: from a day on it is different and the earlier entry stays; otherwise the
    present entry is put right. Raises ValidationError, Stale, Denied.
    """
    policies.check_edit(by, family)
    # One writer at a time: without a row yet there is nothing else to lock.
    Family.objects.select_for_update(of=("self",)).get(pk=family.pk)
    now = Circumstances.objects.valid().filter(family_id=family.pk, ends_on__isnull=True).first()
    if (now.version if now else None) != version:
        raise Stale(now or Circumstances(cluster_id=family.cluster_id, family_id=family.pk, starts_on=starts_on))
    row = now or Circumstances(cluster_id=family.cluster_id, family_id=family.pk)
    if now and changed:
        if starts_on <= now.starts_on:
            raise ValidationError({"starts_on": f"The present entry begins on {now.starts_on:%-d %B %Y}"})
        _save(now, by, "circumstances", ends_on=starts_on)
        row = Circumstances(cluster_id=family.cluster_id, family_id=family.pk)
    elif Circumstances.objects.valid().filter(family_id=family.pk, ends_on__gt=starts_on).exclude(pk=row.pk).exists():
        raise ValidationError({"starts_on": "An earlier entry ends after this day"})
    return _save(row, by, "circumstances", starts_on=starts_on, **details)


@transaction.atomic
def save_sharing(
    *,
    by: User,
    family: Family,
    sharing: SharingDecision | None = None,
    version: int | None = None,
    **details: Any,
) -> SharingDecision:
    """A decision to share or not to share, with its reason. Raises ValidationError, Stale, Denied."""
    policies.check_edit(by, family)
    _check_order(details["decided_on"], details.get("ends_on"), same_day=True)
    if not details["reason"].strip():
        raise ValidationError({"reason": "Enter the reason"})
    row = _locked(SharingDecision, sharing, version, family)
    if row._state.adding:
        row.decided_by = by
    return _save(row, by, "decision to share", **details)


@transaction.atomic
def change_flag(*, by: User, family: Family, flag: Flag, version: int | None, **details: Any) -> Flag:
    """Put a flag's words, precaution or people right. Raises Stale, Denied."""
    policies.check_edit(by, family)
    return _save(_locked(Flag, flag, version, family), by, "flag", **details)


@transaction.atomic
def change_agreement(
    *, by: User, family: Family, agreement: Agreement, version: int | None, **details: Any
) -> Agreement:
    """Put right what an agreement says. Raises ValidationError, Stale, Denied."""
    policies.check_edit(by, family)
    row = _locked(Agreement, agreement, version, family)
    if row.withdrawn_on and details["given_on"] > row.withdrawn_on:
        raise ValidationError({"given_on": f"It was withdrawn on {row.withdrawn_on:%-d %B %Y}"})
    return _save(row, by, "agreement", **details)


def _locked(model: type[Record], record: Record | None, version: int | None, family: Family) -> Record:
    """The row as it is now, or a new one. Raises Stale when somebody saved it since `version`."""
    if record is None:
        return model(cluster_id=family.cluster_id, family_id=family.pk)
    now: Record = model._default_manager.select_for_update(of=("self",)).get(pk=record.pk, family_id=family.pk)
    if version is not None and now.version != version:
        raise Stale(now)
    return now


def _check_order(starts_on: date | None, ends_on: date | None, *, same_day: bool = False) -> None:
    if starts_on and ends_on and (ends_on < starts_on or (ends_on == starts_on and not same_day)):
        raise ValidationError({"ends_on": "The end must be after the beginning"})


def _save(row: Record, by: User, thing: str, **details: Any) -> Record:
    new = row._state.adding
    changed = False
    for name, value in details.items():
        value = value.strip() if isinstance(value, str) else value
        if new or getattr(row, name) != value:
            setattr(row, name, value)
            changed = True
    if not changed:
        return row
    if not new:
        row.version += 1
    row.save(force_insert=new)
    audit.event(by=by, kind=f"family.{thing.replace(' ', '_')}", text=_meaning(row, thing, new, details), about=row)
    return row


def _meaning(row: Record, thing: str, new: bool, details: dict[str, Any]) -> str:
    name = thing[:1].upper() + thing[1:]
    if new:
        return f"{name} recorded: {row}" if thing != "agreement" else "Agreement of the family recorded"
    if isinstance(row, Dated) and details.get("mistaken"):
        return f"{name} marked as recorded by mistake: {row}"
    return f"{name} changed: {row}" if thing != "agreement" else "Agreement of the family changed"
