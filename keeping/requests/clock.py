"""When an answer is due. Pure functions of dates; nothing here reads a record.

Subject access and rectification [UK GDPR Art. 12(3); ICO, "A guide to subject access"]: one calendar month from the day
of receipt, whether that is a working day or not; the corresponding date of the month after, or its last day where there
is none; moved to the next working day when it falls on a weekend or a bank holiday. Two months more when the request is
complex. The time begins when identity was shown where it had to be asked for, and stands still while we wait
for a clarification [ICO, "stop the clock"; Data (Use and Access) Act 2025, s. 76].
"""

from calendar import monthrange
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from functools import lru_cache

DAY = timedelta(days=1)
Pause = tuple[date, date | None]


def add_months(day: date, months: int) -> date:
    """The corresponding date so many months on; the month's last day where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def easter(year: int) -> date:
    """Easter Sunday, by the reckoning of Meeus, Jones and Butcher."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * i - k - h + m + 32) % 7
    n = (h - m + r + 90) // 25
    return date(year, n, (h - m + r + n + 19) % 32)


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """Bank holidays of England in a year, with their substitutes; days proclaimed once are a setting."""
    sunday = easter(year)
    found = {sunday - 2 * DAY, sunday + DAY, _monday(date(year, 5, 1)), _monday(date(year, 5, 25))}
    found.add(_monday(date(year, 8, 25)))
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        while fixed.weekday() >= 5 or fixed in found:
            fixed += DAY
        found.add(fixed)
    return frozenset(found)


def _monday(day: date) -> date:
    """The first Monday on or after a day."""
    return day + timedelta(days=-day.weekday() % 7)


def is_working(day: date, extra: Collection[date] = ()) -> bool:
    return day.weekday() < 5 and day not in bank_holidays(day.year) and day not in extra


def next_working(day: date, extra: Collection[date] = ()) -> date:
    """The day itself, or the first working day after it."""
    while not is_working(day, extra):
        day += DAY
    return day


def add_working(day: date, count: int, extra: Collection[date] = ()) -> date:
    """So many working days after a day, which does not count itself."""
    while count:
        day += DAY
        count -= is_working(day, extra)
    return day


def paused_days(pauses: Iterable[Pause], *, until: date) -> int:
    """Days that the clock stood still, each counted once; an open pause runs to `until`."""
    total, reached = 0, date.min
    for start, end in sorted(pauses, key=lambda pause: pause[0]):
        begin, stop = max(start, reached), min(end or until, until)
        if stop > begin:
            total += (stop - begin).days
            reached = stop
    return total


def month_due(
    received: date,
    *,
    today: date,
    identity_on: date | None = None,
    pauses: Iterable[Pause] = (),
    extended: bool = False,
    extra: Collection[date] = (),
) -> date:
    """The day by which a request is answered. While a pause is open it moves on with each day.

    received: the day it came. identity_on: the day on which identity was shown, where it had to be asked for.
    """
    begins = max(received, identity_on) if identity_on else received
    counted = [(max(start, begins), end) for start, end in pauses if end is None or end > begins]
    due = add_months(begins, 3 if extended else 1) + timedelta(days=paused_days(counted, until=max(today, begins)))
    return next_working(due, extra)


def extension_until(received: date, *, today: date, **more: object) -> date:
    """The last day on which the person can be told of an extension: within the first month."""
    return month_due(received, today=today, **more)  # type: ignore[arg-type]
