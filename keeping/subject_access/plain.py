"""A row of any table in plain words: labels in place of codes, names in place of keys."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.conf.locale import LANG_INFO
from django.db import models
from django.utils import timezone

from cases.models import AuditQuestion
from cluster_ehs.core import plain_words
from clusters.models import Cluster, NeedLevel, PartnerService, School, Service, Term, User
from families.models import Person
from outcomes.models import Instrument
from triage.models import Meeting

NAMED: tuple[type[models.Model], ...] = (
    Term,
    School,
    User,
    Service,
    PartnerService,
    Cluster,
    AuditQuestion,
    NeedLevel,
    Person,
    Instrument,
    Meeting,
)
# Of the program, not of the person: keys, digests, places of files, counters.
_SILENT = """
id cluster family version created_at private path sha256 token_digest code_digest digest tries tries_since
merged_into moved shared_goals once ref url form thread position record_id page_id fix_id external_id
"""
SILENT = frozenset(_SILENT.split())
EMPTY: tuple[Any, ...] = (None, "", [], {})
_WHEN = (
    "at",
    "held_at",
    "taken_on",
    "made_on",
    "received_on",
    "reviewed_on",
    "decided_at",
    "scored_on",
    "dated_on",
    "raised_at",
    "stepped_on",
    "given_on",
    "offered_at",
    "starts_on",
    "opened_on",
    "asked_at",
    "received_at",
    "made_at",
    "created_at",
)


class Names:
    """The names behind keys, read with one statement per kind of thing."""

    def __init__(self, rows: Iterable[models.Model]) -> None:
        wanted: dict[type[models.Model], set[Any]] = {}
        fields: dict[type[models.Model], list[models.ForeignKey]] = {}
        for row in rows:
            linked = fields.setdefault(type(row), [f for f in _shown(type(row)) if isinstance(f, models.ForeignKey)])
            for link in linked:
                key = getattr(row, link.attname)
                if key is not None and link.related_model in NAMED:
                    wanted.setdefault(link.related_model, set()).add(key)  # type: ignore[arg-type]
        self.words = {
            (model, row.pk): str(row)
            for model, keys in wanted.items()
            for row in model._base_manager.filter(pk__in=keys)
        }

    def of(self, model: Any, key: Any) -> str:
        return self.words.get((model, key), "")


def _shown(model: type[models.Model]) -> list[models.Field]:
    return [f for f in model._meta.concrete_fields if f.name not in SILENT and not f.primary_key]


def lines_of(row: models.Model, names: Names) -> list[dict[str, Any]]:
    """What a row says: label, the field's name, the value as stored, the text for people.

    Left out: what is empty or not known, and a “no” that is only the want of a “yes”.
    """
    found = []
    for column in _shown(type(row)):
        value = getattr(row, column.attname)
        if value in EMPTY or value == "unknown" or (value is False and not column.null):
            continue
        if isinstance(column, models.ForeignKey):
            if column.related_model not in NAMED:
                continue
            text = names.of(column.related_model, value)
        else:
            text = words(column, value)
        if text:
            found.append(
                {
                    "label": plain_words.label(column),
                    "name": column.name,
                    "value": stored(value),
                    "text": text,
                    "other": False,
                }
            )
    return found


def words(column: models.Field, value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if column.name == "language" and value in LANG_INFO:
        return str(LANG_INFO[value].get("name", value))
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    return text_of(value)


def text_of(value: Any) -> str:
    """A value for people; lists and what an answer holds are told one after the other."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%-d %B %Y at %H:%M}"
    if isinstance(value, date):
        return f"{value:%-d %B %Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dict):
        told = (
            f"{str(key).replace('_', ' ')}: {text_of(each)}"
            for key, each in value.items()
            if each not in (None, "", [], {})
        )
        return "; ".join(told)
    if isinstance(value, list | tuple):
        return ", ".join(text_of(each) for each in value)
    return str(value)


def stored(value: Any) -> Any:
    """As JSON holds it."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): stored(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [stored(each) for each in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def title_of(row: models.Model) -> str:
    """What a row is, without anybody's name."""
    title = plain_words.thing(type(row))
    if not getattr(row, "kind", "") or not hasattr(row, "get_kind_display"):
        return title
    # “Grandparent of” and “divorced from” lead on to a name, which does not stand here.
    kind = plain_words.begun_small(row.get_kind_display()).removesuffix(" of").removesuffix(" from")
    return f"{title}: {kind}"


def when(row: models.Model) -> datetime | None:
    """The day that a row is about, as a moment; its making where it names none."""
    for name in _WHEN:
        value = getattr(row, name, None)
        if isinstance(value, datetime):
            return value
        if isinstance(value, date):
            return timezone.make_aware(datetime.combine(value, time()))
    return None
