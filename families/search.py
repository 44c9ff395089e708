"""Search before create: people who sound alike, addresses, and whether a child is known elsewhere."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F, OuterRef, Value
from django.db.models.functions import Coalesce, NullIf

from families.identifiers import check_nhs_number, check_upn
from families.matching import ASK_ABOUT, ENOUGH, Facts, Likeness, compare, facts_of, near_births, swapped
from families.models import Family, Person
from families.names import after, identity_tokens, slips, sounds, words
from families.nicknames import other_forms

SHOWN = 25
# Of each part at most so many candidates, so that a common name does not push out the rest.
_PER_PART = 1500
_CANDIDATES = 100
_FEW = 3
# Words that stand in every second address find nobody in particular.
_IN_EVERY_ADDRESS = frozenset({
    "street", "st", "road", "rd", "avenue", "ave", "mount", "close", "drive", "grove", "terrace", "lane", "crescent",
    "place", "view", "gardens", "way", "court", "row", "rise", "approach", "flat", "leeds",
})  # fmt: skip
# A name as like as this needs no second look.
_GOOD = 90
_ASKED_ABOUT = 5
# In the families' own query: a search has few of its eight queries to give away.
_PEOPLE = ArraySubquery(
    Person.objects.filter(family_id=OuterRef("pk"))
    .order_by("birth_date", "first_name")
    .annotate(name=Coalesce(NullIf("known_as", Value("")), NullIf("first_name", Value("")), F("last_name")))
    .values("name")
)


@dataclass(frozen=True)
class Asked:
    """What one line of text, or a form, asks for."""

    name: str = ""
    birth_date: date | None = None
    upn: str = ""
    nhs_number: str = ""
    address: str = ""
    postcode: str = ""
    school_id: int | None = None
    known_as: str = ""

    @property
    def words(self) -> list[str]:
        return words(self.name, self.known_as)[:6]

    @property
    def doubles(self) -> list[str]:
        """Neighbouring words as one word."""
        parts = words(self.name)[:6]
        return [one + other for one, other in pairwise(parts)]

    @property
    def births(self) -> list[date]:
        """The birth date and, where it is one, the date with day and month swapped."""
        return [] if self.birth_date is None else [self.birth_date, *swapped(self.birth_date)]

    @property
    def facts(self) -> Facts:
        return Facts(
            name=self.name,
            known_as=self.known_as,
            birth_date=self.birth_date,
            upn=self.upn,
            nhs_number=self.nhs_number,
            address=self.address,
            postcode=self.postcode,
            school_id=self.school_id,
        )

    def __bool__(self) -> bool:
        return bool(self.words or self.birth_date or self.upn or self.nhs_number or self.address or self.postcode)


@dataclass(frozen=True)
class Match:
    """A person who may be the one; `why` in words for the page. Certain: by the rule of families.matching alone."""

    person: Person
    score: float
    why: list[str] = field(default_factory=list)
    name: float = 0.0
    certain: bool = False

    @classmethod
    def of(cls, person: Person, likeness: Likeness) -> "Match":
        return cls(person, likeness.score, likeness.why, likeness.name, likeness.certain)


@dataclass(frozen=True)
class Found:
    people: list[Match]
    families: Sequence[Family]
    more: bool = False


@dataclass(frozen=True)
class KnownElsewhere:
    """Another Cluster that knows the child: whom to ring there. No lead worker when none is named or to be named."""

    cluster: str
    telephone: str
    lead_worker: str = ""


def read_line(line: str) -> Asked:
    """Take a line from the search box apart: a date, a UPN and an NHS number are known by their shape."""
    born, upn, nhs_number = None, "", ""
    match = re.search(r"\b(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})\b", line)
    if match:
        try:
            born = date(int(match[3]), int(match[2]), int(match[1]))
            line = line.replace(match[0], " ")
        except ValueError:
            pass
    match = re.search(r"\b[A-Za-z]\d{11}[A-Za-z0-9]\b", line)
    if match:
        try:
            upn = check_upn(match[0])
            line = line.replace(match[0], " ")
        except ValidationError:
            pass
    match = re.search(r"\b\d{3}[ -]?\d{3}[ -]?\d{4}\b", line)
    if match:
        try:
            nhs_number = check_nhs_number(match[0])
            line = line.replace(match[0], " ")
        except ValidationError:
            pass
    return Asked(name=line.strip(), birth_date=born, upn=upn, nhs_number=nhs_number)


def find_people(
    *,
    clusters: Collection[int],
    query_name: str = "",
    birth_date: date | None = None,
    upn: str = "",
    nhs_number: str = "",
    limit: int = SHOWN,
) -> list[Match]:
    """The likeliest first: same number, same birth date, a name that is or sounds alike, first and last swapped."""
    return find_alike(clusters=clusters, asked=Asked(query_name, birth_date, upn, nhs_number), limit=limit)


def find_alike(*, clusters: Collection[int], asked: Asked, limit: int = SHOWN) -> list[Match]:
    """People who may be the one that is asked for, the likeliest first."""
    ids, _ = _candidates(asked, clusters)
    return _found(asked, clusters, ids)[:limit]


def alike(clusters: Collection[int], asked: Asked) -> list[Match]:
    """Those whom somebody is asked about before a new person is made: search before create, wherever it happens."""
    found = find_alike(clusters=clusters, asked=asked, limit=_ASKED_ABOUT)
    return [match for match in found if match.score >= ASK_ABOUT]


def _found(asked: Asked, clusters: Collection[int], ids: Collection[UUID]) -> list[Match]:
    """Ranked; when nobody of nearly that name is there, once more by every slip of the keys."""
    matches = _ranked(asked, ids)
    if asked.words and not any(match.name >= _GOOD for match in matches[:1]):
        more, _ = _candidates(asked, clusters, slipped=True)
        matches = _ranked(asked, more) if set(more) - set(ids) else matches
    return matches


def find(*, clusters: Collection[int], asked: Asked, limit: int = SHOWN) -> Found:
    """People as in `find_alike`, and families by their name and address."""
    ids, family_ids = _candidates(asked, clusters, addresses=True)
    people = _found(asked, clusters, ids)
    shown = {match.person.family_id for match in people[:limit]}
    missing = [key for key in family_ids if key not in shown][:limit]
    families = list(Family.objects.filter(pk__in=missing).annotate(people=_PEOPLE)) if missing else []
    return Found(people[:limit], families, more=len(people) > limit)


def _candidates(
    asked: Asked, clusters: Collection[int], *, addresses: bool = False, slipped: bool = False
) -> tuple[list[UUID], list[UUID]]:
    """Ids of people and of families that share something with what is asked, in one statement.

    Only `=`, `>=` and `<`: other comparisons could not use an index under the row policies. Each part gives what it
    found a weight; a person is worth the best of each part. `slipped`: also by every word one slip of the keys away.
    """
    if not asked or not clusters:
        return [], []
    within = list(clusters)
    parts: list[str] = []
    values: list[Any] = []

    def part(sql: str, *arguments: object) -> None:
        # Of many Clusters the row policies choose by themselves; to look under each would take longer.
        own = " AND cluster_id = ANY (%s)" if len(within) <= _FEW else ""
        parts.append(f"({sql}{own} LIMIT {_PER_PART})")
        values.extend((*arguments, within) if own else arguments)

    tokens = (
        "SELECT person_id, family_id, {n} AS part, {w} AS weight FROM families_persontoken WHERE kind = '{k}' AND token"
    )
    for number, word in enumerate(asked.words):
        # The word, or the beginning of one.
        whole = "CASE WHEN token = %s THEN 4 ELSE 3 END"
        part(tokens.format(n=number, k="f", w=whole) + " >= %s AND token < %s", word, word, after(word))
        if others := sorted(other_forms(word)):
            part(tokens.format(n=number, k="f", w=3) + " = ANY (%s)", others)
        if keys := sounds(word):
            part(tokens.format(n=number, k="s", w=2) + " = ANY (%s)", keys)
        if slipped and len(word) > 3 and word.isascii():
            part(tokens.format(n=number, k="f", w=3) + " = ANY (%s)", slips(word))
        if addresses:
            part(tokens.format(n=number, k="a", w=1) + " >= %s AND token < %s", word, after(word))
    # Two words that may be one: Abdul Rahman, Abdulrahman.
    for number, word in enumerate(asked.doubles):
        part(tokens.format(n=60 + number, k="f", w=3) + " = %s", word)
    # An array, so that the families are found once and not for each person.
    there = (
        "family_id = ANY (ARRAY(SELECT family_id FROM families_persontoken WHERE kind = 'a' AND token = ANY (%s) "
        "AND cluster_id = ANY (%s) GROUP BY family_id HAVING count(*) >= %s LIMIT 100))"
    )
    people = "SELECT id AS person_id, family_id, {n} AS part, {w} AS weight FROM families_person WHERE "
    if asked.birth_date:
        part(people.format(n=90, w=5) + "birth_date = ANY (%s)", asked.births)
        if slipped:
            part(people.format(n=90, w=3) + "birth_date = ANY (%s)", near_births(asked.birth_date))
    if asked.upn:
        part(people.format(n=91, w=50) + "upn = %s AND upn <> ''", asked.upn)
    if asked.nhs_number:
        part(people.format(n=92, w=50) + "nhs_number = %s AND nhs_number <> ''", asked.nhs_number)
    if asked.school_id and (asked.words or asked.birth_date):
        part(people.format(n=93, w=1) + "school_id = %s", asked.school_id)
    street = [word for word in words(asked.address) if word not in _IN_EVERY_ADDRESS]
    if street := list(dict.fromkeys([*street, *words(asked.postcode)[1:]])):
        part(people.format(n=94, w=2) + there, street, within, max(2, len(street) - 1))
    best = (
        "SELECT person_id, family_id, part, max(weight) AS weight FROM ("  # noqa: S608 - our own words
        + " UNION ALL ".join(parts)
        + ") hit GROUP BY 1, 2, 3"
    )
    sql = (
        f"SELECT person_id, family_id, sum(weight), count(*) FROM ({best}) best GROUP BY 1, 2 "  # noqa: S608
        f"ORDER BY 3 DESC LIMIT {_CANDIDATES}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    needed = max(1, len(asked.words))
    return (
        [person for person, _, _, _ in rows if person],
        [family for person, family, _, hits in rows if not person and hits >= needed],
    )


def _ranked(asked: Asked, ids: Iterable[UUID]) -> list[Match]:
    chosen = list(ids)
    if not chosen:
        return []
    facts = asked.facts
    people = Person.objects.filter(pk__in=chosen).select_related("family", "school")
    matches = [Match.of(person, compare(facts, facts_of(person))) for person in people]
    enough = [match for match in matches if _enough(asked, match)]
    return sorted(enough, key=lambda match: (-match.score, match.person.last_name, match.person.first_name))


def _enough(asked: Asked, match: Match) -> bool:
    """A number, a name that is like it, or a part of the name with the birth date; without a name the rest."""
    if match.score >= 200 or match.name >= ENOUGH:
        return bool(match.why)
    born = any("birth date" in reason or "swapped" in reason for reason in match.why)
    if not asked.words:
        return born or "same address" in match.why
    return match.name >= 40 and match.score >= ENOUGH + 10 and born


def known_elsewhere(
    *, query_name: str, birth_date: date | None, upn: str = "", nhs_number: str = ""
) -> list[KnownElsewhere]:
    """Clusters where the child is known and whom to ring; nothing of the record. The look-up leaves a trace."""
    if not (upn or nhs_number or (birth_date and query_name.strip())):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cluster_name, telephone, lead_worker FROM ehs_known_elsewhere(%s, %s, %s, %s)",
            [identity_tokens(query_name), birth_date, upn, nhs_number],
        )
        return [KnownElsewhere(*row) for row in cursor.fetchall()]
