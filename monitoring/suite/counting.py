"""What the reports of the suite count with: one statement's rows, and the middle and ends of what was counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import connection

from monitoring.suite.shapes import Asked, Column, Kind, Value


def rows_of(sql: str, asked: Asked, **more: Any) -> list[tuple[Any, ...]]:
    """The rows of a report's statement; `asked.sql()` and what else is named are filled in."""
    with connection.cursor() as cursor:
        # Room for the whole city in memory; compiling the statement would take longer than running it.
        cursor.execute("SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)")
        cursor.execute(sql, {**asked.sql(), **more})
        return cursor.fetchall()


class Spread:
    """How long it took, or how many there were, over all that were counted: its middle and its ends."""

    def __init__(self, counted: Iterable[tuple[int, int]] = ()) -> None:
        self._counted: Counter[int] = Counter()
        for value, count in counted:
            self._counted[value] += count

    def add(self, value: int, count: int = 1) -> None:
        self._counted[value] += count

    @property
    def count(self) -> int:
        return self._counted.total()

    def _nth(self, place: int) -> int:
        passed = 0
        for value in sorted(self._counted):
            passed += self._counted[value]
            if passed > place:
                return value
        raise IndexError(place)

    @property
    def middle(self) -> Decimal | None:
        """The median; of an even number the mean of the two in the middle."""
        if not self.count:
            return None
        return Decimal(self._nth((self.count - 1) // 2) + self._nth(self.count // 2)) / 2

    @property
    def most(self) -> int | None:
        """Nine in ten took no longer (the smallest such value)."""
        return self._nth(-(-self.count * 9 // 10) - 1) if self.count else None

    @property
    def longest(self) -> int | None:
        return max((value for value, count in self._counted.items() if count), default=None)

    def between(self, low: int, high: int | None) -> int:
        """How many took from `low` to `high`, both included; without `high` any longer."""
        return sum(n for value, n in self._counted.items() if value >= low and (high is None or value <= high))

    @property
    def figures(self) -> tuple[Value, ...]:
        """The cells of `SPREAD`."""
        return (self.count, self.middle, self.most, self.longest)


def spread_columns(head: str, counted: str, unit: str) -> tuple[Column, ...]:
    """The columns of a table whose rows are spreads; `unit` is “days” or “weeks”."""
    return (
        Column(head, Kind.TEXT),
        Column(counted),
        Column(f"Middle ({unit})", Kind.DAYS),
        Column(f"Nine in ten within ({unit})", Kind.DAYS),
        Column(f"Longest ({unit})", Kind.DAYS),
    )


def banded(spread: Spread, bands: Iterable[tuple[str, int, int | None]]) -> list[tuple[str, int]]:
    return [(name, spread.between(low, high)) for name, low, high in bands]
