"""Meetings made from a pattern: days, holidays, nothing twice; what fills an agenda; who is expected again."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import StaffRole
from tests.fixtures_cast import Cast, as_, sign_in
from tests.triage.pages import at_most, once
from tests.triage.test_meetings import a_referral_of, plan, references
from triage import services
from triage.calendar import days, occurrences
from triage.models import Action, AgendaItem, Attendee, Meeting, MeetingPattern, SchoolHoliday
from triage.services.planning import carry_on

HALF_TERM = SchoolHoliday(name="Autumn half-term", starts_on=date(2026, 10, 26), ends_on=date(2026, 10, 30))


def a_pattern(**more: object) -> MeetingPattern:
    values = {"weekday": 0, "time": time(9, 30), "starts_on": date(2026, 9, 1)}
    return MeetingPattern(**{**values, **more})


def weekly(cast: Cast, **more: object) -> MeetingPattern:
    values = {
        "weekday": (timezone.localdate() + timedelta(days=2)).weekday() % 5,
        "week_of_month": None,
        "time": time(9, 30),
        "place": "Cluster office",
        "starts_on": timezone.localdate(),
        **more,
    }
    return services.save_pattern(by=cast.leader, cluster_id=cast.cluster.pk, **values)


@pytest.mark.parametrize(
    ("week", "found"),
    [
        (None, [date(2026, 10, 1), date(2026, 10, 8), date(2026, 10, 15), date(2026, 10, 22), date(2026, 10, 29)]),
        (1, [date(2026, 10, 1)]),
        (4, [date(2026, 10, 22)]),
        (5, [date(2026, 10, 29)]),
    ],
)
def test_the_days_of_a_pattern(week: int | None, found: list[date]) -> None:
    pattern = a_pattern(weekday=3, week_of_month=week)
    assert list(days(pattern, date(2026, 10, 1), date(2026, 10, 31))) == found


def test_a_holiday_skips_a_weekly_meeting_and_moves_a_monthly_one() -> None:
    def on(pattern: MeetingPattern) -> list[tuple[date, date | None, str]]:
        found = occurrences(pattern, [HALF_TERM], date(2026, 10, 26), date(2026, 10, 31))
        return [(o.planned_for, o.held_on, o.note) for o in found]

    day = date(2026, 10, 26)
    assert on(a_pattern(on_holiday="move")) == [(day, None, "Not held: Autumn half-term")]
    assert on(a_pattern(week_of_month=4)) == [(day, None, "Not held: Autumn half-term")]
    moved = "Moved from 26 October: Autumn half-term"
    assert on(a_pattern(week_of_month=4, on_holiday="move")) == [(day, date(2026, 11, 2), moved)]


def test_meetings_keep_their_hour_in_winter_and_summer(cast: Cast) -> None:
    with as_(cast.leader):
        weekly(cast)
        hours = {timezone.localtime(m.starts_at).time() for m in Meeting.objects.filter(pattern__isnull=False)}
    assert hours == {time(9, 30)}


def test_made_twice_nothing_is_doubled_and_what_was_moved_by_hand_stays(cast: Cast) -> None:
    with as_(cast.leader):
        pattern = weekly(cast)
        made = list(pattern.meetings.order_by("planned_for"))
        assert len(made) == 10
        later = made[1].starts_at + timedelta(hours=3)
        services.change_meeting(by=cast.leader, meeting=made[1], starts_at=later, place="Library", note="Room taken")
        assert services.make_meetings(by=cast.leader, cluster_id=cast.cluster.pk) == 0
        services.save_pattern(
            by=cast.leader, cluster_id=cast.cluster.pk, pattern=pattern, version=1, place="Town Hall", time=time(10)
        )
        now = list(pattern.meetings.order_by("planned_for"))
        assert len(now) == 10
        assert (now[1].place, now[1].starts_at) == ("Library", later)
        assert {(m.place, timezone.localtime(m.starts_at).hour) for m in now if m.pk != now[1].pk} == {
            ("Town Hall", 10)
        }
        with pytest.raises(Conflict, match="Somebody changed this pattern"):
            services.save_pattern(by=cast.leader, cluster_id=cast.cluster.pk, pattern=pattern, version=1, place="X")
    # The sweep finds nothing left to do.
    carry_on()
    with as_(cast.leader):
        assert pattern.meetings.count() == 10


def test_a_holiday_added_later_reaches_the_meetings_by_the_sweep_and_is_taken_back(cast: Cast) -> None:
    with as_(cast.leader):
        pattern = weekly(cast)
        first, second = pattern.meetings.order_by("planned_for")[:2]
    waiting = a_referral_of(cast, "Waiting", 31).reference
    with as_(cast.leader):
        services.fill_agenda(by=cast.leader, meeting=first)
        assert references(first) == [waiting]
    with as_(cast.manager):
        holiday = services.add_holiday(
            by=cast.manager, name="Snow week", starts_on=first.planned_for, ends_on=first.planned_for
        )
    carry_on()
    with as_(cast.leader):
        first.refresh_from_db()
        assert (first.status, first.note) == ("skipped", "Not held: Snow week")
        assert (references(first), references(second)) == ([], [waiting])
    with as_(cast.manager):
        services.change_holiday(by=cast.manager, holiday=holiday, withdrawn=True)
    carry_on()
    with as_(cast.leader):
        first.refresh_from_db()
        assert (first.status, first.note) == ("planned", "")


def test_the_sweep_puts_what_came_in_onto_the_next_agenda(cast: Cast) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        Meeting.objects.filter(pk=cast.meeting.pk).update(starts_at=timezone.now() - timedelta(days=2))
    with as_(cast.leader):
        weekly(cast)
        following = Meeting.objects.filter(pattern__isnull=False, status="planned").earliest("starts_at")
    a_referral_of(cast, "New", 11)
    a_referral_of(cast, "Harm", 12, harm=True)
    carry_on()
    carry_on()
    with as_(cast.leader):
        # The restricted family's referral stands there too, for who is named; this leader does not see it.
        assert set(references(following)) == {"RI-2026-0011", "RI-2026-0012"}


def test_the_panel_takes_what_was_sent_to_it_and_screening_all_else(cast: Cast) -> None:
    a_referral_of(cast, "Other", 11)
    with as_(cast.leader):
        services.defer(by=cast.leader, item=cast.meeting.items.get(), reason="Many agencies.", to_kind="panel")
        assert references(plan(cast, 5)) == ["RI-2026-0011"]
        assert references(plan(cast, 9, kind="panel")) == ["RI-2026-0002"]


def test_what_was_deferred_comes_before_what_is_new_and_after_harm(cast: Cast) -> None:
    with as_(cast.leader):
        services.defer(by=cast.leader, item=cast.meeting.items.get(), reason="School to say more.")
    a_referral_of(cast, "Old", 11, days_ago=40)
    a_referral_of(cast, "Harm", 12, harm=True)
    with as_(cast.leader):
        assert references(plan(cast)) == ["RI-2026-0012", "RI-2026-0002", "RI-2026-0011"]


def test_who_came_last_time_is_expected_again_but_for_a_guest_who_left(cast: Cast) -> None:
    with as_(cast.leader):
        services.add_attendee(by=cast.leader, meeting=cast.meeting, name="Nora Invented", agency="Police")
        again = plan(cast)
        assert set(again.attendees.values_list("name", "agency", "remembered")) == {
            ("Gus Example", "School nursing", True),
            ("Nora Invented", "Police", True),
        }
        assert not plan(cast, 9, kind="panel").attendees.exists()
        Attendee.objects.filter(meeting=again).delete()
    StaffRole.objects.filter(user=cast.guest).update(ends_on=timezone.localdate())
    with as_(cast.leader):
        assert set(plan(cast, 3).attendees.values_list("name", flat=True)) == {"Nora Invented"}


@pytest.mark.parametrize("who", ["practitioner", "guest", "manager", "other_leader"])
def test_only_a_leader_makes_patterns_and_only_a_manager_holidays(cast: Cast, who: str) -> None:
    user = getattr(cast, who)
    with as_(user):
        with pytest.raises(Denied, match="Only a leader of this Cluster"):
            services.save_pattern(by=user, cluster_id=cast.cluster.pk, weekday=0)
        if who != "manager":
            with pytest.raises(Denied, match="Only a manager"):
                services.add_holiday(by=user, name="X", starts_on=date(2027, 1, 1), ends_on=date(2027, 1, 2))


@pytest.mark.parametrize(
    ("before_start", "seen"),
    [
        (timedelta(hours=1), True),
        (timedelta(hours=1, seconds=1), False),
        (-timedelta(days=1), True),
        (-timedelta(days=1, seconds=1), False),
    ],
)
def test_a_guests_window_opens_and_closes_to_the_second_in_the_database(
    cast: Cast, before_start: timedelta, seen: bool
) -> None:
    # The policies go by the database's clock, which stands still in a transaction: the boundary is exact.
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        now: datetime = cursor.fetchone()[0]
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        Meeting.objects.filter(pk=cast.meeting.pk).update(starts_at=now + before_start)
        elsewhere = Meeting.objects.create(cluster=cast.cluster, starts_at=now)
        for meeting in (cast.meeting, elsewhere):
            AgendaItem.objects.create(
                cluster=cast.cluster,
                family=cast.restricted_family,
                meeting=meeting,
                referral=cast.restricted_referral,
                position=9,
            )
        Action.objects.create(cluster=cast.cluster, meeting=cast.meeting, text="Ring the school")
    with as_(cast.guest):
        assert set(Meeting.objects.values_list("pk", flat=True)) == ({cast.meeting.pk} if seen else set())
        # Nothing of a restricted family, of what was agreed, of a meeting to which the guest does not come.
        assert list(AgendaItem.objects.values_list("referral_id", flat=True)) == ([cast.referral.pk] if seen else [])
        assert not Action.objects.exists()


def test_the_pages_of_patterns_and_holidays(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    today = timezone.localdate()
    first = today + timedelta(days=(2 - today.weekday()) % 7 or 7)
    on = {"starts_on-day": first.day, "starts_on-month": first.month, "starts_on-year": first.year}
    form = {**once(), "kind": "screening", "weekday": "2", "time": "9.30", "on_holiday": "skip", **on}
    sent = [client.post("/screening/patterns/new/", form) for _ in range(2)]
    assert [answer.status_code for answer in sent] == [302, 302]
    with as_(cast.leader):
        pattern = MeetingPattern.objects.get()
    with at_most(8):
        page = client.get("/screening/patterns/").content.decode()
    assert "every Wednesday at 09:30" in page
    assert (
        "All meetings of the next ten weeks are there."
        in client.post("/screening/patterns/make/", follow=True).content.decode()
    )
    assert (
        "Enter the time as in 09:30"
        in client.post("/screening/patterns/new/", {**form, **once(), "time": "soon"}).content.decode()
    )
    with as_(cast.leader):
        meeting = pattern.meetings.earliest("starts_at")
    url = f"/screening/{meeting.pk}/"
    change = {**once(), "held": "no", "starts_at": meeting.starts_at.isoformat(), "note": ""}
    assert "Say why it is not held." in client.post(url + "change/", change).content.decode()
    assert client.post(url + "change/", {**change, "note": "Training day"}).url == url
    page = client.get(url).content.decode()
    assert "Not held" in page and "Training day" in page and "Open the meeting" not in page
    assert client.post("/settings/holidays/new/", {}).status_code == 403
    sign_in(client, cast.manager)
    holiday = {
        **once(),
        "name": "Spring half-term",
        **{
            f"{end}-{part}": value
            for end in ("starts_on", "ends_on")
            for part, value in (("day", 15), ("month", 2), ("year", 2027))
        },
    }
    assert client.post("/settings/holidays/new/", holiday).status_code == 302
    assert "Spring half-term" in client.get("/settings/holidays/").content.decode()
