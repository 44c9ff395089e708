"""Everything that is held on a person: one selector over every table, the history included.

The number of statements depends on the number of tables, not on how much is held.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import F, Q
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from cluster_ehs.core.models import Change, Event, Look
from cluster_ehs.core.plain_words import begun_small
from clusters.models import StaffRole
from families.history import Line, page_words
from families.history import Names as NamesOfChanges
from families.history import in_words as change_in_words
from families.merged import families_within
from families.models import FilePerson, Person, StoredFile
from keeping.subject_access import plain
from keeping.subject_access.sections import PARTS, SECTIONS, Part

# Lines whose words a child said to somebody whom the child trusted.
CHILDS_WORDS = frozenset({"child_said", "said", "child_voice", "child_says"})
SHORT = 120
_FILE = "the_file"


@dataclass
class Held:
    """One thing that is held, before it is numbered. other: it is about other people than the person alone."""

    section: str
    title: str
    at: datetime | None
    source: str
    source_id: str
    lines: list[dict[str, Any]] = field(default_factory=list)
    other: bool = False
    private: bool = False
    author_id: int | None = None
    file_path: str = ""
    file_name: str = ""


def held_on(person: Person) -> list[Held]:
    """What is held, in the order of the chapters; within one the own first, and by time. The caller opens the scope."""
    rows = {label: _rows(label, part, person) for label, part in PARTS.items()}
    names = plain.Names(row for found in rows.values() for row in found)
    of_file = _people_of_files(person)
    roots: dict[tuple[str, Any], Held] = {}
    found: list[Held] = []
    for label, part in PARTS.items():
        if not part.under:
            for row in rows[label]:
                held = _held(label, part, row, person, names)
                if isinstance(row, StoredFile):
                    _with_file(held, row, person, of_file)
                roots[label, row.pk] = held
                found.append(held)
    for label, part in PARTS.items():
        for row in rows[label] if part.under else ():
            parent = roots.get((part.into, row._into))
            held = _held(label, part, row, person, names)
            if parent is None or (held.private and not parent.private):
                found.append(held)
            else:
                held.lines = [line for line in held.lines if not _said(line, parent)]
                parent.lines += _told_under(row, held)
    others = {(held.source, held.source_id) for held in found if held.other}
    found = [held for held in found if held.lines]
    found += _history(person, others)
    order = {key: number for number, key in enumerate(SECTIONS)}
    found.sort(key=lambda held: (order[held.section], held.other, held.at or timezone.now(), held.title))
    return found


def _rows(label: str, part: Part, person: Person) -> list[Any]:
    model = apps.get_model(label)
    query = model._base_manager.filter(_about(model, person)).order_by("pk")
    for number, path in enumerate(part.whose):
        if path != "pk":
            query = query.annotate(**{f"_whose{number}": F(f"{path}_id" if "__" not in path else path)})
    if part.under:
        query = query.annotate(_into=F(part.under))
    return list(query)


def _about(model: type[models.Model], person: Person) -> Q:
    fields = {f.name for f in model._meta.concrete_fields}
    if model._meta.label == "families.Family":
        return Q(pk=person.family_id)
    if model._meta.label == "families.DuplicatePair":
        return Q(one=person) | Q(two=person)
    if model._meta.label == "referrals.IntakeVersion":
        return Q(intake__family_id=person.family_id)
    return Q(family_id=person.family_id) if "family" in fields else Q(pk=None)


def _is_others(row: Any, part: Part, person: Person) -> bool:
    """A row that names people, and not this one."""
    if part.whose == ("pk",):
        return row.pk != person.pk
    keys = {getattr(row, f"_whose{number}") for number in range(len(part.whose))} - {None}
    return bool(keys) and person.pk not in keys


def _held(label: str, part: Part, row: Any, person: Person, names: plain.Names) -> Held:
    private = bool(getattr(row, "private", False)) and getattr(row, "author_id", None) is not None
    return Held(
        section=part.section,
        title=plain.title_of(row)[:200],
        at=plain.when(row),
        source=label,
        source_id=str(row.pk),
        lines=plain.lines_of(row, names),
        other=_is_others(row, part, person),
        private=private,
        author_id=row.author_id if private else None,
    )


def _said(line: dict[str, Any], parent: Held) -> bool:
    """Who wrote a part, where the whole says the same."""
    return line["name"] == "author" and any(
        one["name"] == "author" and one["value"] == line["value"] for one in parent.lines
    )


def _told_under(row: models.Model, held: Held) -> list[dict[str, Any]]:
    """The lines of a row that is printed with another one: each says what it belongs to; short ones share a line."""
    thing, lines = plain.title_of(row), held.lines
    if len(lines) > 1 and sum(len(line["text"]) for line in lines) < SHORT:
        text = "; ".join(f"{begun_small(line['label'])}: {line['text']}" for line in lines)
        value = {line["name"]: line["value"] for line in lines}
        return [{"label": thing, "name": held.source, "value": value, "text": text, "other": held.other}]
    told = []
    for line in lines:
        label = thing if len(lines) == 1 else f"{thing} – {begun_small(line['label'])}"
        told.append({**line, "label": label, "name": f"{held.source}.{line['name']}", "other": held.other})
    return told


def _people_of_files(person: Person) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = {}
    for file_id, person_id in FilePerson.objects.filter(family_id=person.family_id).values_list("file", "person"):
        found.setdefault(file_id, set()).add(person_id)
    return found


def _with_file(held: Held, row: StoredFile, person: Person, of_file: dict[UUID, set[UUID]]) -> None:
    people = of_file.get(row.pk, set())
    held.other = bool(people) and person.pk not in people
    held.title, held.file_path, held.file_name = f"Document: {row.kind or 'file'}", row.path, row.name
    # What it hangs on is a key of the program, its kind a code for what the ending of its name says.
    held.lines = [line for line in held.lines if line["name"] not in ("about", "content_type")]
    for line in held.lines:
        if line["name"] == "size":
            line["text"] = filesizeformat(row.size)
    text = "In the folder “documents”"
    held.lines.append({"label": "The document itself", "name": _FILE, "value": row.name, "text": text, "other": False})


def is_file_line(line: dict[str, Any]) -> bool:
    return bool(line["name"] == _FILE)


# --- the history ---
def _history(person: Person, others: set[tuple[str, str]]) -> list[Held]:
    families = [person.family_id, *families_within(person.family)]
    changes = list(
        Change.objects.filter(family_id__in=families).exclude(table_name__startswith="keeping_").order_by("id")
    )
    events = list(Event.objects.filter(family_id__in=families).order_by("id"))
    looks = list(Look.objects.filter(family_id__in=families).order_by("id"))
    acted: list[Any] = [*events, *looks, *changes]
    roles = _roles({row.user_id for row in acted if row.user_id})
    found = _changes(changes, others, roles)
    found += _by_month("events", events, lambda row: (row.text, _who(row, roles)))
    found += _by_month("looks", looks, lambda row: (f"Looked at {page_words(row.page)}", _who(row, roles)))
    return found


def _roles(users: set[int]) -> dict[int, str]:
    """What each is here, in words: the reader is told who looked by role, not by name."""
    rows = StaffRole.objects.filter(user_id__in=users).order_by("user_id", "starts_on")
    return {row.user_id: str(row.get_post_display() or row.get_role_display()) for row in rows}


def _who(row: Any, roles: dict[int, str]) -> str:
    return roles.get(row.user_id, "a member of staff") if row.user_id else row.actor


def _line(at: datetime, name: str, text: str, *, other: bool = False) -> dict[str, Any]:
    moment = timezone.localtime(at)
    return {"label": f"{moment:%-d %B at %H:%M}", "name": name, "value": at.isoformat(), "text": text, "other": other}


def _by_month(section: str, rows: Iterable[Any], told: Any) -> list[Held]:
    """One entry for each month: a line for each row."""
    months: dict[str, Held] = {}
    for row in rows:
        at = timezone.localtime(row.at)
        held = months.get(f"{at:%Y-%m}")
        if held is None:
            held = Held(section, f"{at:%B %Y}", row.at, f"core.{section}", f"{at:%Y-%m}")
            months[f"{at:%Y-%m}"] = held
        text, who = told(row)
        held.lines.append(_line(row.at, row._meta.model_name, f"{text} ({who})"))
    return list(months.values())


def _became(line: Line) -> str:
    if not line.before:
        return f"{line.label}: “{line.after}” was added"
    return f"{line.label}: “{line.before}” " + (f"became “{line.after}”" if line.after else "was taken out")


def _changes(changes: list[Change], others: set[tuple[str, str]], roles: dict[int, str]) -> list[Held]:
    """Changes and removals with what stood there before; what was added stands in the record itself.

    Those of private rows apart, under the name of whom they are private to.
    """
    told = [change for change in changes if change.operation != "insert"]
    names = NamesOfChanges(told)
    tables = {model._meta.db_table: model._meta.label_lower for model in apps.get_models()}
    found: dict[tuple[str, int | None], Held] = {}
    for change in told:
        entry = change_in_words(change, names)
        if not entry.lines:
            continue
        at, whom = timezone.localtime(change.at), change.private_to
        key = (f"{at:%Y-%m}", whom)
        held = found.get(key)
        if held is None:
            held = Held("changes", f"{at:%B %Y}", change.at, "core.change", f"{at:%Y-%m}")
            held.private, held.author_id = whom is not None, whom
            found[key] = held
        text = "; ".join(_became(line) for line in entry.lines)
        other = (tables.get(change.table_name, ""), change.row_id) in others
        held.lines.append(_line(change.at, "change", f"{entry.title}. {text} ({_who(change, roles)})", other=other))
    return list(found.values())
