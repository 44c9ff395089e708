"""Contacts as lists: newest first, paged by key, notes only where the walls show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from cases.models import Attendance, Contact, ContactNote, ContactPerson, GoalScore
from families.models import Person

PAGE = 20


def contacts(case_id: object) -> QuerySet[Contact]:
    """Contacts of a case with notes, people and scores: one query. A note the reader may not see is not there."""
    notes = (
        ContactNote.objects.filter(contact=OuterRef("pk"))
        .order_by("created_at")
        .values(
            data=JSONObject(
                id="id", text="text", child_said="child_said", by="author__name", author="author_id", at="created_at"
            )
        )
    )
    people = ContactPerson.objects.filter(contact=OuterRef("pk")).values_list("person_id")
    scores = GoalScore.objects.filter(contact=OuterRef("pk")).values(data=JSONObject(goal="goal__words", score="score"))
    return (
        Contact.objects.filter(case_id=case_id)
        .select_related("author", "case_service__service")
        .annotate(note_rows=ArraySubquery(notes), person_ids=ArraySubquery(people), score_rows=ArraySubquery(scores))
        .order_by("-at", "-id")
    )


def after(rows: QuerySet[Contact], at: datetime | None, pk: UUID | None) -> QuerySet[Contact]:
    """Older than a given contact, by the order of the list."""
    if at is None or pk is None:
        return rows
    return rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))


@dataclass(frozen=True)
class Line:
    """A contact as a line says it."""

    contact: Contact
    title: str
    who: str
    notes: list[dict[str, Any]]
    scores: str
    closed_note: bool


def title_of(contact: Contact) -> str:
    """“Home visit”, “Children's therapy session, attended”."""
    if contact.case_service_id and contact.case_service:
        kind = f"{contact.get_session_kind_display().lower()} " if contact.session_kind else ""
        return f"{contact.case_service.service.name}: {kind}session, {contact.get_attendance_display().lower()}"
    title = contact.get_kind_display()
    if contact.attendance != Attendance.ATTENDED:
        title += f", {contact.get_attendance_display().lower()}"
    return title


def line(contact: Contact, people: dict[UUID, Person]) -> Line:
    present = [people[pk].short_name for pk in contact.person_ids if pk in people]  # type: ignore[attr-defined]
    who = ", ".join(present)
    if contact.professionals:
        who = f"{who}; {contact.professionals}" if who else contact.professionals
    notes = contact.note_rows  # type: ignore[attr-defined]
    scores = ", ".join(f"{row['goal']} {row['score']}" for row in contact.score_rows)  # type: ignore[attr-defined]
    return Line(contact, title_of(contact), who, notes, scores, contact.private and not notes)
