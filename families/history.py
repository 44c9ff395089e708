"""The History page: changes, what they meant, and who looked, in one line of time, newest first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from cluster_ehs.core import plain_words
from cluster_ehs.core.models import Change, Event, Look
from clusters.models import Cluster, PartnerService, School, Service, Term, User
from families.merged import families_within, merged_rows
from families.models import Family, Person

SIZE = 40
# Some rows share the moment of the last one shown and come again; they must not hide that there are more.
_FETCH = SIZE + 20
# Looked up to show a name in place of a key. Everything else that is linked is left out: it says nothing to people.
NAMED: tuple[type[models.Model], ...] = (Term, School, User, Service, PartnerService, Cluster, Person)
# Of the program: keys under which a finding of the check of data keeps its record and the page that mends it too.
_SILENT = {"id", "cluster", "family", "version", "created_at", "updated_at", "path", "sha256"} | {
    "record_id",
    "page_id",
    "fix_id",
}
_ON_SCREEN = {"address", "postcode", "other_address"}
_VERBS = {"insert": "added", "update": "changed", "delete": "removed"}
_PAGES = {
    "family": "the family’s page",
    "referral": "a referral",
    "history": "this history",
    "file": "a file",
    "request-about-records": "a request about records",
    "requests-about-records": "the list of requests about records",
    "letter-about-records": "a letter about records",
    "copy-of-the-record": "the copy made for a request",
    "private-notes-asked-for": "private notes that are asked for",
}
KINDS = (("all", "Everything"), ("events", "What was done"), ("changes", "Changes"), ("looks", "Who looked"))


@dataclass(frozen=True)
class Line:
    """One value of a change, in words."""

    label: str
    before: str
    after: str
    # Where somebody lived is not printed: an earlier address may be the present one again.
    on_screen: bool = False


@dataclass(frozen=True)
class Entry:
    at: datetime
    by: str
    title: str
    kind: str
    key: int
    lines: list[Line] = field(default_factory=list)

    @property
    def order(self) -> tuple[datetime, str, int]:
        return (self.at, self.kind, self.key)


@dataclass(frozen=True)
class History:
    entries: list[Entry]
    older: str


def history(family: Family, *, show: str = "all", before: str = "") -> History:
    """One page of the family's history. `before` is the `older` of the page before."""
    until = _read(before)
    within = [family.pk, *families_within(family)]
    found: list[Entry] = []
    changes: list[Change] = []
    if show in ("all", "changes"):
        changes = list(_older(_changes(within), until)[:_FETCH])
    if show in ("all", "events"):
        rows = _older(Event.objects.filter(family_id__in=within), until)[:_FETCH]
        found += [Entry(row.at, row.actor, row.text, "event", row.pk) for row in rows]
    if show in ("all", "looks"):
        rows = _older(Look.objects.filter(family_id__in=within), until)[:_FETCH]
        found += [Entry(row.at, row.actor, f"Looked at {page_words(row.page)}", "look", row.pk) for row in rows]
    with merged_rows():
        names = Names(changes)
    found += [in_words(change, names) for change in changes]
    found.sort(key=lambda entry: entry.order, reverse=True)
    later = [entry for entry in found if until is None or entry.order < until]
    shown = later[:SIZE]
    return History(shown, _write(shown[-1]) if len(later) > SIZE else "")


def _changes(families: list[UUID]) -> QuerySet[Change]:
    """Changes of rows, without those that only took a row over from one family record to another."""
    moved = [{"family_id": str(pk)} for pk in families]
    return Change.objects.filter(family_id__in=families).exclude(operation="update", after__in=moved)


def page_words(page: str) -> str:
    return _PAGES.get(page, page.replace("-", " ").replace("_", " "))


def _older(rows: QuerySet[Any], until: tuple[datetime, str, int] | None) -> QuerySet[Any]:
    """Rows up to a moment, itself included: several of one transaction share it and are told apart later."""
    return (rows.filter(at__lte=until[0]) if until else rows).order_by("-at", "-id")


def _write(entry: Entry) -> str:
    return f"{entry.at.isoformat()}~{entry.kind}~{entry.key}"


def _read(text: str) -> tuple[datetime, str, int] | None:
    moment, _, rest = text.partition("~")
    kind, _, key = rest.partition("~")
    try:
        at = parse_datetime(moment.replace(" ", "+"))
    except ValueError:
        return None
    if at is None or timezone.is_naive(at) or not key.isdecimal() or len(key) > 18:
        return None
    return (at, kind, int(key))


# --- changes in words ---
def _models() -> dict[str, type[models.Model]]:
    return {model._meta.db_table: model for model in apps.get_models()}


class Names:
    """The names behind the keys that some changes mention, read with one statement per kind of thing."""

    def __init__(self, changes: Iterable[Change]) -> None:
        wanted: dict[type[models.Model], set[str]] = {}
        by_table = _models()
        for change in changes:
            model = by_table.get(change.table_name)
            for values in (change.before, change.after):
                for name, value in (values or {}).items():
                    target = _target(model, name)
                    if target is not None and value is not None:
                        wanted.setdefault(target, set()).add(str(value))
        self.words = {
            (model, str(row.pk)): str(row)
            for model, keys in wanted.items()
            for row in model._default_manager.filter(pk__in=keys)
        }

    def of(self, model: type[models.Model], key: object) -> str:
        return self.words.get((model, str(key)), "")


def _field(model: type[models.Model] | None, column: str) -> models.Field | None:
    if model is None:
        return None
    return next((f for f in model._meta.concrete_fields if f.column == column), None)


def _target(model: type[models.Model] | None, column: str) -> type[models.Model] | None:
    """The thing that a column points to, when it is one whose name is shown."""
    found = _field(model, column)
    related = found.related_model if found is not None and found.is_relation else None
    return related if related in NAMED else None  # type: ignore[return-value]


def in_words(change: Change, names: Names) -> Entry:
    model = _models().get(change.table_name)
    thing = plain_words.thing(model) if model else change.table_name.replace("_", " ")
    title = f"{thing} {_VERBS.get(change.operation, change.operation)}"
    before, after = change.before or {}, change.after or {}
    lines = []
    for column in sorted({*before, *after}, key=lambda name: _position(model, name)):
        found = _field(model, column)
        if found is None or found.name in _SILENT or (found.is_relation and _target(model, column) is None):
            continue
        if isinstance(found, models.UUIDField) and not found.is_relation:
            # The key of another record tells a reader nothing.
            continue
        was, became = (_words(found, values.get(column), names) for values in (before, after))
        line = Line(plain_words.label(found), was, became, found.name in _ON_SCREEN)
        # What a new row does not have would only be noise.
        nothing = change.operation == "insert" and after.get(column) is False
        if line.before != line.after and not nothing:
            lines.append(line)
    return Entry(change.at, change.actor, title, "change", change.pk, lines)


def _position(model: type[models.Model] | None, column: str) -> int:
    if model is None:
        return 0
    columns = [f.column for f in model._meta.concrete_fields]
    return columns.index(column) if column in columns else len(columns)


def _words(found: models.Field, value: Any, names: Names) -> str:
    if value is None or value == "":
        return ""
    if found.is_relation and found.related_model in NAMED:
        return names.of(found.related_model, value) or "somebody or something no longer known"  # type: ignore[arg-type]
    if isinstance(value, bool | dict | list):
        return _plain(value)
    if found.choices:
        return str(dict(found.flatchoices).get(value, value))
    if isinstance(found, models.DateTimeField):
        moment = parse_datetime(str(value))
        return (
            f"{timezone.localtime(moment):%-d %B %Y at %H:%M}" if moment and timezone.is_aware(moment) else str(value)
        )
    if isinstance(found, models.DateField):
        return f"{datetime.fromisoformat(str(value)):%-d %B %Y}"
    return str(value)


def _plain(value: Any) -> str:
    """What lies in parts within one value, as words: names with what they say, without what is empty."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dict):
        pairs = ((str(name).replace("_", " "), _plain(part)) for name, part in value.items())
        return "; ".join(f"{name}: {words}" for name, words in pairs if words)
    if isinstance(value, list):
        return ", ".join(words for words in map(_plain, value) if words)
    return "" if value is None else str(value)
