"""What becomes of every field: at a disposal, and in a safe copy for people who try things out.

The list stands in `fields_of_families` and `fields_of_others`, one line for each model. A field that is in no line, and
a line about a field that is gone, fail `tests/keeping/test_fields.py`. To add a field, say what it holds.

At a disposal a row has one fate: **drop** (it is the family's and goes with it), **clean** (it belongs to a Cluster or
to nobody, and the family's names and numbers are taken out of its words), **keep** (nothing of a family stands there;
names of staff stay). What a field holds says how `manage.py scrub` replaces it. Fields that are named nowhere need not
be: whole numbers, yes or no, choices of the program's own and links to rows other than people say nothing of whom they
are about, once the row they belong to is gone or about nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models


class Fate(StrEnum):
    DROP = "drop"
    CLEAN = "clean"
    KEEP = "keep"


class Holds(StrEnum):
    """What a field holds, and so what stands in its place in a safe copy. Empty stays empty."""

    FIRST_NAME = "first_name"  # an invented first name
    LAST_NAME = "last_name"  # an invented last name, the same for all of one family who shared one
    NAME = "name"  # an invented first and last name
    TEXT = "text"  # words of our own, as long as what stood there
    JSON = "json"  # the same shape, each text and date in it replaced
    DATE = "date"  # moved by up to half a year, all of one family's by the same number of days
    ADDRESS = "address"  # a street that there is not
    POSTCODE = "postcode"  # a postcode that there is not
    PHONE = "phone"  # a number that Ofcom keeps for films
    MAIL = "mail"  # an address at example.org
    UPN = "upn"  # another, with the right check letter
    NHS = "nhs"  # another, with the right check digit
    NUMBER = "number"  # other digits and letters of the same shape
    REFERENCE = "reference"  # the references of the same kind and year dealt out anew
    FILE = "file"  # another name with the same ending; contents are never copied
    RANDOM = "random"  # random: no old link, key or password opens anything
    EMPTY = "empty"  # nothing
    PERSON = "person"  # who it is about: the link stays, its end has another name
    KEPT = "kept"  # as it is


@dataclass(frozen=True)
class Of:
    """The line of one model. copied: whether its rows are in a safe copy at all."""

    fate: Fate
    copied: bool
    holds: dict[str, Holds]

    def that_hold(self, *kinds: Holds) -> list[str]:
        return [field for field, kind in self.holds.items() if kind in kinds]


def _line(fate: Fate, copied: bool, kinds: dict[str, str]) -> Of:
    return Of(fate, copied, {field: Holds(kind) for kind, names in kinds.items() for field in names.split()})


def drop(*, copied: bool = True, **kinds: str) -> Of:
    """A row of the family: gone at its disposal. kinds: fields by what they hold."""
    return _line(Fate.DROP, copied, kinds)


def clean(*, copied: bool = True, **kinds: str) -> Of:
    """A row of a Cluster or of nobody whose words may name a family: the names are taken out at its disposal."""
    return _line(Fate.CLEAN, copied, kinds)


def keep(*, copied: bool = True, **kinds: str) -> Of:
    """Nothing of a family stands there."""
    return _line(Fate.KEEP, copied, kinds)


# A field of these says something in words, on a day, or points to somebody, so the list must name it.
_SPEAKING = (
    models.CharField,
    models.TextField,
    models.DateField,
    models.TimeField,
    models.JSONField,
    models.BinaryField,
    models.FileField,
    models.UUIDField,
    models.GenericIPAddressField,
    ArrayField,
)


def must_be_named(field: models.Field) -> bool:
    if field.is_relation:
        return field.related_model is not None and field.related_model._meta.label_lower == "families.person"  # type: ignore[union-attr]
    if field.primary_key:
        return False
    return isinstance(field, _SPEAKING) and not field.choices


def speaking() -> dict[str, set[str]]:
    """By model, the fields of today that the list must name."""
    return {
        model._meta.label_lower: {field.name for field in model._meta.local_fields if must_be_named(field)}
        for model in apps.get_models(include_auto_created=True)
    }


def unclassed(lines: dict[str, Of]) -> list[str]:
    """Models and fields of today without a class."""
    return sorted(
        [label for label in speaking() if label not in lines]
        + [
            f"{label}.{name}"
            for label, names in speaking().items()
            if label in lines
            for name in names - set(lines[label].holds)
        ]
    )


def gone(lines: dict[str, Of]) -> list[str]:
    """Classes of models and fields that are no more."""
    there = {
        model._meta.label_lower: {field.name for field in model._meta.local_fields}
        for model in apps.get_models(include_auto_created=True)
    }
    return sorted(
        [label for label in lines if label not in there]
        + [f"{label}.{name}" for label in lines if label in there for name in set(lines[label].holds) - there[label]]
    )
