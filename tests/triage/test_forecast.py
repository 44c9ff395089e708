"""The forecast of a waiting list: what must be true of it for every history of starts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.forecast import FEWEST, WEEKS, forecast

STARTS = st.lists(st.integers(0, 4), min_size=WEEKS, max_size=WEEKS)
AHEAD = st.lists(st.integers(0, 60), min_size=1, max_size=8).map(sorted)
NEVER = 1000


def weeks(value: object) -> tuple[int, int, int]:
    if value is None:
        return (NEVER, NEVER, NEVER)
    return tuple(NEVER if v is None else v for v in (value.low, value.median, value.high))  # type: ignore[attr-defined]


@settings(deadline=None)
@given(STARTS, AHEAD, st.integers(0, WEEKS - 1), st.integers(1, 5))
def test_more_starts_never_lengthen_a_wait(starts: list[int], ahead: list[int], week: int, more: int) -> None:
    busier = [*starts]
    busier[week] += more
    for before, after in zip(forecast(starts, ahead), forecast(busier, ahead), strict=True):
        assert all(a <= b for a, b in zip(weeks(after), weeks(before), strict=True))


@settings(deadline=None)
@given(STARTS, AHEAD)
def test_nobody_further_back_is_served_sooner_and_the_median_lies_in_its_range(
    starts: list[int], ahead: list[int]
) -> None:
    found = [weeks(each) for each in forecast(starts, ahead)]
    assert found == sorted(found)
    assert all(low <= median <= high for low, median, high in found)
    assert found == [weeks(each) for each in forecast(starts, ahead)]


@settings(deadline=None)
@given(AHEAD, st.integers(0, FEWEST - 1))
def test_without_starts_nothing_can_be_said(ahead: list[int], few: int) -> None:
    assert forecast([few, *[0] * (WEEKS - 1)], ahead) == [None] * len(ahead)


@pytest.mark.parametrize(("a_week", "place", "expected"), [(1, 1, 1), (1, 8, 8), (2, 8, 4), (4, 1, 1)])
def test_a_steady_rate_is_simple_division(a_week: int, place: int, expected: int) -> None:
    (found,) = forecast([a_week] * WEEKS, [place - 1])
    assert found is not None
    assert (found.low, found.median, found.high) == (expected, expected, expected)
    assert found.text.startswith(f"about {expected} week")


def test_one_start_in_two_weeks_has_a_range_and_far_places_are_beyond_it() -> None:
    first, far = forecast([1, 0] * (WEEKS // 2), [3, 100])
    assert first is not None
    assert first.low < first.median < first.high  # type: ignore[operator]
    assert 6 <= first.median <= 10  # type: ignore[operator]
    assert far is not None
    assert far.text == "over two years"
