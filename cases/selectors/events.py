"""Groups, drop-ins and school consultations: the list, one event with its registers, and what a family came to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Prefetch, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from cases.models import Case, Event, EventAttendance, EventLeader, EventPerson, EventSession
from cases.selectors.lists import mine
from clusters.models import User
from families.models import Family, Person

ORDER = ("-starts_at", "-id")
RECENT = 8
MOST_OFFERED = 80


@dataclass
class Counts:
    """Of one event. linked: people of known families, those whom the reader may not see too."""

    linked: int = 0
    by_session: dict[UUID, Counter[str]] = field(default_factory=dict)

    @property
    def came(self) -> int:
        return sum(found[EventAttendance.Status.CAME] for found in self.by_session.values())


@dataclass
class Line:
    """An event of the list. came: attendances, of the linked and of the others."""

    event: Event
    sessions: int
    recorded: int
    linked: int
    came: int


@dataclass
class SessionShown:
    session: EventSession
    came: int
    away: int
    others: int

    @property
    def to_record(self) -> bool:
        return self.session.has_begun and self.session.recorded_at is None


def events_of(
    clusters: Collection[int], *, kind: str = "", since: date | None = None, until: date | None = None
) -> QuerySet[Event]:
    """Events of some Clusters that ran on a day of the period, both ends counted."""
    rows = Event.objects.filter(cluster_id__in=clusters).select_related("school", "cluster")
    if kind:
        rows = rows.filter(kind=kind)
    if since:
        rows = rows.filter(ends_at__gte=_midnight(since))
    if until:
        rows = rows.filter(starts_at__lt=_midnight(until + timedelta(days=1)))
    leaders = EventLeader.objects.select_related("user")
    return rows.prefetch_related("sessions", Prefetch("leaders", queryset=leaders))


def one_event() -> QuerySet[Event]:
    leaders = EventLeader.objects.select_related("user")
    return Event.objects.select_related("school", "cluster", "author", "cancelled_by").prefetch_related(
        "sessions", Prefetch("leaders", queryset=leaders)
    )


def counts_of(events: Iterable[Event]) -> dict[UUID, Counts]:
    """Counted behind the walls, without a name, in one statement."""
    found = {event.pk: Counts() for event in events}
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ehs_counts_of_events(%s)", [list(found)])
        for event_id, session_id, status, people in cursor.fetchall():
            if session_id is None:
                found[event_id].linked = people
            else:
                found[event_id].by_session.setdefault(session_id, Counter())[status] = people
    return found


def lines(events: Collection[Event]) -> list[Line]:
    counts = counts_of(events)
    made = []
    for event in events:
        sessions, mine = list(event.sessions.all()), counts[event.pk]
        others = sum(one.other_adults + one.other_children for one in sessions)
        recorded = sum(1 for one in sessions if one.was_held)
        made.append(Line(event, len(sessions), recorded, mine.linked, mine.came + others))
    return made


def sessions_shown(event: Event, counts: Counts) -> list[SessionShown]:
    """The sessions of an event that `one_event` loaded."""
    status = EventAttendance.Status
    made = []
    for session in event.sessions.all():
        found = counts.by_session.get(session.pk, Counter())
        others = session.other_adults + session.other_children
        made.append(SessionShown(session, found[status.CAME], found[status.DID_NOT] + found[status.APOLOGIES], others))
    return made


def people_of(event: Event) -> list[EventPerson]:
    """Those who take part, as far as the reader may see their families; by family, children first."""
    rows = EventPerson.objects.filter(event=event).select_related("person__family")
    return list(rows.order_by("person__family__name", "-person__is_child", "person__first_name", "pk"))


def people_of_own_cases(user: User, event: Event) -> list[Person]:
    """People of the families with whom the reader works in the event's Cluster: to tick without a search."""
    own = Case.objects.open().filter(mine(user), cluster_id=event.cluster_id).values("family_id")
    rows = Person.objects.filter(family_id__in=own, deceased=False).select_related("family")
    return list(rows.order_by("family__name", "family_id", "-is_child", "birth_date")[:MOST_OFFERED])


def sessions_beside(user: User) -> ArraySubquery:
    """Beside any row: sessions of what the user leads whose register is to be taken, and those of the coming week."""
    rows = EventSession.objects.filter(
        event__in=EventLeader.objects.filter(user=user).values("event_id"),
        event__cancelled_at__isnull=True,
        recorded_at__isnull=True,
        held_at__lt=timezone.now() + timedelta(days=7),
    )
    return ArraySubquery(
        rows.order_by("held_at").values(
            data=JSONObject(id="id", at="held_at", event="event_id", title="event__title", kind="event__kind")
        )
    )


def register_of(session: EventSession) -> dict[UUID, str]:
    return dict(EventAttendance.objects.filter(session=session).values_list("person_id", "status"))


def attended() -> QuerySet[EventAttendance]:
    return EventAttendance.objects.filter(status=EventAttendance.Status.CAME)


def came_to(family: Family) -> list[EventAttendance]:
    """What people of a family came to, the latest first."""
    rows = attended().filter(family_id=family.pk)
    return list(rows.select_related("session__event", "person").order_by("-session__held_at", "pk")[:RECENT])


@dataclass(frozen=True)
class Reached:
    """What a kind of event reached in a period. families, people: each counted once, however often they came."""

    kind: str
    events: int
    sessions: int
    families: int
    people: int
    attendances: int
    other_adults: int
    other_children: int
    children_discussed: int


@dataclass(frozen=True)
class Held:
    """A session whose register was taken. came: pairs of family and person."""

    event: UUID
    kind: str
    month: date
    adults: int
    children: int
    discussed: int
    came: tuple[tuple[UUID, UUID], ...]


def held(clusters: Collection[int], *, start: date, end: date) -> list[Held]:
    """Sessions of the period with a register, both ends counted: two statements. The caller opens the scope."""
    rows = EventSession.objects.filter(
        cluster_id__in=clusters,
        held_at__gte=_midnight(start),
        held_at__lt=_midnight(end + timedelta(days=1)),
        recorded_at__isnull=False,
        not_held="",
    )
    came: dict[UUID, list[tuple[UUID, UUID]]] = defaultdict(list)
    lines = attended().filter(session__in=rows.values("pk"))
    for session, family, person in lines.values_list("session_id", "family_id", "person_id"):
        came[session].append((family, person))
    return [
        Held(
            one.event_id,
            one.event.kind,
            timezone.localdate(one.held_at).replace(day=1),
            one.other_adults,
            one.other_children,
            one.event.children_discussed or 0,
            tuple(came[one.pk]),
        )
        for one in rows.select_related("event").order_by("held_at")
    ]


def reached(sessions: Collection[Held]) -> list[Reached]:
    """By kind; the last line is all kinds together. A cancelled group counts with the sessions that took place."""
    made = []
    for key in [*Event.Kind.values, ""]:
        mine = [one for one in sessions if not key or one.kind == key]
        there = [pair for one in mine for pair in one.came]
        made.append(
            Reached(
                kind=str(Event.Kind(key).label) if key else "All together",
                events=len({one.event for one in mine}),
                sessions=len(mine),
                families=len({family for family, _ in there}),
                people=len({person for _, person in there}),
                attendances=len(there),
                other_adults=sum(one.adults for one in mine),
                other_children=sum(one.children for one in mine),
                children_discussed=sum(one.discussed for one in mine),
            )
        )
    return made


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
