"""What is planned: a worker's week, what waits to be recorded, and the sessions of a case to come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from cases.models import CaseStatus, InterpreterBooking, PlannedSession
from clusters.models import User
from families.models import Person


@dataclass
class Day:
    """A day of the week with what is planned on it."""

    day: date
    sessions: list[PlannedSession] = field(default_factory=list)


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _planned() -> QuerySet[PlannedSession]:
    """What stands; of a case that was closed only what took place."""
    return (
        PlannedSession.objects.filter(withdrawn_at__isnull=True)
        .exclude(case__status=CaseStatus.CLOSED, contact__isnull=True)
        .select_related("case__family", "case_service__service", "case_service__person", "worker", "contact")
    )


def of_worker(user: User, start: date, end: date) -> QuerySet[PlannedSession]:
    """What a worker has planned from a day up to, not including, another; recorded ones too. One query."""
    return _planned().filter(worker=user, at__gte=midnight(start), at__lt=midnight(end)).order_by("at", "pk")


def week_of(user: User, first: date) -> list[Day]:
    """Monday to Friday with a worker's sessions; Saturday and Sunday where something is planned on them."""
    days = [Day(first + timedelta(days=number)) for number in range(7)]
    for session in of_worker(user, first, first + timedelta(days=7)):
        days[(timezone.localtime(session.at).date() - first).days].sessions.append(session)
    return [each for each in days if each.sessions or each.day.weekday() < 5]


def to_record(user: User) -> QuerySet[PlannedSession]:
    """A worker's sessions that are over and of which nobody has said how they went, the oldest first."""
    return _planned().filter(worker=user, contact__isnull=True, at__lt=timezone.now()).order_by("at", "pk")


def of_case(case_id: UUID) -> list[PlannedSession]:
    """What is planned with a family and not recorded yet, in order, with whether an interpreter is on the way."""
    return list(
        _planned()
        .filter(case_id=case_id, contact__isnull=True)
        .annotate(interpreted=Exists(booked_for("planned")))
        .order_by("at", "pk")
    )


def booked_for(link: str) -> QuerySet[InterpreterBooking]:
    """Bookings of the row beside which this stands, by `planned` or `meeting`; a cancelled one is none."""
    return InterpreterBooking.objects.filter(**{link: OuterRef("pk")}).exclude(
        status=InterpreterBooking.Status.CANCELLED
    )


def in_need() -> QuerySet[Person]:
    """For `Exists` beside a row of a family: somebody of it needs an interpreter."""
    return Person.objects.filter(family_id=OuterRef("family_id"), interpreter_needed=True, deceased=False)


def whose(session: PlannedSession) -> str:
    """With whom, in the Cluster's own words: the person of the service, else the family."""
    person = session.case_service.person if session.case_service else None
    return f"{person.short_name}, {session.case.family}" if person else str(session.case.family)


def what(session: PlannedSession) -> str:
    return session.case_service.service.name if session.case_service else session.get_kind_display()


def initials(session: PlannedSession) -> str:
    """“Z. N.”: what a calendar outside the program may say of whom a session is with."""
    person = session.case_service.person if session.case_service else None
    names = [person.first_name, person.last_name] if person else [session.case.family.name]
    return " ".join(f"{name.strip()[0].upper()}." for name in names if name.strip())


def ahead(user: User, *, today: date, weeks: int) -> Iterable[PlannedSession]:
    """What the calendar of a worker holds: a fortnight back, and so many weeks ahead."""
    return of_worker(user, today - timedelta(days=14), today + timedelta(weeks=weeks))


def to_record_in(case_id: UUID, pk: str) -> PlannedSession | None:
    """The planned session of a case that a contact is to record, by what the address says; else None."""
    try:
        return _planned().filter(case_id=case_id, pk=UUID(pk), contact__isnull=True).first() if pk else None
    except ValueError:
        return None
