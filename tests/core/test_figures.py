"""Ages, weeks and percentages, for any day: birthdays, leap days, the day of referral, unknown dates."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from cluster_ehs.core.figures import age_in_years, percentage, weeks_between

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))
COUNTS = st.integers(min_value=0, max_value=1_000_000)


def birthday(born: date, year: int) -> date:
    """The day on which somebody turns a year older; born on 29 February: on 1 March in other years."""
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


@given(born=DAYS, years=st.integers(min_value=0, max_value=100))
@example(born=date(2016, 2, 29), years=1)
@example(born=date(2016, 2, 29), years=4)
@example(born=date(2015, 12, 31), years=1)
def test_on_a_birthday_one_is_a_year_older_and_the_day_before_not(born: date, years: int) -> None:
    assume(born.year + years <= 2200)
    day = birthday(born, born.year + years)
    assert age_in_years(born, day) == years
    if years:
        assert age_in_years(born, day - timedelta(days=1)) == years - 1


@given(born=DAYS, on=DAYS, more=st.integers(min_value=0, max_value=1500))
def test_nobody_grows_younger(born: date, on: date, more: int) -> None:
    assume(born <= on)
    first, second = age_in_years(born, on), age_in_years(born, on + timedelta(days=more))
    assert first is not None
    assert second is not None
    assert 0 <= second - first <= more // 365 + 1


@given(born=DAYS, on=DAYS)
def test_the_age_counts_whole_years_of_the_calendar(born: date, on: date) -> None:
    age = age_in_years(born, on)
    if born > on:
        assert age is None
    else:
        assert age is not None
        assert birthday(born, born.year + age) <= on < birthday(born, born.year + age + 1)


@given(on=DAYS)
def test_born_on_the_day_of_referral_is_nought(on: date) -> None:
    assert age_in_years(on, on) == 0


@given(on=DAYS)
def test_an_unknown_day_is_unknown_and_not_nought(on: date) -> None:
    assert age_in_years(None, on) is None
    assert weeks_between(None, on) is None


@given(start=DAYS, days=st.integers(min_value=0, max_value=5000))
def test_weeks_are_whole_and_the_first_day_does_not_count(start: date, days: int) -> None:
    weeks = weeks_between(start, start + timedelta(days=days))
    assert weeks is not None
    assert 7 * weeks <= days < 7 * (weeks + 1)


@given(start=DAYS, days=st.integers(min_value=1, max_value=5000))
def test_not_yet_begun_is_no_weeks(start: date, days: int) -> None:
    assert weeks_between(start, start - timedelta(days=days)) == 0


@given(start=DAYS)
def test_the_same_day_is_nought_and_the_seventh_after_it_one(start: date) -> None:
    assert weeks_between(start, start) == weeks_between(start, start + timedelta(days=6)) == 0
    assert weeks_between(start, start + timedelta(days=7)) == 1


@given(count=COUNTS, denominator=st.integers(min_value=1, max_value=1_000_000))
@example(count=1, denominator=800)
@example(count=1, denominator=187)
def test_percentages_are_half_up_to_two_decimals(count: int, denominator: int) -> None:
    found = percentage(count, denominator)
    assert found is not None
    assert found.as_tuple().exponent == -2
    exact = Fraction(count * 100, denominator)
    # Within half of the last place; exactly between two, the upper one.
    assert -Fraction(1, 200) < exact - Fraction(found) < Fraction(1, 200) or Fraction(found) - exact == Fraction(1, 200)


@given(count=COUNTS)
def test_of_nothing_there_is_no_percentage(count: int) -> None:
    assert percentage(count, 0) is None


@given(whole=st.integers(min_value=1, max_value=100_000))
def test_nothing_and_everything(whole: int) -> None:
    assert percentage(0, whole) == Decimal("0.00")
    assert percentage(whole, whole) == Decimal("100.00")


@given(parts=st.lists(st.integers(min_value=0, max_value=5000), min_size=1, max_size=12))
def test_rows_that_share_a_denominator_add_up_to_within_their_rounding(parts: list[int]) -> None:
    total = sum(parts)
    assume(total)
    shares = [percentage(part, total) or Decimal(0) for part in parts]
    assert abs(sum(shares, Decimal(0)) - 100) <= Decimal("0.005") * len(parts)


@pytest.mark.parametrize(
    ("count", "of", "wanted"),
    [(1, 800, "0.13"), (79, 187, "42.25"), (5, 187, "2.67"), (1, 3, "33.33"), (2, 3, "66.67")],
)
def test_known_ones(count: int, of: int, wanted: str) -> None:
    assert percentage(count, of) == Decimal(wanted)
