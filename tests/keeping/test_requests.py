"""The clock of requests about records, the log, rectification and complaints."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cluster_ehs.core import scope
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Message
from clusters.models import Role, StaffRole, User
from keeping.models import RequestWords, RightsRequest
from keeping.requests import clock, services
from tests.fixtures_cast import Cast, a_user, as_, sign_in
from tests.queries import queries

DAYS = st.dates(date(2019, 1, 1), date(2040, 12, 31))


def due(received: date, **more: object) -> date:
    return clock.month_due(received, today=received, **more)  # type: ignore[arg-type]


# The regulator's own examples, and ends of months.
@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (date(2022, 9, 3), date(2022, 10, 3)),
        (date(2021, 3, 31), date(2021, 4, 30)),
        (date(2023, 11, 25), date(2023, 12, 27)),  # Christmas and Boxing Day
        (date(2024, 1, 31), date(2024, 2, 29)),
        (date(2026, 2, 6), date(2026, 3, 6)),
        (date(2026, 3, 3), date(2026, 4, 7)),  # Good Friday to Easter Monday
        (date(2026, 10, 1), date(2026, 11, 2)),  # a Sunday
    ],
)
def test_a_month_runs_to_the_corresponding_date_or_the_next_working_day(received: date, expected: date) -> None:
    assert due(received) == expected


def test_a_day_proclaimed_once_is_a_holiday_too() -> None:
    assert due(date(2023, 4, 8)) == date(2023, 5, 8)
    assert due(date(2023, 4, 8), extra={date(2023, 5, 8)}) == date(2023, 5, 9)


@given(DAYS, st.booleans())
def test_the_due_day_is_a_working_day_soon_after_the_months(received: date, extended: bool) -> None:
    found = due(received, extended=extended)
    plain = clock.add_months(received, 3 if extended else 1)
    assert clock.is_working(found)
    assert plain <= found <= plain + timedelta(days=5)
    assert plain.day == received.day or (plain + clock.DAY).day == 1


@given(DAYS, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 20)), max_size=4), st.integers(0, 30))
def test_pauses_push_the_day_back_by_the_days_they_cover_once(
    received: date, waits: list[tuple[int, int]], identity: int
) -> None:
    shown = received + timedelta(days=identity)
    pauses = [(shown + timedelta(days=a), shown + timedelta(days=a + b)) for a, b in waits]
    covered = {start + timedelta(days=n) for start, end in pauses for n in range((end - start).days)}
    today = shown + timedelta(days=100)
    found = clock.month_due(received, today=today, identity_on=shown, pauses=pauses)
    assert found == clock.next_working(clock.add_months(shown, 1) + timedelta(days=len(covered)))
    assert found >= due(received)


@given(DAYS, st.integers(1, 60))
def test_working_days_are_counted_without_the_first(start: date, count: int) -> None:
    end = clock.add_working(start, count)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(clock.is_working(day) for day in between) == count
    assert clock.is_working(end)


def logged(cast: Cast, kind: str, *, by: User | None = None, **more: object) -> RightsRequest:
    about = {
        "asker": "parent",
        "channel": "phone",
        "received_on": timezone.localdate(),
        "asker_name": "Jana Novák",
        "wanted": "What you wrote about the school is wrong.",
    }
    return services.log_request(
        by=by or cast.leader,
        family=cast.family,
        person=cast.child,
        kind=kind,
        **{**about, **more},  # type: ignore[arg-type]
    )


def test_a_worker_logs_it_and_a_leader_is_told_without_a_name(cast: Cast) -> None:
    with as_(cast.practitioner):
        asked = logged(cast, "rectification", by=cast.practitioner)
        assert asked.handler == cast.leader
        assert "Jana" in asked.letters.get().body
        with pytest.raises(Denied):
            services.refuse(by=cast.practitioner, asked=asked, why="No")
    told = Message.objects.get(user_id=cast.leader.pk, key__startswith="rights:")
    assert "Jana" not in told.body + told.subject
    assert str(asked.pk) in told.url


def test_whoever_is_handed_a_request_is_told_without_a_name(cast: Cast, client: Client) -> None:
    second = a_user("Bo Second", role=Role.LEADER, cluster=cast.cluster)
    with as_(cast.leader):
        asked = logged(cast, "complaint")
    url = reverse("rights-step", args=[asked.pk, "hand-on"])
    answer = sign_in(client, cast.leader).post(url, {"to": second.pk}, follow=True)
    assert "Handed on. Whoever deals with it now gets a notice." in answer.content.decode()
    told = Message.objects.get(user_id=second.pk, key__startswith="rights-handed:")
    assert str(asked.pk) in told.url
    assert "Jana" not in told.body + told.subject
    # A worker hands on nothing, and nobody is told.
    assert sign_in(client, cast.practitioner).post(url, {"to": second.pk}).status_code in (403, 404)
    assert Message.objects.filter(key__startswith="rights-handed:").count() == 1


def test_a_leader_who_logs_a_request_deals_with_it_and_one_who_is_longest_there_else(cast: Cast) -> None:
    acting = a_user("Bo Acting", role=Role.LEADER, cluster=cast.cluster)
    today = timezone.localdate()
    StaffRole.objects.filter(user=acting).update(starts_on=today, ends_on=today + timedelta(days=30))
    with as_(acting):
        assert logged(cast, "access", by=acting).handler == acting
    with as_(cast.practitioner):
        asked = logged(cast, "complaint", by=cast.practitioner)
        assert asked.handler == cast.leader
    with as_(cast.leader):
        # Whoever acts up is a leader while it lasts; whose role is over is none.
        assert services.others_who_deal(asked) == [acting]
        StaffRole.objects.filter(user=acting).update(ends_on=today - timedelta(days=1), starts_on=date(2020, 1, 1))
        assert services.others_who_deal(asked) == []


def test_identity_not_shown_holds_the_clock_until_it_is(cast: Cast) -> None:
    with as_(cast.leader):
        ago = timezone.localdate() - timedelta(days=50)
        asked = logged(cast, "access", identity="asked", received_on=ago)
        assert asked.is_paused
        assert not asked.is_late
        services.show_identity(by=cast.leader, asked=asked, on=ago + timedelta(days=2), how="Passport")
        asked = RightsRequest.objects.get(pk=asked.pk)
        assert asked.is_late
        with pytest.raises(Conflict):
            services.extend(by=cast.leader, asked=asked, why="Too late for that")


def test_a_question_stops_the_clock_and_an_extension_is_told_by_letter(cast: Cast) -> None:
    with as_(cast.leader):
        asked = logged(cast, "access")
        before = asked.due_on
        services.pause(by=cast.leader, asked=asked, question="Which years do you mean?")
        asked = RightsRequest.objects.get(pk=asked.pk)
        assert asked.is_paused
        services.resume(by=cast.leader, asked=asked, on=timezone.localdate(), heard="All of them")
        services.extend(by=cast.leader, asked=RightsRequest.objects.get(pk=asked.pk), why="Six years of notes.")
        asked = RightsRequest.objects.get(pk=asked.pk)
        assert asked.due_on > before + timedelta(days=55)
        letter = asked.letters.get(about="extended")
        assert "Six years of notes." in letter.body
        assert f"{asked.due_on:%-d %B %Y}" in letter.body
        assert "Information Commissioner" in letter.body


def test_what_is_not_put_right_carries_the_familys_words_to_the_record(cast: Cast, client: Client) -> None:
    with as_(cast.leader):
        asked = logged(cast, "rectification")
        services.answer(
            by=cast.leader, asked=asked, outcome="not_right", text="We keep it.", statement="I was never late."
        )
        services.note_told(by=cast.leader, asked=asked, who="Invented Primary School", on=timezone.localdate())
        asked = RightsRequest.objects.get(pk=asked.pk)
        assert asked.in_time is True
        assert asked.told.get().who == "Invented Primary School"
    sign_in(client, cast.practitioner)
    assert "I was never late." in client.get(reverse("family", args=[cast.family.pk])).content.decode()
    assert "I was never late." in client.get(reverse("case", args=[cast.case.pk])).content.decode()


def test_a_complaint_goes_through_its_stages_and_is_for_leaders_alone(cast: Cast, client: Client) -> None:
    with as_(cast.leader):
        asked = services.log_request(
            by=cast.leader,
            family=cast.family,
            person=cast.child,
            kind="complaint",
            asker="parent",
            channel="letter",
            received_on=timezone.localdate(),
            asker_name="Jana Novák",
            wanted="Nobody rang back.",
        )
        assert asked.due_on == clock.add_working(timezone.localdate(), 20)
        services.answer(by=cast.leader, asked=asked, outcome="not_upheld", text="We rang.", learning="Ring twice.")
        services.next_stage(by=cast.leader, asked=asked, why="That is not true.")
        asked = RightsRequest.objects.get(pk=asked.pk)
        assert (asked.stage, asked.status, asked.in_time) == (2, "open", None)
        with pytest.raises(Conflict):
            services.pause(by=cast.leader, asked=asked, question="Which call?")
    page = reverse("rights-request", args=[asked.pk])
    assert sign_in(client, cast.practitioner).get(page).status_code == 404
    assert "Nobody rang back." in sign_in(client, cast.leader).get(page).content.decode()
    assert asked.reference not in sign_in(client, cast.practitioner).get(reverse("rights")).content.decode()


def test_figures_count_requests_and_read_no_word_of_them(cast: Cast) -> None:
    with as_(cast.leader):
        logged(cast, "complaint")
    with as_(cast.manager):
        assert RightsRequest.objects.count() == 0
        with scope.figures():
            assert RightsRequest.objects.count() == 1
            assert RequestWords.objects.count() == 0


def test_the_log_and_a_request_stay_within_their_statements(cast: Cast, client: Client) -> None:
    with as_(cast.leader):
        for _ in range(12):
            asked = logged(cast, "access")
    sign_in(client, cast.leader)
    page = client.get(reverse("rights")).content.decode()
    assert page.count("A copy of what is held</b>") == 12
    assert len(queries(client, reverse("rights"))) <= 8
    assert len(queries(client, reverse("rights-request", args=[asked.pk]))) <= 15
