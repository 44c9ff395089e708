"""Groups, drop-ins and school consultations: who came, who may see it, two writers, pages within their statements."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Event, EventAttendance, EventPerson, EventSession
from cases.selectors.events import counts_of, held, people_of, reached
from cases.services import Stale
from cases.services import events as write
from cluster_ehs.core import scope
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.scope import NamedActor, acting_as
from families.index import index_people
from families.models import Person
from tests.fixtures_cast import Cast, a_family, a_person, as_, sign_in
from tests.queries import queries

pytestmark = pytest.mark.django_db

CAME, DID_NOT, APOLOGIES = EventAttendance.Status.values


def planned(cast: Cast, kind: str = "group", *, days: int = -8, weeks: int = 2, **more: Any) -> Event:
    details = write.Details(title="Calm mornings", leaders=[cast.practitioner], place="The hall", **more)
    with as_(cast.practitioner):
        return write.plan_event(
            by=cast.practitioner,
            cluster=cast.cluster,
            kind=kind,
            details=details,
            starts_at=timezone.now() + timedelta(days=days),
            weeks=weeks,
        )


def restricted_person(cast: Cast) -> Person:
    with as_(cast.colleague):
        return Person.objects.filter(family=cast.restricted_family).first() or a_person(
            cast.restricted_family, "Hidden"
        )


def test_a_group_has_its_weeks_and_a_register_counts_everybody(cast: Cast) -> None:
    group = planned(cast, weeks=3)
    with as_(cast.practitioner):
        first, second, third = group.sessions.all()
        assert timezone.localtime(second.held_at).time() == timezone.localtime(first.held_at).time()
        assert (group.starts_at, group.ends_at) == (first.held_at, third.held_at)
        assert write.link_people(by=cast.practitioner, event=group, people=[cast.child.pk, cast.mother.pk]) == 2
        assert write.link_people(by=cast.practitioner, event=group, people=[cast.child.pk]) == 0
        said = {cast.child.pk: CAME, cast.mother.pk: APOLOGIES}
        write.take_register(by=cast.practitioner, session=first, came=said, other_adults=2, other_children=3)
        with pytest.raises(Conflict, match="still to come"):
            write.take_register(by=cast.practitioner, session=third, came=said)
        with pytest.raises(Conflict, match="register"):
            write.move_session(by=cast.practitioner, session=first, held_at=timezone.now())
        write.move_session(by=cast.practitioner, session=third, held_at=third.held_at + timedelta(days=1))
        group.refresh_from_db()
        assert group.ends_at == third.held_at + timedelta(days=1)
        found = counts_of([group])[group.pk]
        assert found.linked == 2 and found.by_session[first.pk] == {CAME: 1, APOLOGIES: 1}


def test_a_drop_in_is_come_to_and_a_consultation_names_nobody(cast: Cast) -> None:
    drop_in = planned(cast, "drop_in", days=-1)
    talk = planned(cast, "consultation", days=-1, staff_by_role="SENCO", children_discussed=3)
    with as_(cast.practitioner):
        write.link_people(by=cast.practitioner, event=drop_in, people=[cast.mother.pk])
        assert EventAttendance.objects.get().status == CAME
        write.unlink_person(by=cast.practitioner, event=drop_in, person=cast.mother)
        assert not EventAttendance.objects.exists() and not EventPerson.objects.exists()
        with pytest.raises(Conflict, match="counted"):
            write.link_people(by=cast.practitioner, event=talk, people=[cast.mother.pk])
        with pytest.raises(IntegrityError), transaction.atomic():
            Event.objects.filter(pk=drop_in.pk).update(children_discussed=2)


def test_whoever_may_not_read_a_family_sees_a_number(cast: Cast, client: Client) -> None:
    group, hidden = planned(cast), restricted_person(cast)
    first = group.sessions.all()
    with as_(cast.practitioner):
        with pytest.raises(ValidationError):
            write.link_people(by=cast.practitioner, event=group, people=[hidden.pk])
        write.link_people(by=cast.practitioner, event=group, people=[cast.child.pk])
    with as_(cast.colleague):
        write.link_people(by=cast.colleague, event=group, people=[hidden.pk])
        session = first[0]
        write.take_register(by=cast.colleague, session=session, came={hidden.pk: CAME, cast.child.pk: CAME})
    with as_(cast.practitioner):
        assert [one.person_id for one in people_of(group)] == [cast.child.pk]
        # Said again by somebody who does not see the other line: it stays.
        write.take_register(by=cast.practitioner, session=session, came={cast.child.pk: DID_NOT})
        found = counts_of([group])[group.pk]
        assert found.linked == 2 and found.by_session[session.pk] == {CAME: 1, DID_NOT: 1}
    sign_in(client, cast.practitioner)
    page = client.get(reverse("event", args=[group.pk])).content.decode()
    assert "1 more" in page and hidden.last_name not in page
    with as_(cast.other_practitioner):
        assert not Event.objects.filter(pk=group.pk).exists()
        assert counts_of([group])[group.pk].linked == 0
        with pytest.raises(Denied):
            write.link_people(by=cast.other_practitioner, event=group, people=[cast.child.pk])


def test_of_another_family_or_cluster_no_row_can_be_written(cast: Cast) -> None:
    group = planned(cast)
    row = {"cluster": cast.cluster, "family": cast.family, "event": group, "added_by": cast.practitioner}
    with as_(cast.other_practitioner):
        stranger = a_person(cast.other_family, "Stranger")
    with as_(cast.practitioner), pytest.raises(IntegrityError), transaction.atomic():
        EventPerson.objects.create(**row, person_id=stranger.pk)


def test_two_editors_and_a_cancelled_one(cast: Cast, client: Client) -> None:
    group = planned(cast, days=-8, weeks=1)
    details = write.Details(title="Other", leaders=[cast.practitioner])
    with as_(cast.practitioner):
        write.change_event(by=cast.practitioner, event=group, details=details, version=1)
        with pytest.raises(Stale):
            write.change_event(by=cast.practitioner, event=group, details=details, version=1)
        session = EventSession.objects.get(event=group)
        write.link_people(by=cast.practitioner, event=group, people=[cast.child.pk])
    sign_in(client, cast.practitioner)
    url, key = reverse("event-register", args=[session.pk]), f"came_{cast.child.pk}"
    sent = {key: CAME, "other_adults": "2", "other_children": "0", "version": "1"}
    wrong = client.post(url, sent | {key: "", "other_adults": "-1"})
    text = wrong.content.decode()
    assert wrong.status_code == 422 and f"Choose whether {cast.child} came" in text and 'value="-1"' in text
    assert client.post(url, sent).status_code == 302
    late = client.post(url, sent | {"other_adults": "9"})
    assert late.status_code == 409 and "2 adults, 0 children" in late.content.decode()
    cancel = reverse("event-cancel", args=[group.pk])
    assert client.post(cancel, {"why": ""}).status_code == 422
    assert client.post(cancel, {"why": "Nobody can lead it."}).status_code == 302
    assert "Nobody can lead it." in client.get(reverse("event", args=[group.pk])).content.decode()
    assert client.post(url, sent | {"version": "2"}).status_code == 409
    with as_(cast.practitioner), pytest.raises(Conflict):
        write.link_people(by=cast.practitioner, event=group, people=[cast.mother.pk])


def test_people_are_found_by_a_posted_search_and_their_pages_say_what_they_came_to(cast: Cast, client: Client) -> None:
    group = planned(cast, weeks=1)
    url = reverse("event-people", args=[group.pk])
    with as_(cast.practitioner):
        index_people([cast.child], families=[cast.family])
    sign_in(client, cast.practitioner)
    found = client.post(url, {"q": cast.child.last_name})
    assert str(cast.child.pk) in found.content.decode()
    assert "Enter a name" in client.post(url, {"q": " "}).content.decode()
    assert "Nobody found" in client.post(url, {"q": "Zzyzx"}).content.decode()
    assert client.post(url, {"people": [str(cast.child.pk)], "once": ""}).status_code == 302
    with as_(cast.practitioner):
        session = EventSession.objects.get(event=group)
        write.take_register(by=cast.practitioner, session=session, came={cast.child.pk: CAME})
    line = client.get(reverse("case-chronology", args=[cast.case.pk]), {"kind": "events"}).content.decode()
    assert "Came to Calm mornings" in line and cast.child.first_name in line
    family = client.get(reverse("family", args=[cast.family.pk])).content.decode()
    assert "Calm mornings" in family


def test_what_was_reached_is_counted_by_kind(cast: Cast, client: Client) -> None:
    group = planned(cast, days=-8, weeks=2)
    planned(cast, "consultation", days=-1, staff_by_role="SENCO", children_discussed=3)
    with as_(cast.practitioner):
        write.link_people(by=cast.practitioner, event=group, people=[cast.child.pk, cast.mother.pk])
        for session in EventSession.objects.filter(event=group):
            said = {cast.child.pk: CAME, cast.mother.pk: APOLOGIES}
            write.take_register(by=cast.practitioner, session=session, came=said, other_adults=4)
        talk = EventSession.objects.get(event__kind="consultation")
        write.take_register(by=cast.practitioner, session=talk, came={}, other_adults=2)
    today = timezone.localdate()
    days: dict[str, Any] = {"start": today - timedelta(days=30), "end": today}
    with as_(cast.manager), scope.figures():
        lines = {line.kind: line for line in reached(held([cast.cluster.pk], **days))}
        elsewhere = reached(held([cast.other_cluster.pk], **days))
        before = reached(held([cast.cluster.pk], start=today - timedelta(days=90), end=today - timedelta(days=60)))
    found = lines["Group"]
    assert (found.events, found.sessions, found.families, found.people, found.attendances) == (1, 2, 1, 1, 2)
    assert (found.other_adults, lines["School consultation"].children_discussed) == (8, 3)
    assert lines["All together"].sessions == 3 and not before[-1].sessions
    assert not elsewhere[-1].sessions
    sign_in(client, cast.manager)
    url = reverse("event-figures")
    asked = {f"{name}-{part}": getattr(day, part) for name, day in days.items() for part in ("day", "month", "year")}
    page = client.get(url, asked).content.decode()
    assert "All together" in page and str(cast.child) not in page
    csv = client.get(url, asked | {"as": "csv"}).content.decode("utf-8-sig").splitlines()
    whole = next(line for line in csv if f"{cast.cluster.name},whole period,Group" in line)
    assert whole.endswith(",1,2,1,1,2,8,0,0")
    assert len(queries(client, url)) <= 12
    sign_in(client, cast.leader)
    assert client.get(url, {"cluster": cast.other_cluster.pk, "as": "csv"}).status_code == 403


def test_the_pages_keep_within_their_statements(cast: Cast, client: Client) -> None:
    group = planned(cast, weeks=6)
    for _ in range(30):
        planned(cast, "drop_in")
    with as_(cast.practitioner):
        write.link_people(by=cast.practitioner, event=group, people=[cast.child.pk, cast.mother.pk])
        session = group.sessions.first()
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        for number in range(9, 14):
            guest = a_person(a_family(cast.cluster, f"Guest {number}", number=number), "Ola")
            row = {"cluster": cast.cluster, "family": guest.family, "person": guest, "added_by": cast.practitioner}
            EventPerson.objects.create(**row, event=group)
    sign_in(client, cast.practitioner)
    assert len(queries(client, reverse("event-list"))) <= 8
    older = client.get(reverse("event-list")).context["page"].older
    assert len(client.get(reverse("event-list") + older).context["lines"]) == 6
    kinds = client.get(reverse("event-list"), {"kind": "group"}).context["lines"]
    assert [line.event.pk for line in kinds] == [group.pk]
    assert len(queries(client, reverse("event", args=[group.pk]))) <= 12
    assert len(queries(client, reverse("event-register", args=[session.pk]))) <= 12
    assert len(queries(client, reverse("event-people", args=[group.pk]))) <= 12


def test_a_named_reader_links_somebody_of_a_restricted_family(cast: Cast, client: Client) -> None:
    group, hidden = planned(cast), restricted_person(cast)
    url = reverse("event-people", args=[group.pk])
    sign_in(client, cast.practitioner)
    assert str(hidden.pk) not in client.post(url, {"q": hidden.last_name}).content.decode()
    assert client.post(url, {"people": [str(hidden.pk)]}).status_code == 422
    sign_in(client, cast.colleague)
    assert client.post(url, {"people": [str(hidden.pk)]}).status_code == 302


def test_the_register_waits_in_my_work_until_it_is_taken_or_the_session_was_not_held(
    cast: Cast, client: Client
) -> None:
    group = planned(cast, days=-8, weeks=3)
    with as_(cast.practitioner):
        first, second, third = group.sessions.all()
        write.link_people(by=cast.practitioner, event=group, people=[cast.child.pk])

    def rows(who: Any) -> tuple[list[Any], list[Any]]:
        context = sign_in(client, who).get(reverse("home")).context
        late = [row for row in context["overdue"] if row["title"] == group.title]
        return late, [row for row in context["this_week"] if row["title"] == group.title]

    late, week = rows(cast.practitioner)
    assert [(row["action_url"], row["days_late"]) for row in late] == [
        (reverse("event-register", args=[first.pk]), 8),
        (reverse("event-register", args=[second.pk]), 1),
    ]
    assert [row["url"] for row in week] == [reverse("event", args=[group.pk])]
    assert len(queries(client, reverse("home"))) <= 12
    assert rows(cast.colleague) == ([], []), "who does not lead it"
    sign_in(client, cast.practitioner)
    url = reverse("event-session-not-held", args=[second.pk])
    assert reverse("event-session-not-held", args=[third.pk]) in client.get(f"/events/{group.pk}/").content.decode()
    assert client.post(url, {"why": " ", "version": "1"}).status_code == 422
    assert client.post(url, {"why": "Snow: the school was shut.", "version": "1"}).status_code == 302
    assert "Did not take place: Snow" in client.get(f"/events/{group.pk}/").content.decode()
    other = client.post(url, {"why": "The hall was locked.", "version": "1"})
    assert other.status_code == 409 and "Snow: the school was shut." in other.content.decode()
    assert len(rows(cast.practitioner)[0]) == 1
    with scope.figures():
        day = timezone.localdate()
        assert held([cast.cluster.pk], start=day - timedelta(days=30), end=day) == []
    with as_(cast.practitioner):
        write.take_register(by=cast.practitioner, session=first, came={cast.child.pk: CAME})
        with pytest.raises(Conflict, match="register right instead"):
            write.session_not_held(by=cast.practitioner, session=first, why="A mistake")
        # After all it took place; or it is held on another date.
        taken = write.take_register(by=cast.practitioner, session=second, came={cast.child.pk: DID_NOT})
        assert taken.was_held
        write.session_not_held(by=cast.practitioner, session=third, why="Half term")
        later = third.held_at + timedelta(weeks=1)
        moved = write.move_session(by=cast.practitioner, session=third, held_at=later)
        assert (moved.not_held, moved.recorded_at) == ("", None)
