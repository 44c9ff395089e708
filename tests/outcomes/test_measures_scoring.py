"""From answers to a score: arithmetic alone, without a database."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outcomes.measures.scoring import Method, Question, Range, Sheet, WrongAnswer, band, change, next_due, score

ZERO, THREE = Decimal(0), Decimal(3)
NINE = Sheet(
    Method.SUM,
    tuple(Question(f"q{n}", ZERO, THREE, above=ZERO if n == 9 else None) for n in range(1, 10)),
    may_miss=1,
)
BANDS = [
    Range(Decimal(low), Decimal(high), label)
    for low, high, label in ((0, 4, "minimal"), (5, 9, "mild"), (10, 14, "moderate"), (15, 27, "severe"))
]
# On a busy machine the first draws may take a second.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
answers = st.lists(st.one_of(st.none(), st.integers(0, 3)), min_size=9, max_size=9)


def sheet_of(values: list[int | None]) -> dict[str, int | None]:
    return {f"q{n}": value for n, value in enumerate(values, 1)}


@unhurried
@given(answers)
def test_a_total_is_the_sum_and_one_missing_counts_as_the_mean(values: list[int | None]) -> None:
    found = score(NINE, sheet_of(values))
    given_ones = [value for value in values if value is not None]
    assert len(found.missing) == 9 - len(given_ones)
    if len(given_ones) == 9:
        assert (found.total, found.estimated) == (sum(given_ones), False)
    elif len(given_ones) == 8:
        assert found.estimated and found.total is not None
        assert abs(found.total - Decimal(sum(given_ones)) * 9 / 8) <= Decimal("0.5")
        assert 0 <= found.total <= 27
    else:
        assert found.total is None
    assert bool(found.risks) == bool(values[8])


@unhurried
@given(st.decimals(0, 27, places=2))
def test_every_value_of_the_range_has_one_band(value: Decimal) -> None:
    found = band(BANDS, value)
    assert found is not None and found.lowest <= value < found.highest + 1


def test_half_is_rounded_up_and_what_does_not_count_is_left_out() -> None:
    two = Sheet(Method.SUM, (*NINE.questions[:2], Question("x", ZERO, THREE, counts=False)), may_miss=1)
    assert score(two, {"q1": 1, "q2": None, "x": 3}).total == 2
    four = Sheet(Method.SUM, NINE.questions[:4], may_miss=2)
    # 2 and 1: the mean 1.5 times 4.
    assert score(four, {"q1": 2, "q2": 1, "q3": None, "q4": None}).total == 6
    assert score(Sheet(Method.SUM, NINE.questions[:3], 1), {"q1": 0, "q2": 1, "q3": None}).total == 2


def test_questions_that_stand_for_themselves_have_no_total() -> None:
    found = score(Sheet(Method.EACH, NINE.questions[:2]), {"q1": 2, "q2": None})
    assert (found.total, found.parts, found.missing) == (None, {"q1": 2}, ("q2",))


@pytest.mark.parametrize(
    ("values", "key"), [({"q1": 4}, "q1"), ({"q1": -1}, "q1"), ({"q1": 1, "zz": 1}, "zz"), ({}, "q1")]
)
def test_an_answer_the_question_does_not_take_is_named(values: dict[str, int], key: str) -> None:
    with pytest.raises(WrongAnswer) as refused:
        score(Sheet(Method.SUM, NINE.questions[:1]), values)
    assert refused.value.key == key


def test_change_follows_which_way_is_better() -> None:
    five, two = Decimal(5), Decimal(2)
    assert change(five, two, higher_is_better=False) == change(two, five, higher_is_better=True) == "better"
    assert change(two, five, higher_is_better=False) == "worse"
    assert (change(two, two, higher_is_better=True), change(None, two, higher_is_better=True)) == ("same", "")


def test_what_is_due_when() -> None:
    day, later = date(2026, 9, 1), date(2026, 10, 1)
    assert next_due(begins=day, last=None, at_start=True, every_weeks=4) == date(2026, 9, 15)
    assert next_due(begins=day, last=None, at_start=False, every_weeks=4) == date(2026, 9, 29)
    assert next_due(begins=day, last=None, at_start=False, every_weeks=None) is None
    assert next_due(begins=day, last=later, at_start=True, every_weeks=4) == date(2026, 10, 29)
    assert next_due(begins=day, last=later, at_start=True, every_weeks=None) is None
    assert next_due(begins=day, last=later, at_start=True, every_weeks=4, ending=later) == later
    assert next_due(begins=day, last=later, at_start=True, every_weeks=4, ending=later, had_end=True) is None
