"""Contacts as lists: newest first, paged by key, notes only where the walls show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from cases.models import Attendance, Case, CaseService, Contact, ContactNote, ContactPerson, GoalScore
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
    """Open cases that the user leads or gives a service in, the longest without contact first."""
    mine = Q(lead_workers__worker=user, lead_workers__ends_on__isnull=True) | Q(
        services__worker=user, services__status=CaseService.Status.ACTIVE
    )
    own = Case.objects.open().filter(mine, cluster_id__in=duties(user).clusters).values("pk")
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
    notes = [
        {**row, "at": datetime.fromisoformat(row["at"])}
        for row in contact.note_rows  # type: ignore[attr-defined]
    ]
    scores = ", ".join(f"{row['goal']} {row['score']}" for row in contact.score_rows)  # type: ignore[attr-defined]
    return Line(contact, title_of(contact), who, notes, scores, contact.private and not notes)
