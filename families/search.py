"""Search before create: people who sound alike, addresses, and whether a child is known elsewhere."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F, OuterRef, Value
from django.db.models.functions import Coalesce, NullIf
from rapidfuzz import fuzz

from families.identifiers import check_nhs_number, check_upn
from families.models import Family, Person
from families.names import after, fold, identity_tokens, sounds, words

SHOWN = 25
# Of each word at most so many candidates, so that a common name does not push out the rest.
_PER_WORD = 400
_CANDIDATES = 120
_ENOUGH = 65
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

    @property
    def words(self) -> list[str]:
        return words(self.name)[:6]

    @property
    def births(self) -> list[date]:
        """The birth date and, where it is one, the date with day and month swapped."""
        return [] if self.birth_date is None else [self.birth_date, *swapped(self.birth_date)]

    def __bool__(self) -> bool:
        return bool(self.words or self.birth_date or self.upn or self.nhs_number)


@dataclass(frozen=True)
class Match:
    """A person who may be the one; `why` in words for the page."""

    person: Person
    score: float
    why: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    people: list[Match]
    families: Sequence[Family]
    more: bool = False


@dataclass(frozen=True)
class KnownElsewhere:
    cluster: str
    telephone: str


def swapped(day: date) -> list[date]:
    """Day and month the other way round, a slip of every second form."""
    if day.day > 12 or day.day == day.month:
        return []
    return [date(day.year, day.day, day.month)]


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
    asked = Asked(query_name, birth_date, upn, nhs_number)
    ids, _ = _candidates(asked, clusters, addresses=False)
    return _ranked(asked, ids)[:limit]


def find(*, clusters: Collection[int], asked: Asked, limit: int = SHOWN) -> Found:
    """People as in `find_people`, and families by their name and address."""
    ids, family_ids = _candidates(asked, clusters, addresses=True)
    people = _ranked(asked, ids)
    shown = {match.person.family_id for match in people[:limit]}
    missing = [key for key in family_ids if key not in shown][:limit]
    families = list(Family.objects.filter(pk__in=missing).annotate(people=_PEOPLE)) if missing else []
    return Found(people[:limit], families, more=len(people) > limit)


def _candidates(asked: Asked, clusters: Collection[int], *, addresses: bool) -> tuple[list[UUID], list[UUID]]:
    """Ids of people and of families that share something with what is asked, in one statement.

    Only `=`, `>=` and `<`: other comparisons could not use an index under the row policies.
    """
    if not asked or not clusters:
        return [], []
    within = list(clusters)
    parts: list[str] = []
    values: list[Any] = []

    def part(sql: str, *arguments: object) -> None:
        parts.append(f"({sql} LIMIT {_PER_WORD})")
        values.extend(arguments)

    tokens = "SELECT person_id, family_id, {n} AS part, '{k}' AS kind FROM families_persontoken WHERE kind = '{k}' AND "
    for number, word in enumerate(asked.words):
        kinds = ("f", "a") if addresses else ("f",)
        for kind in kinds:
            part(
                tokens.format(n=number, k=kind) + "token >= %s AND token < %s AND cluster_id = ANY (%s)",
                word,
                after(word),
                within,
            )
        if keys := sounds(word):
            part(tokens.format(n=number, k="s") + "token = ANY (%s) AND cluster_id = ANY (%s)", keys, within)
    people = "SELECT id AS person_id, family_id, {n} AS part, 'p' AS kind FROM families_person WHERE "
    if asked.births:
        part(people.format(n=90) + "birth_date = ANY (%s) AND cluster_id = ANY (%s)", asked.births, within)
    if asked.upn:
        part(people.format(n=91) + "upn = %s AND upn <> '' AND cluster_id = ANY (%s)", asked.upn, within)
    if asked.nhs_number:
        part(
            people.format(n=92) + "nhs_number = %s AND nhs_number <> '' AND cluster_id = ANY (%s)",
            asked.nhs_number,
            within,
        )
    sql = (
        "SELECT person_id, family_id, count(DISTINCT part), bool_or(part > 89) FROM ("  # noqa: S608 - our own words
        + " UNION ALL ".join(parts)
        + f") hit GROUP BY person_id, family_id ORDER BY 4 DESC, 3 DESC LIMIT {_CANDIDATES}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    needed = max(1, len(asked.words))
    return (
        [person for person, _, _, _ in rows if person],
        [family for person, family, hits, _ in rows if not person and hits >= needed],
    )


def _ranked(asked: Asked, ids: Iterable[UUID]) -> list[Match]:
    chosen = list(ids)
    if not chosen:
        return []
    people = Person.objects.filter(pk__in=chosen).select_related("family", "school")
    matches = [_match(asked, person) for person in people]
    enough = [match for match in matches if match.why]
    return sorted(enough, key=lambda match: (-match.score, match.person.last_name, match.person.first_name))


def _match(asked: Asked, person: Person) -> Match:
    why = []
    score = 0.0
    if asked.words:
        score = _name_score(asked, person)
        why.append("same name" if score >= 95 else "similar name" if score >= 80 else "name sounds alike")
        if score < _ENOUGH:
            why.clear()
    if asked.upn and person.upn == asked.upn:
        score += 200
        why.insert(0, "same UPN")
    if asked.nhs_number and person.nhs_number == asked.nhs_number:
        score += 200
        why.insert(0, "same NHS number")
    if asked.birth_date and person.birth_date:
        if person.birth_date == asked.birth_date:
            score += 60
            why.append("same birth date")
        elif person.birth_date in asked.births:
            score += 55
            why.append("day and month swapped")
    return Match(person, score, why)


def _name_score(asked: Asked, person: Person) -> float:
    """0 to 100. Order does not count, so first and last name may be swapped; one word of a name finds it too."""
    query = " ".join(asked.words)
    best = 0.0
    for first in {person.first_name, person.known_as} - {""} or {""}:
        name = fold(f"{first} {person.last_name}")
        best = max(best, fuzz.token_sort_ratio(query, name), 0.94 * fuzz.token_set_ratio(query, name))
        parts = name.split()
        # By sound or by its beginning, word for word; each word of the question must find one of the name.
        alike = [max((_alike(word, part) for part in parts), default=0) for word in asked.words]
        best = max(best, sum(alike) / len(alike) if all(alike) else 0)
    return best


def _alike(word: str, part: str) -> float:
    if part == word:
        return 96
    if part.startswith(word):
        return 88
    if set(sounds(word)) & set(sounds(part)):
        return 76
    return 0


def known_elsewhere(
    *, query_name: str, birth_date: date | None, upn: str = "", nhs_number: str = ""
) -> list[KnownElsewhere]:
    """Clusters where the child is known and whom to ring; nothing of the record. The look-up leaves a trace."""
    if not (upn or nhs_number or (birth_date and query_name.strip())):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cluster_name, telephone FROM ehs_known_elsewhere(%s, %s, %s, %s)",
            [identity_tokens(query_name), birth_date, upn, nhs_number],
        )
        return [KnownElsewhere(*row) for row in cursor.fetchall()]
