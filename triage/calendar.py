"""On which days a pattern's meetings fall, and what school holidays do to them. Nothing here reads or writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from triage.models import MeetingPattern, SchoolHoliday

WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Occurrence:
    """A meeting as its pattern gives it: the day by the pattern, the day it is held on or None, and why they differ."""

    planned_for: date
    held_on: date | None
    note: str


def days(pattern: MeetingPattern, first: date, last: date) -> Iterator[date]:
    """The days of a pattern from `first` to `last`, both included."""
    first = max(first, pattern.starts_on)
    last = min(last, pattern.ends_on) if pattern.ends_on else last
    day = first + timedelta(days=(pattern.weekday - first.weekday()) % 7)
    while day <= last:
        if pattern.week_of_month is None or _in_week(day, pattern.week_of_month):
            yield day
        day += WEEK


def _in_week(day: date, week: int) -> bool:
    if week == MeetingPattern.WeekOfMonth.LAST:
        return (day + WEEK).month != day.month
    return (day.day - 1) // 7 + 1 == week


def holiday_on(day: date, holidays: Sequence[SchoolHoliday]) -> SchoolHoliday | None:
    return next((holiday for holiday in holidays if holiday.starts_on <= day <= holiday.ends_on), None)


def occurrences(
    pattern: MeetingPattern, holidays: Sequence[SchoolHoliday], first: date, last: date
) -> list[Occurrence]:
    """A meeting that falls on a holiday is not held, or moves to the same weekday after it.

    A weekly one never moves: the next week has its own meeting already.
    """
    found = []
    for day in days(pattern, first, last):
        holiday = holiday_on(day, holidays)
        if holiday is None:
            found.append(Occurrence(day, day, ""))
        elif pattern.on_holiday == MeetingPattern.OnHoliday.SKIP or pattern.week_of_month is None:
            found.append(Occurrence(day, None, f"Not held: {holiday.name}"))
        else:
            moved = day
            while holiday_on(moved, holidays):
                moved += WEEK
            found.append(Occurrence(day, moved, f"Moved from {day.day} {day:%B}: {holiday.name}"))
    return found


def moment(day: date, pattern: MeetingPattern) -> datetime:
    """The time of day in London, summer and winter."""
    return timezone.make_aware(datetime.combine(day, pattern.time))
