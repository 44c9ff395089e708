"""Interpreters of a family: asked for, booked, used or cancelled, with minutes and cost."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from cases.models import Case, CaseMeeting, Contact, InterpreterBooking, PlannedSession
from cases.services.common import keys, locked_for_writing
from cases.workflow import INTERPRETER
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import Term, User, Vocabulary
from families.models import Person

Status = InterpreterBooking.Status
MOST_MINUTES, MOST_PENCE = 600, 500_000


@transaction.atomic
def book_interpreter(
    *,
    by: User,
    case: Case,
    language: Term,
    at: datetime,
    minutes_booked: int,
    mode: str = InterpreterBooking.Mode.IN_PERSON,
    provider: str = "",
    pence: int | None = None,
    status: str = Status.ASKED,
    person: Person | None = None,
    planned: PlannedSession | None = None,
    meeting: CaseMeeting | None = None,
) -> InterpreterBooking:
    """Record that an interpreter is asked for, booked, or was used. pence: what it costs, where it is known.

    Raises Denied or ValidationError (`language`, `minutes_booked`, `pence`, `status`, `person`).
    """
    case = locked_for_writing(by=by, case=case)
    if language.vocabulary != Vocabulary.LANGUAGE:
        raise ValidationError({"language": "Choose a language"})
    _check_figures(minutes_booked=minutes_booked, pence=pence)
    if any(of is not None and of.family_id != case.family_id for of in (person, planned, meeting)):
        raise ValidationError({"person": "Choose somebody, and something planned, of this family"})
    if status not in (Status.ASKED, Status.BOOKED, Status.USED):
        raise ValidationError({"status": "Choose whether the interpreter is asked for, booked, or was used"})
    INTERPRETER.step("", status)
    row = InterpreterBooking.objects.create(
        **keys(case),
        case=case,
        person=person,
        planned=planned,
        meeting=meeting,
        language=language,
        at=at,
        mode=mode,
        provider=provider.strip(),
        minutes_booked=minutes_booked,
        minutes_used=minutes_booked if status == Status.USED else None,
        pence=pence,
        status=status,
        made_by=by,
    )
    _said(by, row)
    return row


@transaction.atomic
def settle_interpreter(
    *,
    by: User,
    booking: InterpreterBooking,
    status: str,
    minutes_used: int | None = None,
    pence: int | None = None,
    cancelled_late: bool = False,
    provider: str = "",
) -> InterpreterBooking:
    """What became of a booking: booked, used with its minutes, or cancelled; late, when it is charged all the same.

    Used or cancelled, only minutes and cost are corrected. Raises Denied, Conflict (somebody settled it otherwise) or
    ValidationError (`minutes_used`, `pence`).
    """
    locked_for_writing(by=by, case=booking.case)
    row = InterpreterBooking.objects.select_for_update(of=("self",)).select_related("language").get(pk=booking.pk)
    if status != row.status:
        if row.status not in InterpreterBooking.OPEN:
            raise Conflict(f"This booking is {row.get_status_display().lower()} already. Load the page again.")
        INTERPRETER.step(row.status, status)
    if status == Status.USED and not minutes_used:
        raise ValidationError({"minutes_used": "Enter how many minutes the interpreter was there"})
    late = cancelled_late and status == Status.CANCELLED
    if pence and status == Status.CANCELLED and not late:
        raise ValidationError({"pence": "What is cancelled in time costs nothing. Say that it was late, or clear this"})
    _check_figures(minutes_used=minutes_used, pence=pence)
    row.status, row.pence, row.cancelled_late = status, pence, late
    row.minutes_used = minutes_used if status == Status.USED else None
    row.provider = provider.strip() or row.provider
    row.save(update_fields=["status", "pence", "cancelled_late", "minutes_used", "provider"])
    _said(by, row)
    return row


def used_at(*, by: User, booking: InterpreterBooking, contact: Contact, minutes: int | None) -> None:
    """The booking was used at this contact. Called by `log_contact`, in its transaction; the cost stays to be entered.

    Raises ValidationError (`booking`) when it is settled already or of another family.
    """
    row = InterpreterBooking.objects.select_for_update(of=("self",)).select_related("language").get(pk=booking.pk)
    if row.case_id != contact.case_id or row.status not in InterpreterBooking.OPEN:
        raise ValidationError({"booking": "This booking of an interpreter is settled already. Choose “None of these”"})
    INTERPRETER.step(row.status, Status.USED)
    row.status, row.contact = Status.USED, contact
    row.minutes_used = minutes or contact.minutes or row.minutes_booked
    row.save(update_fields=["status", "contact", "minutes_used"])
    _said(by, row)


def _check_figures(*, pence: int | None, **minutes: int | None) -> None:
    for name, value in minutes.items():
        if value is not None and not 1 <= value <= MOST_MINUTES:
            raise ValidationError({name: f"Enter minutes from 1 to {MOST_MINUTES}"})
    if pence is not None and not 0 <= pence <= MOST_PENCE:
        raise ValidationError({"pence": f"Enter a cost from £0 to £{MOST_PENCE // 100:,}"})


def _said(by: User, row: InterpreterBooking) -> None:
    late = ", late" if row.cancelled_late else ""
    text = f"Interpreter, {row.language}: {row.get_status_display().lower()}{late}"
    audit.event(by=by, kind="case.interpreter", text=text, about=row)
