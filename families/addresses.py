"""Which addresses may leave the service. The one place that decides [domain 2.7].

Whatever is printed, sent or shown outside (letters, PDFs, a meeting's recap, the family's private page, a
program's answer) takes its addresses from here; pages for workers mark them through `{% where %}` so that the
screen shows them and the printer does not. A paper passes through many hands, so an address that one person must
not be told is left out of all of it, whoever the paper is for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from families.models import Family, Flag, Person
from families.names import fold

WITHHELD = "Address withheld"


@dataclass(frozen=True)
class Where:
    """An address as workers see it, and as it may be shared."""

    text: str
    withheld: bool
    not_to: tuple[str, ...] = ()

    @property
    def to_share(self) -> str:
        return WITHHELD if self.withheld and self.text else self.text


def address_flags(families: Iterable[UUID]) -> list[Flag]:
    """The flags of today that keep an address of some families from somebody; one statement."""
    today = timezone.localdate()
    rows = Flag.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=today), family_id__in=list(families))
    return list(rows.filter(kind=Flag.Kind.ADDRESS_NOT_SHARED).select_related("not_to_be_told", "address_of"))


def family_address(family: Family, flags: Collection[Flag] | None = None) -> Where:
    """Where the family lives, and whether that may be told. flags: those of today, when at hand."""
    flags = address_flags([family.pk]) if flags is None else flags
    text = ", ".join(part for part in (family.address.strip(), family.postcode.strip()) if part)
    return _where(text, [flag for flag in flags if _is_about(flag, family.pk) and flag.address_of_id is None])


def address_to_share(family: Family) -> dict[str, str]:
    """Address and postcode of the family for a record elsewhere; nothing when somebody must not be told."""
    if family_address(family).withheld:
        return {}
    return {"address": family.address, "postcode": family.postcode}


def person_address(person: Person, family: Family, flags: Collection[Flag] | None = None) -> Where:
    """Where a person lives: an own address, or the family's when there is none and the person lives there.

    An own address that is the family's, written once more, is as secret as the family's.
    """
    flags = address_flags([family.pk]) if flags is None else flags
    home = family_address(family, flags)
    if not person.other_address.strip():
        return home if person.in_household else Where("", False)
    own = [flag for flag in flags if _is_about(flag, family.pk) and flag.address_of_id == person.pk]
    if home.withheld and _says(person.other_address, family):
        return Where(person.other_address, True, home.not_to)
    return _where(person.other_address, own)


def withheld_words(family: Family, people: Iterable[Person], flags: Collection[Flag] | None = None) -> list[str]:
    """What no text that leaves the service may hold: the addresses and postcodes withheld today, longest first.

    flags: those of today, when at hand.
    """
    flags = address_flags([family.pk]) if flags is None else [flag for flag in flags if _is_about(flag, family.pk)]
    words: list[str] = []
    if flags and family_address(family, flags).withheld:
        words += [family.address, family.postcode]
    if flags:
        words += [p.other_address for p in people if p.other_address and person_address(p, family, flags).withheld]
    return sorted((word.strip() for word in words if word.strip()), key=len, reverse=True)


def _is_about(flag: Flag, family_id: UUID) -> bool:
    return flag.kind == Flag.Kind.ADDRESS_NOT_SHARED and flag.family_id == family_id


def _says(text: str, family: Family) -> bool:
    written, street = fold(text), fold(family.address)
    postcode = fold(family.postcode).replace(" ", "")
    return bool(street and street in written) or bool(postcode and postcode in written.replace(" ", ""))


def _where(text: str, flags: Collection[Flag]) -> Where:
    names = tuple(dict.fromkeys(str(flag.not_to_be_told) for flag in flags if flag.not_to_be_told))
    return Where(text, bool(flags), names)
