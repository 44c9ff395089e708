"""Group work, drop-ins and school consultations: planned, changed, cancelled, and who came.

Anybody who works in the Cluster writes them. Whom a writer may not see is neither added, counted anew nor taken off.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from cases.models import Event, EventAttendance, EventLeader, EventPerson, EventSession
from cases.policies import check_staff_of
from cases.services.common import keys
from cases.services.stale import check_version
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import Cluster, School, User
from families.models import Person

MOST_SESSIONS = 30
CANCELLED = "This was cancelled. Nothing is added to it any more."


@dataclass(frozen=True)
class Details:
    """What an event is. Words of a consultation count for that kind alone."""

    title: str
    leaders: Collection[User]
    school: School | None = None
    place: str = ""
    about: str = ""
    staff_by_role: str = ""
    children_discussed: int | None = None


@transaction.atomic
def plan_event(
    *, by: User, cluster: Cluster, kind: str, details: Details, starts_at: datetime, weeks: int = 1
) -> Event:
    """An event, to come or held. weeks: of a group, so many sessions, one a week at the same hour.

    Raises Denied, ValidationError (`title`, `leaders`, `place`, `school`, `weeks`).
    """
    check_staff_of(by, cluster.pk)
    weeks = weeks if kind == Event.Kind.GROUP else 1
    if not 1 <= weeks <= MOST_SESSIONS:
        raise ValidationError({"weeks": f"Enter how many sessions: from 1 to {MOST_SESSIONS}"})
    local = timezone.localtime(starts_at)
    # The same hour of the clock, also across the change to summer time.
    times = [timezone.make_aware(local.replace(tzinfo=None) + timedelta(weeks=number)) for number in range(weeks)]
    event = Event(cluster=cluster, kind=kind, starts_at=times[0], ends_at=times[-1], author=by)
    _describe(event, details)
    event.save(force_insert=True)
    _lead(event, details.leaders)
    EventSession.objects.bulk_create([EventSession(cluster=cluster, event=event, held_at=at) for at in times])
    audit.event(by=by, kind="event.planned", text=f"Planned: {event.get_kind_display()}", about=event)
    return event


@transaction.atomic
def change_event(*, by: User, event: Event, details: Details, version: int | None = None) -> Event:
    """Other words or other leaders. Raises Denied, ValidationError by field, Conflict (cancelled), Stale."""
    row = _locked(by, event, version)
    _describe(row, details)
    row.version += 1
    row.save()
    if {one.user_id for one in row.leaders.all()} != {one.pk for one in details.leaders}:
        row.leaders.all().delete()
        _lead(row, details.leaders)
    audit.event(by=by, kind="event.changed", text=f"Changed: {row.get_kind_display()}", about=row)
    return row


@transaction.atomic
def cancel_event(*, by: User, event: Event, why: str) -> Event:
    """It will not take place, or not go on; registers that were taken stay. Raises Denied, ValidationError (`why`),
    Conflict."""
    row = _locked(by, event)
    if not why.strip():
        raise ValidationError({"why": "Enter why it is cancelled"})
    row.cancelled_at, row.cancelled_by, row.cancelled_why = timezone.now(), by, why.strip()
    row.version += 1
    row.save()
    audit.event(by=by, kind="event.cancelled", text=f"Cancelled: {row.get_kind_display()}", about=row)
    return row


@transaction.atomic
def add_session(*, by: User, event: Event, held_at: datetime) -> EventSession:
    """One more date of a group. Raises Denied, Conflict, ValidationError (`held_at`)."""
    row = _locked(by, event)
    if row.kind != Event.Kind.GROUP:
        raise Conflict("Only a group has more than one session. Plan the next one on its own.")
    dates = list(row.sessions.values_list("held_at", flat=True))
    if held_at in dates:
        raise ValidationError({"held_at": "There is a session at this time already"})
    if len(dates) >= MOST_SESSIONS:
        raise ValidationError({"held_at": f"A group has at most {MOST_SESSIONS} sessions. Plan another one."})
    session = EventSession.objects.create(cluster_id=row.cluster_id, event=row, held_at=held_at)
    _set_dates(row)
    audit.event(by=by, kind="event.session", text="Added a session", about=row)
    return session


@transaction.atomic
def move_session(*, by: User, session: EventSession, held_at: datetime, version: int | None = None) -> EventSession:
    """Another date for a session without a register. Raises Denied, Conflict, Stale, ValidationError (`held_at`)."""
    event, row = _locked_session(by, session, version)
    if row.was_held:
        raise Conflict("The register of this session was taken in the meantime. Load the page again.")
    if event.sessions.exclude(pk=row.pk).filter(held_at=held_at).exists():
        raise ValidationError({"held_at": "There is a session at this time already"})
    row.held_at, row.version = held_at, row.version + 1
    # One that was not to be held takes place on its new date.
    row.not_held, row.recorded_at, row.recorded_by = "", None, None
    row.save(update_fields=["held_at", "version", "not_held", "recorded_at", "recorded_by"])
    _set_dates(event)
    audit.event(by=by, kind="event.session", text="Moved a session", about=event)
    return row


@transaction.atomic
def session_not_held(*, by: User, session: EventSession, why: str, version: int | None = None) -> EventSession:
    """One date on which it did not, or will not, take place; the other sessions go on.

    A register that is taken after all, or another date, undoes it. Raises Denied, Conflict (a register was taken),
    Stale, ValidationError (`why`).
    """
    event, row = _locked_session(by, session, version)
    if row.was_held:
        raise Conflict("The register of this session has been taken. Put the register right instead.")
    if not why.strip():
        raise ValidationError({"why": "Enter why it did not take place"})
    row.not_held = why.strip()
    _recorded(row, by)
    audit.event(by=by, kind="event.session", text=f"Not held: {row}", about=event)
    return row


@transaction.atomic
def link_people(*, by: User, event: Event, people: Collection[UUID]) -> int:
    """Who takes part, of families of the Cluster that the writer may see; whoever is added to a drop-in that has begun
    came to it. Answers how many are new. Raises Denied, Conflict, ValidationError (`people`)."""
    row = _locked(by, event)
    if not row.takes_people:
        raise Conflict("At a school consultation children are counted, not named.")
    wanted = set(people)
    found = list(Person.objects.filter(pk__in=wanted, cluster_id=row.cluster_id))
    if not wanted or len(found) != len(wanted):
        raise ValidationError({"people": "Tick who takes part"})
    known = set(EventPerson.objects.filter(event=row, person__in=wanted).values_list("person_id", flat=True))
    new = [person for person in found if person.pk not in known]
    EventPerson.objects.bulk_create(
        [EventPerson(**keys(person), event=row, person=person, added_by=by) for person in new]
    )
    session = (
        row.sessions.filter(held_at__lte=timezone.now(), not_held="").first()
        if row.kind == Event.Kind.DROP_IN
        else None
    )
    if session and new:
        lines = [
            EventAttendance(**keys(person), session=session, person=person, status=EventAttendance.Status.CAME)
            for person in new
        ]
        EventAttendance.objects.bulk_create(lines)
        _recorded(session, by)
    audit.event(by=by, kind="event.people", text=f"Added {len(new)} to those who take part", about=row)
    return len(new)


@transaction.atomic
def unlink_person(*, by: User, event: Event, person: Person) -> None:
    """Somebody was added by mistake: the register's lines go too, the history keeps them. Raises Denied, Conflict."""
    row = _locked(by, event)
    EventAttendance.objects.filter(session__event=row, person=person).delete()
    EventPerson.objects.filter(event=row, person=person).delete()
    audit.event(by=by, kind="event.people", text="Took somebody off those who take part", about=row)


@transaction.atomic
def take_register(
    *,
    by: User,
    session: EventSession,
    came: Mapping[UUID, str],
    other_adults: int = 0,
    other_children: int = 0,
    version: int | None = None,
) -> EventSession:
    """Who came to a session. came: status by person, of those who are linked; who is not named keeps what was said.

    Raises Denied, Conflict (cancelled, still to come), Stale, ValidationError (`came`).
    """
    event, row = _locked_session(by, session, version)
    if not row.has_begun:
        raise Conflict("This session is still to come. Its register is taken when it has begun.")
    linked = {one.person_id: one for one in EventPerson.objects.filter(event=event, person__in=came.keys())}
    if set(came) - linked.keys() or set(came.values()) - set(EventAttendance.Status.values):
        raise ValidationError({"came": "Choose for each of those who take part whether they came"})
    there = {line.person_id: line for line in EventAttendance.objects.filter(session=row, person__in=came.keys())}
    new = []
    for pk, status in came.items():
        line = there.get(pk)
        if line is None:
            new.append(EventAttendance(**keys(linked[pk]), session=row, person_id=pk, status=status))
        elif line.status != status:
            line.status = status
            line.save(update_fields=["status"])
    EventAttendance.objects.bulk_create(new)
    row.other_adults, row.other_children, row.not_held = other_adults, other_children, ""
    _recorded(row, by)
    audit.event(by=by, kind="event.register", text=f"Took the register of {row}", about=event)
    return row


def _locked(by: User, event: Event, version: int | None = None) -> Event:
    check_staff_of(by, event.cluster_id)
    row = Event.objects.select_for_update(of=("self",)).get(pk=event.pk)
    check_version(row, version)
    if row.cancelled_at:
        raise Conflict(CANCELLED)
    return row


def _locked_session(by: User, session: EventSession, version: int | None) -> tuple[Event, EventSession]:
    event = _locked(by, session.event)
    row = EventSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
    check_version(row, version)
    return event, row


def _recorded(row: EventSession, by: User) -> None:
    row.recorded_at, row.recorded_by = row.recorded_at or timezone.now(), row.recorded_by or by
    row.version += 1
    row.save(update_fields=["other_adults", "other_children", "recorded_at", "recorded_by", "not_held", "version"])


def _describe(event: Event, details: Details) -> None:
    wrong = {}
    if not details.title.strip():
        wrong["title"] = "Enter what it is called"
    if not details.leaders:
        wrong["leaders"] = "Tick who of ours leads it"
    of_school = event.kind == Event.Kind.CONSULTATION
    if of_school and details.school is None and not details.place.strip():
        wrong["school"] = "Choose the school, or enter where it was"
    if wrong:
        raise ValidationError(wrong)
    event.title, event.school, event.place = details.title.strip(), details.school, details.place.strip()
    event.about = details.about.strip()
    event.staff_by_role = details.staff_by_role.strip() if of_school else ""
    event.children_discussed = details.children_discussed if of_school else None


def _lead(event: Event, leaders: Collection[User]) -> None:
    EventLeader.objects.bulk_create(
        [EventLeader(cluster_id=event.cluster_id, event=event, user=user) for user in leaders]
    )


def _set_dates(event: Event) -> None:
    dates = event.sessions.aggregate(first=Min("held_at"), last=Max("held_at"))
    event.starts_at, event.ends_at = dates["first"], dates["last"]
    event.save(update_fields=["starts_at", "ends_at"])
