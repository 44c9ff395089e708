"""Figures of a survey by stratum, with small counts left out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

FEWEST = 5


@dataclass(frozen=True)
class Cell:
    """Answers to one question in one stratum; number and mean are None where they are not shown."""

    number: int | None
    mean: Decimal | None


def cells(values: Mapping[str, Sequence[Decimal]]) -> tuple[dict[str, Cell], Cell]:
    """By stratum, and in all. Fewer than five answers are not shown; nor, then, is the next smallest stratum when the
    total would give the one hidden back."""
    numbers = {name: len(each) for name, each in values.items()}
    total = [value for each in values.values() for value in each]
    hidden = {name for name, number in numbers.items() if 0 < number < FEWEST}
    shown = sorted((name for name in numbers if name not in hidden and numbers[name]), key=lambda name: numbers[name])
    if hidden and shown and (len(hidden) == 1 or sum(numbers[name] for name in hidden) < FEWEST):
        hidden.add(shown[0])
    return (
        {name: Cell(None, None) if name in hidden else _cell(each) for name, each in values.items()},
        _cell(total) if len(total) >= FEWEST or not total else Cell(None, None),
    )


def _cell(values: Sequence[Decimal]) -> Cell:
    if not values:
        return Cell(0, None)
    mean = sum(values, Decimal(0)) / len(values)
    return Cell(len(values), mean.quantize(Decimal("0.1"), ROUND_HALF_UP))


def rate(answered: int, asked: int) -> Decimal | None:
    """Per cent, half up to a whole one; None when nobody was asked."""
    if not asked:
        return None
    return (Decimal(100 * answered) / asked).quantize(Decimal(1), ROUND_HALF_UP)
