"""Readings with a family: recorded, corrected as additions, missing, drawn for a second reader blind to the first."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Message
from outcomes.models import FamilyReading, ReadingCuts, ReadingSample, SecondReading
from outcomes.readings import selectors
from outcomes.readings.arithmetic import Cuts, Move
from outcomes.readings.scale import Domain
from outcomes.readings.services import draw, draw_sample, rate_again, record_reading, set_cuts
from tests.fixtures_cast import Cast, as_, sign_in
from tests.outcomes.test_services import asked, closed_case
from tests.queries import queries

pytestmark = pytest.mark.django_db


def all_at(points: int | None, **others: int | None) -> dict[str, int | None]:
    return dict.fromkeys(Domain.values, points) | others


def a_reading(cast: Cast, moment: str = "start", points: dict | None = None, **more: Any) -> FamilyReading:
    by = more.pop("by", cast.practitioner)
    values = {"taken_on": timezone.localdate(), "person_ids": [cast.mother.pk]} | more
    with as_(by):
        return record_reading(by=by, case=cast.case, moment=moment, points=points or all_at(4), **values)


def sent(**more: Any) -> dict[str, Any]:
    day = timezone.localdate()
    return {
        "moment": "start",
        "taken_on-day": day.day,
        "taken_on-month": day.month,
        "taken_on-year": day.year,
        **{f"points_{domain}": "4" for domain in Domain.values},
        "once": str(uuid4()),
        **more,
    }


def test_a_reading_says_with_whom_and_what_was_not_discussed(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    url = reverse("reading-new", args=[cast.case.pk])
    page = client.get(url).content.decode()
    assert "Is everybody safe" in page and "Somebody is being hurt" in page
    answer = client.post(url, sent(people=[str(cast.mother.pk)], points_work="none", why_safety="Dad has moved out"))
    assert answer.status_code == 302
    with as_(cast.practitioner):
        journey = selectors.of_case(cast.case.pk, cast.practitioner)
    assert journey.start is not None and journey.start.points["work"] is None
    assert journey.start.made_with == "Jana" and journey.start.reasons == [("Safety", "Dad has moved out")]
    told = client.get(answer["Location"]).content.decode()
    assert "not discussed" in told and "Dad has moved out" in told and "<svg" in told


def test_an_answer_left_out_is_named_and_what_was_typed_is_kept(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    fields = sent(why_routines="Bedtime at nine")
    del fields["points_safety"]
    answer = client.post(reverse("reading-new", args=[cast.case.pk]), fields)
    told = answer.content.decode()
    assert answer.status_code == 422 and "Safety: choose a number from 1 to 10" in told and "Bedtime at nine" in told
    answer = client.post(reverse("reading-new", args=[cast.case.pk]), sent(others=""))
    assert "Choose with whom it was made" in answer.content.decode()


def test_rules_of_a_reading(cast: Cast) -> None:
    for more, field in (
        ({"points": all_at(None)}, "points_home_and_money"),
        ({"points": all_at(4, work=11)}, "points_work"),
        ({"taken_on": timezone.localdate() + timedelta(days=1)}, "taken_on"),
        ({"taken_on": cast.case.opened_on - timedelta(days=1)}, "taken_on"),
        ({"person_ids": []}, "people"),
        ({"person_ids": [uuid4()]}, "people"),
    ):
        with pytest.raises(ValidationError) as refused:
            a_reading(cast, **more)
        assert field in refused.value.message_dict
    a_reading(cast)
    with pytest.raises(ValidationError) as refused:
        a_reading(cast)  # a family starts once
    assert "Correct that reading" in str(refused.value)
    with pytest.raises(Denied):
        a_reading(cast, "review", by=cast.colleague)


def test_a_correction_is_an_addition(cast: Cast, client: Client) -> None:
    first = a_reading(cast)
    sign_in(client, cast.practitioner)
    url = reverse("reading-correct", args=[cast.case.pk, first.pk])
    page = client.get(url).content.decode()
    assert 'value="4" checked' in page
    assert client.post(url, sent(people=[str(cast.mother.pk)], points_safety="6")).status_code == 302
    with as_(cast.practitioner):
        journey = selectors.of_case(cast.case.pk, cast.practitioner)
        assert FamilyReading.objects.count() == 2
    assert journey.start and journey.start.points["safety"] == 6
    assert [read.points["safety"] for read in journey.corrected] == [4]
    with pytest.raises(Conflict):
        a_reading(cast, corrects=first)
    assert "Earlier versions (1)" in client.get(reverse("case-readings", args=[cast.case.pk])).content.decode()


def test_the_journey_tells_what_moved(cast: Cast) -> None:
    a_reading(cast, points=all_at(3, safety=9, work=None))
    a_reading(cast, "review", points=all_at(4, work=5))
    a_reading(cast, "end", points=all_at(6, safety=10, routines=2, work=9))
    with as_(cast.practitioner):
        journey = selectors.of_case(cast.case.pk, cast.practitioner)
    rows = {line.domain: line for line in selectors.lines(journey)}
    assert rows[Domain.HOME].move == Move.HIGHER and rows[Domain.SAFETY].move == Move.KEPT_HIGH
    assert rows[Domain.ROUTINES].move == Move.LOWER and rows[Domain.WORK].move == Move.MISSING
    assert selectors.finding(journey, list(rows.values())) == (
        "From the first reading to the last: a higher stage in 7 of 9 domains, a lower one in 1, 1 stayed high"
    )


def in_days(days: int) -> Any:
    return time_machine.travel(timezone.now() + timedelta(days=days), tick=False)


def at_home(cast: Cast, client: Client) -> str:
    sign_in(client, cast.practitioner)
    return client.get(reverse("home")).content.decode()


def test_my_work_asks_for_what_is_missing(cast: Cast, client: Client) -> None:
    assert "No reading at the start" not in at_home(cast, client)  # two weeks open
    with in_days(21):
        assert "No reading at the start" in at_home(cast, client)
        a_reading(cast)
        assert "No reading at the" not in at_home(cast, client)
        with as_(cast.practitioner):
            asked(cast)
        assert "No reading at the end" in at_home(cast, client)
        a_reading(cast, "end")
        assert "No reading at the" not in at_home(cast, client)


def test_closing_asks_for_the_end(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    url = reverse("case-close", args=[cast.case.pk])
    assert "No reading at the end yet" in client.get(url).content.decode()
    a_reading(cast, "end")
    assert "The reading at the end was made on" in client.get(url).content.decode()


def test_the_end_can_be_read_for_a_while_after_the_closure(cast: Cast) -> None:
    closed_case(cast)
    with pytest.raises(Denied, match="Only its end"):
        a_reading(cast, "review")
    a_reading(cast, "end")
    with in_days(29), pytest.raises(Denied):
        a_reading(cast, "end")


def test_cut_points_hold_from_their_day(cast: Cast, client: Client) -> None:
    today = timezone.localdate()
    assert selectors.cuts_on(today) == Cuts()
    with as_(cast.manager):
        set_cuts(by=cast.manager, low=Cuts().low - 1, middle=Cuts().middle, starts_on=today + timedelta(days=5))
    assert selectors.cuts_on(today) == Cuts() and selectors.cuts_on(today + timedelta(days=5)).low == 3
    sign_in(client, cast.manager)
    fields = {"low": "7", "middle": "4", "once": str(uuid4())}
    fields |= {"starts_on-day": "1", "starts_on-month": "9", "starts_on-year": "2026"}
    answer = client.post(reverse("settings-reading-cuts"), fields)
    assert answer.status_code == 422 and "the lower one first" in answer.content.decode()
    assert ReadingCuts.objects.count() == 1


def a_sample(cast: Cast, **more: Any) -> ReadingSample:
    day = timezone.localdate()
    values = {"starts_on": day - timedelta(days=30), "ends_on": day, "wanted": 5, "seed": 7}
    values |= {"moments": ["start", "end"], "reader": cast.colleague} | more
    with as_(cast.leader):
        return draw_sample(by=cast.leader, cluster=cast.cluster, **values)


def test_the_same_seed_draws_the_same_readings() -> None:
    frame = [FamilyReading(pk=uuid4()) for _ in range(30)]
    assert draw(frame, 8, 11) == draw(frame, 8, 11) != draw(frame, 8, 12)
    assert len(draw(frame, 60, 1)) == 30


def test_the_second_reader_rates_without_seeing_the_first(cast: Cast, client: Client) -> None:
    a_reading(cast, points=all_at(4, safety=9, work=None))
    sample = a_sample(cast)
    with as_(cast.colleague):
        second = SecondReading.objects.get(sample=sample)
    sign_in(client, cast.colleague)
    told = client.get(reverse("reading-samples")).content.decode()
    assert "For you to rate" in told and "Novák" in told and "Draw readings" not in told
    assert Message.objects.filter(user_id=cast.colleague.pk, url=reverse("reading-samples")).exists()
    for name in ("case-outcomes", "case-readings"):
        told = client.get(reverse(name, args=[cast.case.pk])).content.decode()
        assert "Rate it now" in told and "eh-chart" not in told and "Safety 9" not in told
    page = client.get(reverse("second-reading", args=[second.pk]))
    assert page.status_code == 200 and "eh-score__item--was" not in page.content.decode()
    fields = {f"points_{domain}": "5" for domain in Domain.values} | {"points_work": "none", "once": str(uuid4())}
    assert client.post(reverse("second-reading", args=[second.pk]), fields).status_code == 302
    with as_(cast.leader):
        again = selectors.agreement_of(sample)
    # Four and five are one stage apart, nine and five two.
    assert (again.overall.n, again.overall.exact, again.overall.within_a_stage) == (9, 0, 8)
    assert "eh-chart" in client.get(reverse("case-readings", args=[cast.case.pk])).content.decode()
    with as_(cast.colleague), pytest.raises(Conflict):
        rate_again(by=cast.colleague, second=second, points=all_at(5))
    sign_in(client, cast.leader)
    assert "Weighted kappa" in client.get(reverse("reading-sample", args=[sample.pk])).content.decode()


def test_who_draws_and_who_rates(cast: Cast) -> None:
    a_reading(cast)
    with pytest.raises(ValidationError):
        a_sample(cast, reader=cast.practitioner)  # nobody is the second reader of an own reading
    sample = a_sample(cast)
    with as_(cast.practitioner):
        second = SecondReading.objects.get(sample=sample)
        with pytest.raises(Denied):
            rate_again(by=cast.practitioner, second=second, points=all_at(5))
        with pytest.raises(Denied):
            draw_sample(
                by=cast.practitioner, cluster=cast.cluster, reader=cast.colleague, moments=["start"],
                starts_on=sample.starts_on, ends_on=sample.ends_on, wanted=1,
            )  # fmt: skip


def test_query_counts(cast: Cast, client: Client) -> None:
    for moment in ("start", "review", "review", "end"):
        a_reading(cast, moment)
    sign_in(client, cast.practitioner)
    assert len(queries(client, reverse("case-outcomes", args=[cast.case.pk]))) <= 12
    assert len(queries(client, reverse("case-readings", args=[cast.case.pk]))) <= 12
    assert len(queries(client, reverse("reading-new", args=[cast.case.pk]))) <= 12
    made = queries(client, reverse("reading-new", args=[cast.case.pk]), sent(moment="review", others="Gran"))
    assert len(made) <= 20
