"""Planned sessions: planned weekly, recorded in a tap, seen in a week, and read by a calendar that learns little."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from cases.models import CaseService, Contact, PlannedSession
from cases.services import move_session, plan_sessions, withdraw_session
from cluster_ehs.core.denied import Conflict, Denied
from clusters.models import CalendarFeed, Entitlement
from tests.cases.test_pages import OF_THE_TEST, when
from tests.fixtures_cast import a_service, as_, sign_in

pytestmark = pytest.mark.django_db


def therapy_of(cast, **rule):
    made = Entitlement.objects.create(
        service=a_service("childrens_therapy"),
        effective_from="2024-01-01",
        **{"assessment_sessions": 1, "intervention_sessions": 3, "session_minutes": 50, **rule},
    )
    with as_(cast.therapist):
        CaseService.objects.filter(pk=cast.session.case_service_id).update(entitlement=made)
        return CaseService.objects.select_related("service").get(pk=cast.session.case_service_id)


def plan(cast, service, **more):
    with as_(cast.therapist):
        given = {"at": timezone.now() + timedelta(days=1), "minutes": 50, "place": "12 Invented Row"} | more
        return plan_sessions(by=cast.therapist, case=cast.case, case_service=service, **given)


def gone_by(cast, session, days=3):
    """The planned session's time is over."""
    with as_(cast.therapist):
        PlannedSession.objects.filter(pk=session.pk).update(at=timezone.now() - timedelta(days=days))


def test_weekly_keeps_the_hour_of_the_wall_clock_across_the_change_of_the_clocks(cast):
    service = therapy_of(cast)
    with time_machine.travel(datetime(2027, 3, 22, 9, tzinfo=UTC)):
        rows = plan(cast, service, at=datetime(2027, 3, 23, 15, tzinfo=UTC), times=2)
    assert [f"{timezone.localtime(row.at):%d %H:%M}" for row in rows] == ["23 15:00", "30 15:00"]
    assert [row.at.astimezone(UTC).hour for row in rows] == [15, 14]


def test_no_more_is_planned_than_the_entitlement_leaves_nor_in_the_past_nor_twice(cast):
    service = therapy_of(cast)
    first = plan(cast, service, times=2)
    for wrong, field, said in (
        ({"at": timezone.now() + timedelta(hours=1), "times": 2}, "times", "leaves 1 session of"),
        ({"at": timezone.now() - timedelta(hours=1)}, "at", "time to come"),
        ({"at": timezone.now() + timedelta(days=400)}, "at", "at most a year"),
        ({"at": first[0].at}, "at", "planned with this family already"),
        ({"times": 0}, "times", "from 1 to"),
    ):
        with pytest.raises(ValidationError) as refused:
            plan(cast, service, **wrong)
        assert said in refused.value.message_dict[field][0]
    with as_(cast.therapist):
        assert PlannedSession.objects.count() == 2
    with as_(cast.colleague), pytest.raises(Denied):
        plan_sessions(by=cast.colleague, case=cast.case, at=timezone.now() + timedelta(days=9))


def test_what_is_planned_in_the_evening_is_not_proposed_for_the_night_and_the_answer_says_when(cast, client):
    therapy_of(cast)
    url = reverse("session-plan", args=[cast.case.pk])
    with time_machine.travel(timezone.localtime().replace(hour=22, minute=24), tick=False):
        sign_in(client, cast.therapist)
        form = client.get(url).context["form"]
        at = timezone.localtime(form["at"].value())
        assert f"{at:%H:%M}" == "10:00"
        first = {name: form[name].value() for name in ("kind", "minutes", "case_service")}
        sent = {**first, **when(at), "times": 3, "once": str(form["once"].value())}
        answer = client.post(url, sent, follow=True).content.decode()
    assert f"3 are planned, the first on {at:%A %-d %B} at 10:00." in answer


def test_from_the_plan_to_the_contact(cast, client):
    """The page of a planned session leads to a contact form that knows when, what, and with whom."""
    service = therapy_of(cast)
    (session,) = plan(cast, service)
    gone_by(cast, session)
    sign_in(client, cast.therapist)
    assert "To record" in client.get(reverse("my-sessions")).content.decode()
    assert "is not recorded" in client.get(reverse("home")).content.decode()
    page = client.get(reverse("planned-session", args=[session.pk])).content.decode()
    record = f"{reverse('contact-new', args=[cast.case.pk])}?planned={session.pk}"
    assert record in page
    form = client.get(record).context["form"]
    first = {name: form[name].value() for name in ("kind", "minutes", "case_service", "people")}
    assert first == {
        "kind": "session",
        "minutes": 50,
        "case_service": str(service.pk),
        "people": [str(cast.child.pk)],
    }
    assert "it took place" in form.now_text
    data = {
        **{name: value for name, value in first.items() if name != "people"},
        **when(form["at"].value()),
        "people": [str(cast.child.pk)],
        "attendance": "attended",
        "late_minutes": "10",
        "note": "Drew a house.",
        "once": str(form["once"].value()),
    }
    assert client.post(record, data).status_code == 302
    with as_(cast.therapist):
        contact = Contact.objects.get(planned_as=session)
        assert (contact.late_minutes, contact.session_kind, contact.private) == (10, "intervention", True)
    # Whoever comes second is told; nothing is written twice.
    again = client.post(record, {**data, "once": "", "note": "Twice."})
    assert again.status_code in (302, 409, 422)
    with as_(cast.therapist):
        assert Contact.objects.filter(planned_as=session).count() == 1
    assert client.get(reverse("planned-session", args=[session.pk])).status_code == 302


def test_what_did_not_take_place_is_one_choice(cast, client):
    service = therapy_of(cast)
    (session,) = plan(cast, service)
    gone_by(cast, session)
    sign_in(client, cast.therapist)
    url = reverse("planned-session", args=[session.pk])
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"attendance": "cancelled_school"}).status_code == 302
    with as_(cast.leader):
        session.refresh_from_db()
        assert session.contact.attendance == "cancelled_school"
    with as_(cast.therapist), pytest.raises(Conflict):
        move_session(by=cast.therapist, planned=session, at=timezone.now() + timedelta(days=2))
    # Of therapy only its therapist says how it went.
    (other,) = plan(cast, service, at=timezone.now() + timedelta(days=4))
    sign_in(client, cast.practitioner)
    refused = client.post(reverse("planned-session", args=[other.pk]), {"attendance": "not_attended"})
    assert refused.status_code == 403


def test_moved_and_taken_back(cast, client):
    service = therapy_of(cast)
    first, second = plan(cast, service, times=2)
    later = timezone.now() + timedelta(days=3)
    sign_in(client, cast.therapist)
    url = reverse("planned-session", args=[first.pk])
    assert client.post(url, {"form": "move", **when(later), "minutes": "45", "place": "School"}).status_code == 302
    assert client.post(url, {"form": "move", "minutes": "45"}).status_code == 422
    with as_(cast.therapist):
        first.refresh_from_db()
        assert (first.place, first.minutes) == ("School", 45)
        with pytest.raises(ValidationError):
            move_session(by=cast.therapist, planned=first, at=second.at)
        withdraw_session(by=cast.therapist, planned=second)
        with pytest.raises(Conflict):
            withdraw_session(by=cast.therapist, planned=second)
    assert len(client.get(reverse("case-services", args=[cast.case.pk])).context["planned"]) == 1


@pytest.mark.parametrize("rows", [2, 25])
def test_a_week_costs_the_same_however_full(cast, client, rows, django_assert_max_num_queries):
    service = therapy_of(cast, intervention_sessions=90)
    with as_(cast.therapist):
        PlannedSession.objects.bulk_create(
            PlannedSession(
                cluster_id=cast.case.cluster_id,
                family_id=cast.case.family_id,
                case=cast.case,
                case_service=service,
                worker=cast.therapist,
                planned_by=cast.therapist,
                at=timezone.now() + timedelta(minutes=number + 1),
            )
            for number in range(rows)
        )
    sign_in(client, cast.therapist)
    with django_assert_max_num_queries(8 + OF_THE_TEST):
        page = client.get(reverse("my-sessions"))
    assert page.context["count"] == rows
    assert client.get(reverse("my-sessions"), {"week": "nonsense"}).status_code == 200


def test_a_calendar_reads_times_and_initials_and_nothing_else(cast, client):
    service = therapy_of(cast)
    planned = plan(cast, service, times=2)
    sign_in(client, cast.therapist)
    client.post(reverse("my-calendar"))
    page = client.get(reverse("my-calendar"))
    address = page.context["new"]
    assert address not in client.get(reverse("my-calendar")).content.decode()
    url = reverse("calendar-feed", args=[address.rsplit("/", 1)[1].removesuffix(".ics")])
    client.logout()
    answer = client.get(url)
    assert answer["Content-Type"].startswith("text/calendar")
    calendar = Calendar.from_ical(answer.content)
    events = calendar.walk("VEVENT")
    assert not [problem for part in (calendar, *events) for problem in part.errors]
    assert [event["dtstart"].dt for event in events] == [row.at.replace(microsecond=0) for row in planned]
    assert {str(event["summary"]) for event in events} == {"Z. N."}
    assert {"SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID", "CLASS"} == {key for event in events for key in event}
    text = answer.content.decode().lower()
    for secret in (
        "zdeňka",
        "novák",
        "invented row",
        "therapy",
        cast.case.reference.lower(),
        str(planned[0].pk),
        str(cast.case.pk),
    ):
        assert secret not in text, secret
    # Only this worker's: a colleague's visit of the same family is not in it.
    with as_(cast.practitioner):
        plan_sessions(by=cast.practitioner, case=cast.case, at=timezone.now() + timedelta(days=1), kind="home_visit")
    assert len(Calendar.from_ical(client.get(url).content).walk("VEVENT")) == 2


def test_a_calendar_ends_with_its_address_its_user_and_the_walls(cast, client):
    service = therapy_of(cast)
    plan(cast, service)
    sign_in(client, cast.therapist)
    urls = []
    for _ in range(2):
        client.post(reverse("my-calendar"))
        token = client.get(reverse("my-calendar")).context["new"].rsplit("/", 1)[1].removesuffix(".ics")
        urls.append(reverse("calendar-feed", args=[token]))
    assert [client.get(url).status_code for url in urls] == [404, 200]
    # What the worker may not see any more is not in the calendar either.
    cast.therapist.roles.update(ends_on=timezone.localdate())
    assert b"VEVENT" not in client.get(urls[1]).content
    cast.therapist.roles.update(ends_on=None)
    assert b"VEVENT" in client.get(urls[1]).content
    cast.therapist.is_active = False
    cast.therapist.save()
    assert client.get(urls[1]).status_code == 404
    cast.therapist.is_active = True
    cast.therapist.save()
    sign_in(client, cast.therapist)
    client.post(reverse("my-calendar"), {"end": "1"})
    assert client.get(urls[1]).status_code == 404
    assert not CalendarFeed.objects.filter(revoked_at__isnull=True).exists()


def test_a_calendar_is_not_asked_without_end(cast, client, monkeypatch):
    monkeypatch.setattr("cases.views.sessions.READS", 2)
    url = reverse("calendar-feed", args=["guessed"])
    assert [client.get(url).status_code for _ in range(3)] == [404, 404, 429]
