"""Ages, weeks and percentages: one function each (design section 5)."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal


def age_in_years(born: date | None, on: date) -> int | None:
    """Whole years of age on a day; None when the birth date is unknown or later than the day.

    Somebody born on 29 February has the birthday on 1 March in other years, as the law of England counts.
    """
    if born is None or born > on:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def year_before(day: date) -> date:
    """The same day a year earlier; the year before 29 February begins on 28 February, as PostgreSQL counts."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def weeks_between(start: date | None, end: date) -> int | None:
    """Whole weeks from a day to another, the first day not counted; None when unknown, 0 when not yet begun."""
    if start is None:
        return None
    return max((end - start).days, 0) // 7


def percentage(count: int, denominator: int) -> Decimal | None:
    """Count as a share of a named denominator, two decimals, half up; None of nothing."""
    if denominator == 0:
        return None
    return (Decimal(count) * 100 / Decimal(denominator)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
