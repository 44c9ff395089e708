"""Contacts, sessions and their notes: what took place, what was said, how the goals stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils import timezone

from cases.models import (
    Attendance,
    Case,
    CaseService,
    Contact,
    ContactNote,
    ContactPerson,
    Goal,
    GoalScore,
    GoalStatus,
    InterpreterBooking,
    PlannedSession,
)
from cases.selectors.support import counts, next_session_kind, refusal, with_use
from cases.services.common import keys, locked_for_writing
from cases.services.interpreters import used_at
from cases.services.sessions import recorded
from cases.services.stale import check_version
from cluster_ehs.core import audit
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
    }
)
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

    scores: goal id -> 0 to 10; a goal left out, or with None, was not asked about. child_seen: None works it out from
    who was there. session_kind: left empty, assessment until those of the entitlement are used, then intervention.
    A session beyond the entitlement is refused.
    planned: the planned session that this is. booking: the booked interpreter who was there, with
    `interpreter_minutes`.

    The first attended contact or session of a service ends the family's waiting for it (domain section 5).
    Raises Denied (not a worker of the case; closed) or ValidationError naming the field; then nothing is written.
    """
    present = list(people)
    asked = {goal: score for goal, score in (scores or {}).items() if score is not None}
    attended = attendance == Attendance.ATTENDED
    _check_input(
        case=case, at=at, present=present, professionals=professionals, note=note, attended=attended, scores=asked
    )
    with transaction.atomic():
        case = locked_for_writing(by=by, case=case, live_goals=_live_goals(), to_begin=_to_begin())
        day = timezone.localtime(at).date()
        if day < case.opened_on:
            raise ValidationError(
                {"at": f"The contact must be on or after {case.opened_on:%-d %B %Y}, when the case was opened"}
            )
        session = _session_service(by, case, case_service) if case_service else None
        if session and not session_kind:
            session_kind = next_session_kind(session)
        if session and counts(attendance, session.entitlement) and (why_not := refusal(session, session_kind)):
            # The case is locked: of two who log the last session at once, the second is told.
            raise ValidationError({"case_service": why_not})
        if child_seen is None and attended and kind in FACE_TO_FACE:
            child_seen = any(person.is_child for person in present)
        private = bool(session and session.service.notes_are_private)
        contact = Contact.objects.create(
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
        if note.strip() or child_said.strip():
            ContactNote.objects.create(
                **keys(case),
                contact=contact,
                text=note.strip(),
                child_said=child_said.strip(),
                private=private,
                author=by,
            )
        if present:
            ContactPerson.objects.bulk_create(
                ContactPerson(**keys(case), contact=contact, person=person) for person in present
            )
        if asked:
            _score(case, contact, asked, day)
        if attended and present and kind != Contact.Kind.MESSAGE:
            _end_waiting(case, by, session, day)
        if planned:
            recorded(by=by, planned=planned, contact=contact)
        if booking:
            used_at(by=by, booking=booking, contact=contact, minutes=interpreter_minutes)
        _move_on(case, contact=contact, attended=attended and bool(present), day=day, step=(next_step, next_step_on))
        what = f"{session.service.name} session" if session else contact.get_kind_display()
        audit.event(by=by, kind="case.contact_logged", text=f"Logged: {what}, {_when(at)}", about=contact)
    return contact


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
    scores: Mapping[UUID, int],
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


def _score(case: Case, contact: Contact, scores: Mapping[UUID, int], day: date) -> None:
    gone = [goal for goal in scores if goal not in case.live_goals]  # type: ignore[attr-defined]
    if gone:
        raise ValidationError(
            {f"score_{goal}": "This goal has ended meanwhile; it takes no more scores" for goal in gone}
        )
    GoalScore.objects.bulk_create(
        GoalScore(**keys(case), goal_id=goal, contact=contact, score=score, scored_on=day)
        for goal, score in scores.items()
    )


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
    for offer in Offer.objects.select_for_update(of=("self",)).filter(pk__in=begun):
        if offer.status == Offer.Status.ALLOCATED:
            OFFER.step(offer.status, Offer.Status.STARTED)
        first = max(day, offer.waiting_since)
        Offer.objects.filter(pk=offer.pk).update(status=Offer.Status.STARTED, started_on=first)


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


def may_correct(by: User, note: ContactNote) -> bool:
    """For a day its author corrects a note; later everybody who writes in the case adds to it."""
    hours = timedelta(hours=ContactNote.CORRECT_HOURS)
    return note.author_id == by.pk and timezone.now() - note.created_at <= hours


@transaction.atomic
def add_note(
    *,
    by: User,
    contact: Contact,
    text: str,
    child_said: str = "",
    correct: ContactNote | None = None,
    version: int | None = None,
) -> ContactNote:
    """Correct a note (`correct`, within 24 hours, by its author), or add another one to the contact.

    History keeps what a corrected note said before. Raises Denied, ValidationError (`text`) or Stale.
    """
    locked_for_writing(by=by, case=contact.case)
    if not text.strip():
        raise ValidationError({"text": "Enter the note"})
    if contact.private and contact.author_id != by.pk:
        raise Denied("The notes of this session are for its worker and the clinical supervisor.")
    if correct is None:
        note = ContactNote.objects.create(
            **keys(contact),
            contact=contact,
            text=text.strip(),
            child_said=child_said.strip(),
            private=contact.private,
            author=by,
        )
        audit.event(by=by, kind="case.note_added", text="Added to the note of a contact", about=contact)
        return note
    note = ContactNote.objects.select_for_update(of=("self",)).get(pk=correct.pk, contact=contact)
    if note.author_id != by.pk:
        raise Denied("Only its author can correct a note. You can add to it.")
    if not may_correct(by, note):
        raise Denied(
            f"A note can be corrected for {ContactNote.CORRECT_HOURS} hours. That time is over: add to it instead, "
            "so that what stood there stays."
        )
    check_version(note, version)
    note.text, note.child_said, note.version = text.strip(), child_said.strip(), note.version + 1
    note.save(update_fields=["text", "child_said", "version"])
    audit.event(by=by, kind="case.note_corrected", text="Corrected the note of a contact", about=contact)
    return note
