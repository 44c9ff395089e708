"""Interpreters of a family: who needs one, what is booked, and what still waits for a booking."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from cases.models import InterpreterBooking
from families.models import Person

DAYS_AROUND = 2


def bookings_of(case_id: UUID) -> QuerySet[InterpreterBooking]:
    """Every booking of a case, the latest first."""
    return InterpreterBooking.objects.filter(case_id=case_id).select_related("language", "person", "made_by")


def open_bookings(case_id: UUID, people: list[Person]) -> list[InterpreterBooking]:
    """Those asked for or booked of these days, which a contact may settle; none where nobody needs an interpreter."""
    if not who_needs(people):
        return []
    now = timezone.now()
    around = timedelta(days=DAYS_AROUND)
    rows = bookings_of(case_id).filter(
        status__in=InterpreterBooking.OPEN, at__gte=now - 7 * around, at__lte=now + around
    )
    return list(rows.order_by("at"))


def who_needs(people: list[Person]) -> list[tuple[Person, str]]:
    """Of a family's people, those who need an interpreter, with their language."""
    return [
        (person, person.first_language.label if person.first_language else "language not known")
        for person in people
        if person.interpreter_needed and not person.deceased
    ]
