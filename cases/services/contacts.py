"""Contacts, sessions and their notes: what took place, what was said, how the goals stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, OuterRef, Q, Value
from django.db.models.functions import Greatest, JSONObject
from django.utils import timezone

from cases.models import (
    Attendance,
    Case,
    CaseService,
    Contact,
    ContactChild,
    ContactPerson,
    Goal,
    GoalNotAsked,
    GoalScore,
    GoalStatus,
    InterpreterBooking,
    PlannedSession,
)
from cases.selectors.support import counts, next_session_kind, refusal, with_use
from cases.services.common import keys, locked_for_writing
from cases.services.interpreters import used_at
from cases.services.notes import Heard, note_rows
from cases.services.sessions import recorded
from cluster_ehs.core import audit
from cluster_ehs.core.db import add_together
from cluster_ehs.core.denied import Denied
from clusters.models import User
from families.models import Person
from triage.models import Offer
from triage.workflow import OFFER

# In these a child who was there was also seen.
FACE_TO_FACE = frozenset(
    {
        Contact.Kind.HOME_VISIT,
        Contact.Kind.SCHOOL_VISIT,
        Contact.Kind.SESSION,
        Contact.Kind.MEETING,
        Contact.Kind.ACCOMPANIED,
        Contact.Kind.ADVOCACY,
        Contact.Kind.PRACTICAL,
    }
)
# These do not end a family's waiting.
WRITTEN = frozenset({Contact.Kind.MESSAGE, Contact.Kind.LETTER})
SCORE_WRONG = "The score must be a whole number from 0 to 10"


def log_contact(
    *,
    by: User,
    case: Case,
    kind: str,
    at: datetime,
    people: Iterable[Person] = (),
    professionals: str = "",
    note: str = "",
    about: Iterable[Person] = (),
    seen: Iterable[Person] | None = None,
    alone: Iterable[Person] = (),
    heard: Mapping[UUID, Heard] | None = None,
    child_seen: bool | None = None,
    child_said: str = "",
    interpreter_language: str = "",
    minutes: int | None = None,
    scores: Mapping[UUID, int | None] | None = None,
    next_step: str = "",
    next_step_on: date | None = None,
    case_service: CaseService | None = None,
    session_kind: str = "",
    attendance: str = Attendance.ATTENDED,
    late_minutes: int | None = None,
    planned: PlannedSession | None = None,
    booking: InterpreterBooking | None = None,
    interpreter_minutes: int | None = None,
) -> Contact:
    """Record a contact, or with `case_service` a session of that service.

    about: the children whom it concerns, there or not; left empty, those who were there. seen, alone: children seen,
    and seen alone; without `seen` it is worked out from who was there (`child_seen` says yes or no for all of them).
    heard: child -> what the child said or showed. child_said: words of which it is not known whose.
    scores: goal id -> 0 to 10, or None: not asked about, which is kept; of a goal left out nothing is kept.
    session_kind: left empty, assessment until those of the entitlement are used, then intervention.
    A session beyond the entitlement is refused.
    planned: the planned session that this is. booking: the booked interpreter who was there, with
    `interpreter_minutes`.

    The first attended contact or session of a service ends the family's waiting for it (domain section 5).
    Raises Denied (not a worker of the case; closed) or ValidationError naming the field; then nothing is written.
    """
    present, alone, heard = list(people), list(alone), dict(heard or {})
    goals = dict(scores or {})
    attended = attendance == Attendance.ATTENDED
    children = _children(
        present=present,
        about=list(about),
        seen=None if seen is None else list(seen),
        alone=alone,
        heard=heard,
        face_to_face=attended and kind in FACE_TO_FACE,
        child_seen=child_seen,
    )
    _check_input(
        case=case, at=at, present=present, professionals=professionals, note=note, attended=attended, scores=goals
    )
    _check_children(case, children, {person.pk: person for person in (*present, *about, *(seen or ()), *alone)}, heard)
    with transaction.atomic():
        case = locked_for_writing(by=by, case=case, live_goals=_live_goals(), to_begin=_to_begin())
        day = timezone.localtime(at).date()
        if day < case.opened_on:
            raise ValidationError(
                {"at": f"The contact must be on or after {case.opened_on:%-d %B %Y}, when the case was opened"}
            )
        goals = _of_live(case, goals if attended else {goal: s for goal, s in goals.items() if s is not None})
        session = _session_service(by, case, case_service) if case_service else None
        if session and not session_kind:
            session_kind = next_session_kind(session)
        if session and counts(attendance, session.entitlement) and (why_not := refusal(session, session_kind)):
            # The case is locked: of two who log the last session at once, the second is told.
            raise ValidationError({"case_service": why_not})
        if alone:
            child_seen = True
        elif child_seen is None and attended and (kind in FACE_TO_FACE or seen is not None):
            child_seen = any(was for was, _ in children.values())
        private = bool(session and session.service.notes_are_private)
        contact = Contact(
            **keys(case),
            case=case,
            case_service=session,
            session_kind=session_kind if session else "",
            attendance=attendance,
            kind=kind,
            at=at,
            minutes=minutes,
            late_minutes=late_minutes if attended else None,
            child_seen=child_seen,
            interpreter_language=interpreter_language.strip(),
            professionals=professionals.strip(),
            private=private,
            author=by,
        )
        what = f"{session.service.name} session" if session else contact.get_kind_display()
        add_together(
            [
                contact,
                *(ContactPerson(**keys(case), contact=contact, person=person) for person in present),
                *(
                    ContactChild(**keys(case), contact=contact, person_id=child, seen=was, alone=by_oneself)
                    for child, (was, by_oneself) in children.items()
                ),
                *note_rows(contact, note, child_said, heard),
                *_scores(contact, goals, day),
                audit.event_row(by=by, kind="case.contact_logged", text=f"Logged: {what}, {_when(at)}", about=contact),
            ]
        )
        if attended and present and kind not in WRITTEN:
            _end_waiting(case, by, session, day)
        if planned:
            recorded(by=by, planned=planned, contact=contact)
        if booking:
            used_at(by=by, booking=booking, contact=contact, minutes=interpreter_minutes)
        _move_on(case, contact=contact, attended=attended and bool(present), day=day, step=(next_step, next_step_on))
    return contact


Children = dict[UUID, tuple[bool | None, bool]]


def _children(
    *,
    present: list[Person],
    about: list[Person],
    seen: list[Person] | None,
    alone: list[Person],
    heard: dict[UUID, Heard],
    face_to_face: bool,
    child_seen: bool | None,
) -> Children:
    """The children whom the contact concerns, each with whether seen (None: cannot be known) and whether alone."""
    there = {person.pk for person in present if person.is_child}
    concerned = dict.fromkeys([person.pk for person in about] or [p.pk for p in present if p.is_child])
    concerned |= dict.fromkeys([person.pk for person in (*(seen or ()), *alone)]) | dict.fromkeys(heard)
    found: Children = {}
    for child in concerned:
        by_oneself = any(child == person.pk for person in alone)
        was: bool | None
        if seen is not None:
            was = any(child == person.pk for person in seen)
        elif not face_to_face and child_seen is None:
            was = None
        else:
            was = child in there and child_seen is not False
        found[child] = (True if by_oneself else was, by_oneself)
    return found


def _check_children(case: Case, children: Children, known: dict[UUID, Person], heard: dict[UUID, Heard]) -> None:
    wrong: dict[str, str] = {}
    for child in children:
        person = known.get(child)
        if person and (person.family_id != case.family_id or not person.is_child):
            wrong["about"] = "Choose children of this family"
    for child, voice in heard.items():
        if not voice.said.strip():
            wrong[f"said_{child}"] = "Enter what the child said or showed"
    if wrong:
        raise ValidationError(wrong)


def _scores(contact: Contact, goals: dict[UUID, int | None], day: date) -> list[GoalScore | GoalNotAsked]:
    same: dict[str, Any] = {**keys(contact), "contact": contact}
    return [
        GoalNotAsked(**same, goal_id=goal)
        if score is None
        else GoalScore(**same, goal_id=goal, score=score, scored_on=day)
        for goal, score in goals.items()
    ]


def _when(at: datetime) -> str:
    return f"{timezone.localtime(at):%-d %B %Y at %H:%M}"


def _check_input(
    *,
    case: Case,
    at: datetime,
    present: list[Person],
    professionals: str,
    note: str,
    attended: bool,
    scores: Mapping[UUID, int | None],
) -> None:
    wrong: dict[str, str] = {}
    if at > timezone.now() + timedelta(minutes=5):
        wrong["at"] = "When it was must be now or in the past"
    if attended and not present and not professionals.strip():
        wrong["people"] = "Tick who was there, or name the professionals"
    if attended and not note.strip():
        wrong["note"] = "Enter what happened"
    if any(person.family_id != case.family_id for person in present):
        wrong["people"] = "Choose people of this family"
    for goal, score in scores.items():
        if score is None:
            continue
        if isinstance(score, bool) or not isinstance(score, int) or not 0 <= score <= 10:
            wrong[f"score_{goal}"] = SCORE_WRONG
    if wrong:
        raise ValidationError(wrong)


def _session_service(by: User, case: Case, case_service: CaseService) -> CaseService:
    row = (
        with_use(CaseService.objects.filter(pk=case_service.pk, case=case))
        .select_related("service", "entitlement")
        .first()
    )
    if row is None:
        raise ValidationError({"case_service": "Choose a service of this case"})
    if row.status != CaseService.Status.ACTIVE:
        raise ValidationError({"case_service": f"{row.service.name} has ended in this case. Choose another service"})
    if row.service.notes_are_private and row.worker_id != by.pk:
        # Else a note would be shut away from the very worker whose session it is.
        raise Denied(f"Sessions of {row.service.name.lower()} are recorded by the worker who gives them.")
    return row


def _of_live(case: Case, goals: dict[UUID, int | None]) -> dict[UUID, int | None]:
    """A goal that has ended meanwhile takes no score; that it was not asked about goes without saying."""
    live = case.live_goals  # type: ignore[attr-defined]
    gone = [goal for goal, score in goals.items() if goal not in live and score is not None]
    wrong = {f"score_{goal}": "This goal has ended meanwhile; it takes no more scores" for goal in gone}
    if wrong:
        raise ValidationError(wrong)
    return {goal: score for goal, score in goals.items() if goal in live}


def _live_goals() -> ArraySubquery:
    return ArraySubquery(Goal.objects.filter(plan__case=OuterRef("pk"), status=GoalStatus.LIVE).values("pk"))


def _to_begin() -> ArraySubquery:
    """Services of the case whose offer has not begun, or begun on a later day: their own, worker and first day."""
    taken = CaseService.objects.filter(
        case=OuterRef("pk"),
        status=CaseService.Status.ACTIVE,
        offer__status__in=[Offer.Status.ALLOCATED, Offer.Status.STARTED],
    )
    return ArraySubquery(
        taken.values(data=JSONObject(service="id", worker="worker_id", offer="offer_id", started="offer__started_on"))
    )


def _end_waiting(case: Case, by: User, session: CaseService | None, day: date) -> None:
    """The first attended contact or session of a service: the family waits no longer.

    A session counts for its own service; any other contact for the services that its author gives. A message
    does not end the waiting, nor does work without the family.
    """
    begun = [
        row["offer"]
        for row in case.to_begin  # type: ignore[attr-defined]
        if (row["service"] == str(session.pk) if session else row["worker"] == by.pk)
        and (row["started"] is None or day < date.fromisoformat(row["started"]))
    ]
    if not begun:
        return
    OFFER.step(Offer.Status.ALLOCATED, Offer.Status.STARTED)
    later = Q(started_on__isnull=True) | Q(started_on__gt=day)
    Offer.objects.filter(later, pk__in=begun, status__in=[Offer.Status.ALLOCATED, Offer.Status.STARTED]).update(
        status=Offer.Status.STARTED, started_on=Greatest(Value(day), F("waiting_since"))
    )


def _move_on(case: Case, *, contact: Contact, attended: bool, day: date, step: tuple[str, date | None]) -> None:
    changes: dict[str, object] = {}
    if attended and (case.last_contact_on is None or day > case.last_contact_on):
        changes["last_contact_on"] = day
    if step[0].strip():
        changes |= {"next_step": step[0].strip(), "next_step_on": step[1]}
    elif attended and case.next_step_on and case.next_step_on <= day:
        # What was next has been done with this contact.
        changes |= {"next_step": "", "next_step_on": None}
    if changes:
        Case.objects.filter(pk=case.pk).update(**changes)
