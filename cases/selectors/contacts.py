"""Contacts as lists: newest first, paged by key, notes only where the walls show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from cases.models import (
    Attendance,
    Case,
    ChildVoice,
    Contact,
    ContactChild,
    ContactNote,
    ContactPerson,
    GoalNotAsked,
    GoalScore,
)
from cases.selectors.lists import mine
from cluster_ehs.core.models import Change
from clusters.models import User
from clusters.people import duties
from families.models import Person

PAGE = 20


def contacts(case_id: UUID) -> QuerySet[Contact]:
    """Contacts of a case with notes, people and scores: one query. A note the reader may not see is not there."""
    notes = (
        ContactNote.objects.filter(contact=OuterRef("pk"))
        .order_by("created_at")
        .values(
            data=JSONObject(
                id="id",
                text="text",
                child_said="child_said",
                by="author__name",
                author="author_id",
                at="created_at",
                version="version",
            )
        )
    )
    voices = ChildVoice.objects.filter(note__contact=OuterRef("pk")).values(
        data=JSONObject(id="id", note="note_id", person="person_id", how="how", said="said")
    )
    children = ContactChild.objects.filter(contact=OuterRef("pk")).values(
        data=JSONObject(person="person_id", seen="seen", alone="alone")
    )
    not_asked = GoalNotAsked.objects.filter(contact=OuterRef("pk")).values_list("goal__words")
    people = ContactPerson.objects.filter(contact=OuterRef("pk")).values_list("person_id")
    scores = GoalScore.objects.filter(contact=OuterRef("pk")).values(data=JSONObject(goal="goal__words", score="score"))
    return (
        Contact.objects.filter(case_id=case_id)
        .select_related("author", "case_service__service")
        .annotate(
            note_rows=ArraySubquery(notes),
            voice_rows=ArraySubquery(voices),
            child_rows=ArraySubquery(children),
            person_ids=ArraySubquery(people),
            score_rows=ArraySubquery(scores),
            not_asked_rows=ArraySubquery(not_asked),
        )
        .order_by("-at", "-id")
    )


@dataclass(frozen=True)
class Wanted:
    """What the list of contacts is narrowed to; empty: everything."""

    kind: str = ""
    person: str = ""
    text: str = ""

    def __bool__(self) -> bool:
        return bool(self.kind or self.person or self.text)


def narrowed(rows: QuerySet[Contact], wanted: Wanted) -> QuerySet[Contact]:
    """By kind, by somebody who was there or whom it was about, by words of what was written. The walls stand in front
    of the search too: a note that the reader may not see is not found.
    """
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.person:
        of = {"contact": OuterRef("pk"), "person_id": wanted.person}
        rows = rows.filter(Exists(ContactPerson.objects.filter(**of)) | Exists(ContactChild.objects.filter(**of)))
    if wanted.text:
        notes = ContactNote.objects.filter(contact=OuterRef("pk"))
        said = ChildVoice.objects.filter(note__contact=OuterRef("pk"), said__icontains=wanted.text)
        rows = rows.filter(
            Exists(notes.filter(Q(text__icontains=wanted.text) | Q(child_said__icontains=wanted.text)))
            | Exists(said)
            | Q(professionals__icontains=wanted.text)
        )
    return rows


def page_of(rows: QuerySet[Contact], after: str) -> tuple[list[Contact], str]:
    """One page, after the contact of that id, and the id after which the next one begins (empty: none)."""
    try:
        pk = UUID(after) if after else None
    except ValueError:
        pk = None
    if pk:
        anchor = Contact.objects.filter(pk=pk).values_list("at", flat=True).first()
        if anchor:
            rows = rows.filter(Q(at__lt=anchor) | Q(at=anchor, pk__lt=pk), at__lte=anchor)
    found = list(rows[: PAGE + 1])
    return found[:PAGE], str(found[PAGE - 1].pk) if len(found) > PAGE else ""


def cases_to_choose(user: User) -> QuerySet[Case]:
    """Open cases that the user leads, gives a service in or covers, the longest without contact first."""
    own = Case.objects.open().filter(mine(user), cluster_id__in=duties(user).clusters).values("pk")
    return (
        Case.objects.filter(pk__in=own)
        .select_related("family")
        .order_by(F("last_contact_on").asc(nulls_first=True), "opened_on")
    )


@dataclass(frozen=True)
class Line:
    """A contact as a line says it."""

    contact: Contact
    title: str
    who: str
    notes: list[dict[str, Any]]
    scores: str
    closed_note: bool
    about: str = ""
    children: str = ""


def title_of(contact: Contact, service: str = "") -> str:
    """“Home visit”, “Children's therapy: assessment session, attended”."""
    if not service and contact.case_service_id and contact.case_service:
        service = contact.case_service.service.name
    if service:
        kind = f"{contact.get_session_kind_display().lower()} " if contact.session_kind else ""
        return f"{service}: {kind}session, {contact.get_attendance_display().lower()}"
    title = contact.get_kind_display()
    if contact.attendance != Attendance.ATTENDED:
        title += f", {contact.get_attendance_display().lower()}"
    return title


def line(contact: Contact, people: dict[UUID, Person]) -> Line:
    present = [people[pk].short_name for pk in contact.person_ids if pk in people]  # type: ignore[attr-defined]
    who = ", ".join(present)
    if contact.professionals:
        who = f"{who}; {contact.professionals}" if who else contact.professionals
    voices = [
        {**row, "name": _name(people, row["person"]), "how": ChildVoice.How(row["how"])}
        for row in contact.voice_rows  # type: ignore[attr-defined]
    ]
    notes = [
        {
            **row,
            "at": datetime.fromisoformat(row["at"]),
            "voices": [voice for voice in voices if voice["note"] == row["id"]],
        }
        for row in contact.note_rows  # type: ignore[attr-defined]
    ]
    scores = [f"{row['goal']} {row['score']}" for row in contact.score_rows]  # type: ignore[attr-defined]
    scores += [f"{words} not asked" for words in contact.not_asked_rows]  # type: ignore[attr-defined]
    children = contact.child_rows  # type: ignore[attr-defined]
    return Line(
        contact,
        title_of(contact),
        who,
        notes,
        ", ".join(scores),
        contact.private and not notes,
        about=", ".join(_name(people, row["person"]) for row in children),
        children=_seen_text(contact, children, people),
    )


def _name(people: dict[UUID, Person], pk: str) -> str:
    person = people.get(UUID(pk))
    return person.short_name if person else "A child"


def _seen_text(contact: Contact, children: list[dict[str, Any]], people: dict[UUID, Person]) -> str:
    """“Zdeňka seen alone, Petr not seen”; of older records only whether a child was seen."""
    told = [
        f"{_name(people, row['person'])} {'seen alone' if row['alone'] else 'seen' if row['seen'] else 'not seen'}"
        for row in children
        if row["seen"] is not None
    ]
    if told or contact.child_seen is None:
        return ", ".join(told)
    return "child seen" if contact.child_seen else "no child seen"


def earlier_texts(contact: Contact, notes: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """What corrected notes said before, by note, the latest first; as private as the notes themselves."""
    note_of = {note["id"]: note["id"] for note in notes if note["version"] > 1}
    if not note_of:
        return {}
    corrected = list(note_of)
    note_of |= {voice["id"]: note["id"] for note in notes if note["version"] > 1 for voice in note["voices"]}
    changed = Q(table_name__in=["cases_contactnote", "cases_childvoice"], operation="update", row_id__in=note_of)
    taken_out = Q(table_name="cases_childvoice", operation="delete", before__note_id__in=corrected)
    found: dict[str, list[dict[str, Any]]] = {}
    for change in Change.objects.filter(changed | taken_out, family_id=contact.family_id).order_by("-id"):
        before = change.before or {}
        texts = [before[name] for name in ("text", "child_said", "said") if before.get(name)]
        note = note_of.get(change.row_id) or before["note_id"]
        if texts:
            found.setdefault(note, []).append({"until": change.at, "texts": texts})
    return found
