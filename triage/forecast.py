"""How long it may take to the front of a waiting list: a pure reckoning, stated with what it is based on.

Method: the last 26 whole weeks are known by their number of starts. A future is drawn by taking one of these weeks at
random for each week to come; a place is reached in the first week in which as many have started as stand up to it. Of
201 futures, always the same ones, the middle is the median and a tenth lies beyond each end of the range. It supposes
that services go on to start at the rate of these weeks, and that nobody overtakes or leaves the list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

WEEKS = 26
FUTURES = 201
HORIZON = 104
# With fewer starts than this nothing can be said about a rate.
FEWEST = 3


@dataclass(frozen=True)
class Forecast:
    """Weeks to the start: the median, and the range that eight futures of ten lie in. None: beyond two years."""

    median: int | None
    low: int | None
    high: int | None

    @property
    def text(self) -> str:
        if self.median is None:
            return "over two years"
        weeks = "week" if self.median == 1 else "weeks"
        if self.low == self.high:
            return f"about {self.median} {weeks}"
        high = "over 104" if self.high is None else self.high
        return f"about {self.median} {weeks} ({self.low} to {high})"


@lru_cache(maxsize=8)
def _draws(weeks: int) -> tuple[tuple[int, ...], ...]:
    """For each future, which of the known weeks each week to come is like. Always the same."""
    chance = Random(2023)  # noqa: S311 - the same futures every time is what is wanted
    return tuple(tuple(chance.randrange(weeks) for _ in range(HORIZON)) for _ in range(FUTURES))


def forecast(weekly_starts: Sequence[int], ahead: Sequence[int]) -> list[Forecast | None]:
    """For each place the weeks until its service starts; `ahead` counts who starts before it, rising.

    weekly_starts: starts in each of the last whole weeks, those without any as 0.
    None when fewer than three starts are known: then nothing can be said.
    """
    if sum(weekly_starts) < FEWEST:
        return [None] * len(ahead)
    reached = [_weeks_of(draw, weekly_starts, ahead) for draw in _draws(len(weekly_starts))]
    return [_summary([future[place] for future in reached]) for place in range(len(ahead))]


def _weeks_of(draw: Sequence[int], weekly_starts: Sequence[int], ahead: Sequence[int]) -> list[int]:
    """In one future, the week in which each place is reached; HORIZON + 1 when it is not."""
    weeks, started = 0, 0
    found = []
    for before in ahead:
        while started <= before and weeks < HORIZON:
            started += weekly_starts[draw[weeks]]
            weeks += 1
        found.append(weeks if started > before else HORIZON + 1)
    return found


def _summary(weeks: list[int]) -> Forecast:
    weeks.sort()
    low, median, high = (weeks[round((len(weeks) - 1) * part)] for part in (0.1, 0.5, 0.9))
    return Forecast(*(value if value <= HORIZON else None for value in (median, low, high)))
