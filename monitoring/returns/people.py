"""The children of a return: one number each, whatever list or Cluster they are in, and their codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from cluster_ehs.core.figures import age_in_years
from families.models import Gender, Person, SendNeed
from monitoring.returns.layout import read

ANNEX_GENDER = {
    Gender.MALE: "a) Male",
    Gender.FEMALE: "b) Female",
    Gender.OTHER: "d) Neither",
    Gender.UNKNOWN: "c) Not stated/recorded",
}
SSD_GENDER = {Gender.MALE: "01", Gender.FEMALE: "02", Gender.OTHER: "09", Gender.UNKNOWN: "00"}
# Records hold a gender, not a sex; what is neither recorded as male nor female is unknown.
SSD_SEX = {Gender.MALE: "M", Gender.FEMALE: "F"}
NOT_OBTAINED = "NOBT"
# What older records say that is no code of the Department: the nearest that claims no more.
COARSE = {"OTHER_ONLY": "OOTH", "AFRICAN_ONLY": "BAFR", "MIXED_ONLY": "MOTH", "SOUTH_ASIAN_ONLY": "AOTH"}


@dataclass(frozen=True)
class Child:
    """A child as the returns tell of one. number: the unique ID."""

    pk: UUID
    number: str
    first_name: str
    last_name: str
    gender: str
    ethnicity: str
    birth_date: date | None
    upn: str
    nhs_number: str
    has_send: bool
    died_on: date | None
    family_id: UUID
    family_reference: str
    restricted: bool

    def age(self, day: date) -> int | str:
        age = age_in_years(self.birth_date, day)
        return "" if age is None else age


def children(ids: Iterable[UUID]) -> dict[UUID, Child]:
    """The children by their records' ids. A child with records in two Clusters has the same number in both."""
    rows = list(_facts(Person.objects.filter(pk__in=set(ids))))
    numbers = _numbers(rows)
    return {
        row["pk"]: Child(
            pk=row["pk"],
            number=numbers[row["pk"]],
            first_name=row["first_name"],
            last_name=row["last_name"],
            gender=row["gender"],
            ethnicity=main_code(row["code"], row["parent"]),
            birth_date=row["birth_date"],
            upn=row["upn"],
            nhs_number=row["nhs_number"],
            has_send=row["send"],
            died_on=row["died_on"],
            family_id=row["family_id"],
            family_reference=row["reference"],
            restricted=row["restricted"],
        )
        for row in rows
    }


def _facts(people: Any) -> Any:
    return people.annotate(
        send=Exists(SendNeed.objects.filter(person=OuterRef("pk"), ends_on__isnull=True)),
        code=F("ethnicity__code"),
        parent=F("ethnicity__parent__code"),
        reference=F("family__reference"),
        restricted=F("family__restricted"),
    ).values(
        *("pk", "first_name", "last_name", "gender", "code", "parent", "birth_date", "upn", "nhs_number", "send"),
        *("died_on", "family_id", "reference", "restricted"),
    )


def _numbers(rows: list[dict[str, Any]]) -> dict[UUID, str]:
    """The first, in the order of ids, of all records with the same UPN or NHS number, in whatever Cluster."""
    upns = {row["upn"] for row in rows if row["upn"]}
    nhs_numbers = {row["nhs_number"] for row in rows if row["nhs_number"]}
    alike = Person.objects.filter(Q(upn__in=upns) | Q(nhs_number__in=nhs_numbers)) if upns | nhs_numbers else []
    of: dict[UUID, UUID] = {}

    def first(pk: UUID) -> UUID:
        while of.get(pk, pk) != pk:
            pk = of[pk]
        return pk

    seen: dict[tuple[str, str], UUID] = {}
    known = [(row["pk"], row["upn"], row["nhs_number"]) for row in rows]
    known += [(person.pk, person.upn, person.nhs_number) for person in alike]
    for pk, upn, nhs_number in sorted(known, key=lambda one: one[0].hex):
        for key in (("upn", upn), ("nhs", nhs_number)):
            if not key[1]:
                continue
            one, other = sorted((first(pk), first(seen.setdefault(key, pk))), key=lambda each: each.hex)
            of[other] = one
    return {row["pk"]: first(row["pk"]).hex for row in rows}


@lru_cache(maxsize=1)
def _annex_ethnicity() -> dict[str, str]:
    return {row["dfe_code"]: row["annexa_value"] for row in read("annexa_ethnicity")}


def main_code(code: str | None, parent: str | None) -> str:
    """The Department's main code of a term, which may be an extended one or one of ours."""
    found = COARSE.get(code or "", parent or code or NOT_OBTAINED)
    return found if found in _annex_ethnicity() else NOT_OBTAINED


def annex_ethnicity(code: str) -> str:
    return _annex_ethnicity()[code]
