"""Measures: what is kept, who reads it, the step on safety, licences."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from cases.models import Worry
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Change, Message
from cluster_ehs.core.scope import figures
from outcomes.measures.services import (
    Taken,
    correct_measure,
    record_licence,
    set_use,
    take_measure,
)
from outcomes.models import Instrument, Measure, MeasureResult, MeasureRisk
from tests.fixtures_cast import Cast, as_

PHQ = {**{f"q{n}": 1 for n in range(1, 9)}, "q9": 0, "difficulty": 1}


def instrument(code: str) -> Instrument:
    return Instrument.objects.get(code=code)


def taken(**more: Any) -> Taken:
    return Taken(**{"occasion": "start", "taken_on": timezone.localdate(), **more})


def answer(cast: Cast, by: Any, code: str = "phq-9", values: dict[str, Any] | None = None, **more: Any) -> Measure:
    return take_measure(by=by, case=cast.case, instrument=instrument(code), answers=values or PHQ, taken=taken(**more))


def test_what_is_shipped_asks_in_its_own_words_and_needs_its_licence(cast: Cast) -> None:
    ons = {item.key: item for item in instrument("ons4").items.all()}
    assert [item.text for item in ons.values()] == [
        "Overall, how satisfied are you with your life nowadays?",
        "Overall, to what extent do you feel that the things you do in your life are worthwhile?",
        "Overall, how happy did you feel yesterday?",
        "Overall, how anxious did you feel yesterday?",
    ]
    assert (ons["anxiety"].low_anchor, ons["anxiety"].higher_is_better) == ("not at all anxious", False)
    for key, ends in {"happiness": [4, 6, 8, 10], "anxiety": [1, 3, 5, 10]}.items():
        assert [int(band.highest) for band in ons[key].bands.all()] == ends
    assert [b.label for b in ons["anxiety"].bands.all()] == ["very low", "low", "medium", "high"]
    for code, number in (("impact", 5), ("recommend", 1)):
        own = instrument(code)
        assert (own.in_use, own.by_link, own.licence_needed, own.items.count()) == (True, True, False, number)
    # Unaltered: nine and seven questions that count, each from 0 to 3, and the one on difficulty that does not.
    for code, number in (("phq-9", 9), ("gad-7", 7)):
        items = list(instrument(code).items.all())
        assert [int(item.highest) for item in items if item.counts] == [3] * number and len(items) == number + 1
        assert [item.key for item in items if item.above is not None] == (["q9"] if number == 9 else [])
    gad = instrument("gad-7")
    assert [(int(b.lowest), int(b.highest)) for b in gad.bands.all()] == [(0, 4), (5, 9), (10, 14), (15, 21)]
    phq = instrument("phq-9")
    assert "better off dead" in phq.items.get(key="q9").text
    assert [(int(b.lowest), int(b.highest)) for b in phq.bands.all()] == [(0, 4), (5, 9), (10, 14), (15, 19), (20, 27)]
    for code in ("sdq", "rcads", "ors", "outcomes-star", "family-star-plus"):
        locked = instrument(code)
        assert (locked.kind, locked.in_use, locked.licence_needed) == ("score", False, True)
        assert locked.items.count() == 1 and locked.licence and locked.source, "its questions are not shipped"


def test_a_measure_keeps_its_answers_score_and_band(cast: Cast) -> None:
    with as_(cast.practitioner):
        result = answer(cast, cast.practitioner, person=cast.mother, answerer=cast.mother).result
        assert (result.total, result.band, result.alarming) == (8, "mild", False)
        assert result.answers["q9"] == 0
        some = {**PHQ, "q1": None}
        assert answer(cast, cast.practitioner, values=some).result.estimated
        ons = answer(
            cast,
            cast.practitioner,
            "ons4",
            {"life_satisfaction": 3, "worthwhile": 7, "happiness": None, "anxiety": 2},
        ).result
        assert (ons.total, ons.band, ons.alarming) == (None, "", True)
        with pytest.raises(ValidationError, match="from 0 to 3"):
            answer(cast, cast.practitioner, values={**PHQ, "q1": 4})
    with as_(cast.other_practitioner):
        assert not Measure.objects.exists()


def test_an_answer_about_safety_is_seen_to_before_it_is_kept_and_told_at_once(cast: Cast) -> None:
    with as_(cast.practitioner):
        with pytest.raises(ValidationError) as refused:
            answer(cast, cast.practitioner, values={**PHQ, "q9": 1})
        assert list(refused.value.message_dict) == ["done"]
        assert not Measure.objects.exists()
        made = answer(cast, cast.practitioner, values={**PHQ, "q9": 1}, done="Asked her; rang Dee; GP at two.")
        assert MeasureRisk.objects.get().measure == made
        assert Worry.objects.get().referral.harm_flagged_at is not None
        told = {message.to for message in Message.objects.filter(urgent=True)}
        assert told == {cast.leader.email}
        assert Message.objects.filter(key__startswith="measure-risk").get().url == f"/measures/{made.pk}/"


def test_answers_given_in_therapy_are_read_by_author_and_clinical_supervisor(cast: Cast) -> None:
    with as_(cast.therapist):
        made = answer(cast, cast.therapist, person=cast.mother)
        assert made.private and MeasureResult.objects.count() == 1
    for reader, counts in (
        (cast.practitioner, (1, 0)),
        (cast.leader, (1, 0)),
        (cast.supervisor, (1, 1)),
        (cast.manager, (0, 0)),
    ):
        with as_(reader):
            assert (Measure.objects.count(), MeasureResult.objects.count()) == counts, reader
            kept = Change.objects.filter(table_name="outcomes_measureresult").exists()
            assert kept == (reader == cast.supervisor)
    with as_(cast.manager), figures():
        assert (Measure.objects.count(), MeasureResult.objects.count()) == (1, 0)
    with as_(cast.therapist):
        # Nobody makes them public by an update.
        Measure.objects.update(private=False)
        MeasureResult.objects.update(private=False)
    with as_(cast.leader):
        assert not MeasureResult.objects.exists()


def test_a_correction_is_an_addition(cast: Cast) -> None:
    with as_(cast.practitioner):
        first = answer(cast, cast.practitioner)
    with as_(cast.colleague), pytest.raises(Denied):
        correct_measure(by=cast.colleague, measure=first, answers=PHQ, taken=taken(), reason="Wrong")
    with as_(cast.leader):
        with pytest.raises(ValidationError, match="why it is corrected"):
            correct_measure(by=cast.leader, measure=first, answers=PHQ, taken=taken(), reason=" ")
        second = correct_measure(
            by=cast.leader, measure=first, answers={**PHQ, "q1": 3}, taken=taken(), reason="Misread the paper"
        )
        assert (second.result.total, first.result.total) == (10, 8)
        with pytest.raises(Conflict):
            correct_measure(by=cast.leader, measure=first, answers=PHQ, taken=taken(), reason="Again")


def test_an_instrument_with_a_licence_is_switched_on_by_a_manager_who_records_it(cast: Cast) -> None:
    today, sdq = timezone.localdate(), instrument("sdq")
    about = {"instrument": sdq, "holder": "The council", "reference": "L-1", "starts_on": today, "ends_on": None}
    with as_(cast.leader), pytest.raises(Denied):
        record_licence(by=cast.leader, **about)
    with as_(cast.manager):
        with pytest.raises(ValidationError, match="licence"):
            set_use(by=cast.manager, instrument=sdq, in_use=True)
        with pytest.raises(DatabaseError), transaction.atomic():
            Instrument.objects.filter(pk=sdq.pk).update(in_use=True)
        record_licence(by=cast.manager, **about)
        set_use(by=cast.manager, instrument=sdq, in_use=True)
    with as_(cast.practitioner):
        assert answer(cast, cast.practitioner, "sdq", {"total": 17}).result.total == 17
        with pytest.raises(ValidationError, match="licence"):
            answer(cast, cast.practitioner, "sdq", {"total": 17}, taken_on=today.replace(year=today.year - 1))
        with pytest.raises(Denied, match="not in use"):
            answer(cast, cast.practitioner, "rcads", {"total": 60})
