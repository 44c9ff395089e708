"""Words about other people in a text: what is marked before anybody has read it.

It marks too much rather than too little; whoever reads the copy takes a mark away with one press. It knows the names
(with their pet forms), addresses and numbers of everybody else in the record, and what looks like a name, a telephone
number, an e-mail address or a postcode of somebody it does not know. Names of staff stay: they acted for a public
service [Data Protection Act 2018, Schedule 2, paragraph 17].
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate

from families.models import Family, Flag, Person
from families.names import fold
from families.nicknames import other_forms

# First names that are words too: written small they are the word.
_COMMON = """
will may grace rose hope faith mark rob bill art sky dawn summer autumn joy ivy daisy lily ruby amber jade
pearl eve frank jack max miles pat ray sandy sue tony dean drew grant guy harry heath jay jean joy june april
august penny poppy robin sunny violet willow young king bishop baker cook carter brown white black green gray
wood hill field stone park lane long short small day love price rich sharp wise best good mum dad ali ann a an
i
"""
_WORDS = frozenset(_COMMON.split())
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr)\.?[ \t]+((?:[A-Z][\w’'-]+)(?:[ \t]+[A-Z][\w’'-]+)?)")
_KIN = re.compile(
    r"\b(?i:uncle|aunt|auntie|nan|nana|gran|grandma|grandad|granddad|grandpa|neighbour|friend|cousin|step-?dad|"
    r"step-?mum|boyfriend|girlfriend|ex-partner|partner|brother|sister|step-?brother|step-?sister)"
    r",?[ \t]+([A-Z][\w’'-]+)"
)
_PHONE = re.compile(r"(?<![\w.])(?:\+44[ ()]*|\(?0)\d(?:[ ()-]*\d){8,9}(?!\d)")
# Begun only where such a run of letters begins, and never tried again from within it: a text of one long run would take
# the square of its length.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
_NUMBER = re.compile(r"\d")


@dataclass(frozen=True)
class Span:
    """Characters of a text, from `start` to before `end`."""

    start: int
    end: int
    words: str


def _any_of(names: Iterable[str]) -> re.Pattern[str] | None:
    """Any of these as whole words, in whatever letters; the longest first."""
    ordered = sorted(names, key=len, reverse=True)
    if not ordered:
        return None
    return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(name) for name in ordered) + r")(?!\w)", re.IGNORECASE)


def _parts(*names: str) -> set[str]:
    return {part for name in names for part in re.split(r"[\s-]+", name) if len(part) > 1}


def _digits(text: str) -> str:
    found = "".join(_NUMBER.findall(text))
    return f"0{found[2:]}" if found.startswith("44") else found


@dataclass
class Others:
    """Finds what is about other people than `subject`.

    shares_home: the subject lives with the family and no address is to be kept from anybody, so that the family's
    address and telephone are the subject's own. staff: the names of staff. ours: public
    telephone numbers and e-mail addresses of the service.
    """

    subject: Person
    shares_home: bool
    people: list[Person]
    family: Family
    staff: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()
    own: set[str] = field(init=False)
    own_numbers: set[str] = field(init=False)
    staff_parts: set[str] = field(init=False)
    known: re.Pattern[str] | None = field(init=False)
    colleagues: re.Pattern[str] | None = field(init=False)

    def __post_init__(self) -> None:
        me, family = self.subject, self.family
        self.own = {part.lower() for part in _parts(me.first_name, me.last_name, me.known_as)}
        self.own_numbers = {_digits(me.telephone)} | ({_digits(family.telephone)} if self.shares_home else set())
        self.own_numbers |= {_digits(way) for way in self.ours}
        exact: set[str] = set()
        pet: set[str] = set()
        for person in self.people:
            if person.pk == me.pk:
                continue
            exact |= {name for name in (str(person), person.known_as) if len(name) > 1}
            exact |= _parts(person.first_name, person.last_name, person.known_as)
            exact |= {text for text in (person.upn, person.nhs_number, person.telephone) if text}
            if person.other_address and person.other_address != me.other_address:
                exact |= _address(person.other_address)
            for first in _parts(person.first_name):
                pet |= other_forms(fold(first))
        if not self.shares_home:
            exact |= _address(family.address) | ({family.postcode} if family.postcode else set())
            exact |= {family.telephone} if family.telephone else set()
        if family.name.lower() not in self.own:
            exact |= _parts(family.name)
        exact |= {name.capitalize() for name in pet if len(name) > 2}
        chosen = {name for name in exact if name.lower() not in self.own}
        self.known = _any_of(chosen)
        parts = {part.lower() for name in chosen for part in _parts(name)}
        self.colleagues = _any_of({name for name in self.staff if parts & {p.lower() for p in _parts(name)}})
        self.staff_parts = {part.lower() for part in _parts(*self.staff)}

    def find(self, text: str) -> list[Span]:
        """The places, in order, none over another."""
        places: list[tuple[int, int]] = []
        if self.known:
            ours = Cover(m.span() for m in self.colleagues.finditer(text)) if self.colleagues else Cover(())
            places += [
                m.span()
                for m in self.known.finditer(text)
                if not (m[0].islower() and m[0] in _WORDS) and not ours.holds(*m.span())
            ]
        places += [m.span(1) for m in _TITLED.finditer(text) if not _parts(m[1].lower()) & self.staff_parts]
        places += [m.span(1) for m in _KIN.finditer(text) if m[1].lower() not in self.own]
        places += [m.span() for m in _PHONE.finditer(text) if _digits(m[0]) not in self.own_numbers]
        places += [m.span() for m in _EMAIL.finditer(text) if m[0].lower() not in self.ours]
        places += [m.span() for m in _POSTCODE.finditer(text) if not self._own_postcode(m[0])]
        return [Span(start, end, text[start:end]) for start, end in joined(places)]

    def _own_postcode(self, found: str) -> bool:
        own = self.family.postcode if self.shares_home else ""
        text = f"{own} {self.subject.other_address}".replace(" ", "").upper()
        return found.replace(" ", "").upper() in text


def _address(address: str) -> set[str]:
    """An address as it stands, and its lines that name a place."""
    lines = [line.strip() for line in re.split(r"[,\n]", address)]
    return {text for text in (address.strip(), *lines[:1]) if len(text) > 4}


class Cover:
    """Many places of a text; asks whether one lies within another without looking at each."""

    def __init__(self, places: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(places)
        self.starts = [start for start, _ in ordered]
        self.reach = list(accumulate((end for _, end in ordered), max))

    def holds(self, start: int, end: int) -> bool:
        begun = bisect_right(self.starts, start)
        return begun > 0 and self.reach[begun - 1] >= end


def joined(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places that touch one another made into one, in order."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def lives_with(subject: Person, flags: Iterable[Flag]) -> bool:
    """Whether the family's address is the subject's own to know: not while an address is to be kept from somebody."""
    kept = any(flag.kind == Flag.Kind.ADDRESS_NOT_SHARED and flag.ends_on is None for flag in flags)
    return subject.in_household and not kept
