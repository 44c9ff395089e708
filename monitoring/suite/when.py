"""When a schedule makes its reports, and about which days. Pure: days and rules in, days and periods out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from monitoring.models import Schedule
from monitoring.shapes import Period

When, Covers = Schedule.When, Schedule.Covers
DAY = timedelta(days=1)
# A break of so many days ends a term; a half-term or a training day is shorter.
ENDS_A_TERM = 10
QUARTERS = (1, 4, 7, 10)


@dataclass(frozen=True)
class Due:
    """A day on which reports are to be made, and the days that they are about."""

    on: date
    period: Period


def month_before(day: date) -> tuple[date, date]:
    """First and last day of the calendar month before a day's own."""
    last = day.replace(day=1) - DAY
    return last.replace(day=1), last


def whole_months(day: date, months: int) -> Period:
    """So many whole months, the last of them the one before a day's own."""
    return Period(*month_before(day)).back(months - 1)


def terms(holidays: Sequence[tuple[date, date]]) -> list[Period]:
    """School terms: the days between two breaks of ten days or more (first and last day of each break given)."""
    breaks: list[tuple[date, date]] = []
    for first, last in sorted(holidays):
        if breaks and first <= breaks[-1][1] + DAY:
            breaks[-1] = (breaks[-1][0], max(breaks[-1][1], last))
        else:
            breaks.append((first, last))
    long = [each for each in breaks if (each[1] - each[0]).days + 1 >= ENDS_A_TERM]
    return [Period(one[1] + DAY, two[0] - DAY) for one, two in pairwise(long)]


def due_days(
    schedule: Schedule, after: date, until: date, *, holidays: Sequence[tuple[date, date]] = ()
) -> Iterator[Due]:
    """What falls due after a day and up to another, in order.

    A report made before a day that somebody named, without a number of months, is about the last three.
    """
    if schedule.when == When.TERM:
        for term in terms(holidays):
            if after < term.end + DAY <= until:
                yield Due(term.end + DAY, _covered(schedule, term.end + DAY, term))
        return
    if schedule.when == When.NAMED:
        named = sorted({date.fromisoformat(day) for day in schedule.named_days})
        for day in (each - timedelta(days=schedule.days_before) for each in named):
            if after < day <= until:
                yield Due(day, _covered(schedule, day, whole_months(day, 3)))
        return
    day = after + DAY
    while day <= until:
        own = _own(schedule, day)
        if own is not None:
            yield Due(day, _covered(schedule, day, own))
        day += DAY


def _own(schedule: Schedule, day: date) -> Period | None:
    """The month, quarter or week before, when the day is the schedule's."""
    if schedule.when == When.WEEKLY:
        if day.isoweekday() != schedule.weekday:
            return None
        monday = day - timedelta(days=day.weekday())
        return Period(monday - timedelta(days=7), monday - DAY)
    if day.day != schedule.day_of_month or (schedule.when == When.QUARTERLY and day.month not in QUARTERS):
        return None
    return whole_months(day, 3 if schedule.when == When.QUARTERLY else 1)


def _covered(schedule: Schedule, day: date, own: Period) -> Period:
    return own if schedule.covers == Covers.OWN else whole_months(day, int(schedule.covers))


def first_look(schedule: Schedule, today: date) -> date:
    """The day after which a new schedule is due: its first report is made at once when its day of the running week,
    month or quarter has passed. Terms and named days begin today."""
    if schedule.when == When.WEEKLY:
        return today - timedelta(days=today.weekday()) - DAY
    if schedule.when == When.QUARTERLY:
        return today.replace(month=QUARTERS[(today.month - 1) // 3], day=1) - DAY
    return today.replace(day=1) - DAY if schedule.when == When.MONTHLY else today - DAY
