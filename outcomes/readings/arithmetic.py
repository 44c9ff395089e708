"""The arithmetic of readings, in pure functions: stages, progress, the 3 × 3 matrix, agreement of two readers.

A reading is a mapping of a domain's code to its points from 1 to 10, None where it was not discussed. Progress is a
move to a higher stage [L 8]; the matrix sets start beside end as low, middle or high [L 9.2], whose cut points the
source does not give: they are settings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from outcomes.readings.scale import HIGHEST, LOWEST, POINTS_A_STAGE, STAGES, Domain

Reading = Mapping[str, int | None]
# Whoever starts as high as this and stays there made no progress and needed none [L 8].
HIGH_STAGES = (4, 5)


class Move(StrEnum):
    """What became of a domain, or of a whole reading, from start to end."""

    HIGHER = "higher"
    KEPT_HIGH = "kept_high"
    SAME = "same"
    LOWER = "lower"
    MISSING = "missing"


class Third(StrEnum):
    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


@dataclass(frozen=True)
class Cuts:
    """Up to `low` is low, up to `middle` is middle, above it is high."""

    low: Decimal = Decimal(4)
    middle: Decimal = Decimal(7)

    def __post_init__(self) -> None:
        if not LOWEST <= self.low < self.middle <= HIGHEST:
            raise ValueError("The cut points lie between 1 and 10, the lower one first")


DEFAULT_CUTS = Cuts()


def stage_of(points: int) -> int:
    """The stage from 1 to 5 of points from 1 to 10. Raises ValueError outside them."""
    if not LOWEST <= points <= HIGHEST:
        raise ValueError(f"A reading is from 1 to 10, not {points}")
    return (points + 1) // POINTS_A_STAGE


def mean(reading: Reading, domains: Iterable[str] | None = None) -> Fraction | None:
    """The mean of what was discussed, of the given domains or of all; None of nothing."""
    values = [reading.get(domain) for domain in (Domain.values if domains is None else domains)]
    known = [value for value in values if value is not None]
    return Fraction(sum(known), len(known)) if known else None


def in_both(start: Reading, end: Reading) -> list[str]:
    """Domains that were discussed both times: only they can be compared."""
    return [d for d in Domain.values if start.get(d) is not None and end.get(d) is not None]


def move(start: int | None, end: int | None) -> Move:
    """Of one domain. Two points within a stage are no move."""
    if start is None or end is None:
        return Move.MISSING
    before, after = stage_of(start), stage_of(end)
    if after > before:
        return Move.HIGHER
    if after < before:
        return Move.LOWER
    return Move.KEPT_HIGH if before in HIGH_STAGES else Move.SAME


def overall(start: Reading, end: Reading) -> Move:
    """Of a family: a higher stage in one domain or more is progress [L 8], whatever the others did.

    Lower: none is higher and one is lower. Kept high: every domain that was read twice stayed high.
    """
    moves = {move(start.get(domain), end.get(domain)) for domain in in_both(start, end)}
    if not moves:
        return Move.MISSING
    if Move.HIGHER in moves:
        return Move.HIGHER
    if Move.LOWER in moves:
        return Move.LOWER
    return Move.KEPT_HIGH if moves == {Move.KEPT_HIGH} else Move.SAME


def stages_moved(start: Reading, end: Reading) -> int:
    """Stages gained less stages lost, over the domains that were read twice."""
    return sum(stage_of(end[d] or 0) - stage_of(start[d] or 0) for d in in_both(start, end))


def third(value: Fraction | int | None, cuts: Cuts = DEFAULT_CUTS) -> Third | None:
    """Low, middle or high; None when there is no value."""
    if value is None:
        return None
    if value <= Fraction(cuts.low):
        return Third.LOW
    return Third.MIDDLE if value <= Fraction(cuts.middle) else Third.HIGH


@dataclass(frozen=True)
class Matrix:
    """Families by where they started and ended. `missing`: those without both."""

    cells: Mapping[tuple[Third, Third], int]
    missing: int

    @property
    def total(self) -> int:
        return sum(self.cells.values())

    def row(self, start: Third) -> int:
        return sum(self.cells[start, end] for end in Third)

    def column(self, end: Third) -> int:
        return sum(self.cells[start, end] for start in Third)


def matrix(
    pairs: Iterable[tuple[Reading | None, Reading | None]], cuts: Cuts = DEFAULT_CUTS, domain: str = ""
) -> Matrix:
    """The 3 × 3 matrix of families, overall by the mean of the domains read twice, or of one domain.

    Every pair is counted once: in a cell, or as missing.
    """
    cells = Counter({(start, end): 0 for start in Third for end in Third})
    missing = 0
    for start, end in pairs:
        domains = in_both(start or {}, end or {})
        compared = [d for d in domains if not domain or d == domain]
        before = third(mean(start or {}, compared), cuts)
        after = third(mean(end or {}, compared), cuts)
        if before is None or after is None:
            missing += 1
        else:
            cells[before, after] += 1
    return Matrix(dict(cells), missing)


@dataclass(frozen=True)
class Agreement:
    """How two readers of the same records agree over `n` pairs; the shares are of n, kappa is None where it has none.

    kappa: 1 is full agreement, 0 what chance would give.
    """

    n: int
    exact: int
    within_a_stage: int
    kappa: float | None
    not_paired: int = 0


def weighted_kappa(pairs: Sequence[tuple[int, int]], lowest: int = LOWEST, highest: int = HIGHEST) -> float | None:
    """Cohen's kappa with quadratic weights (Cohen 1968): near misses count for less than wide ones.

    None of no pairs, and where chance alone would give full agreement (both readers gave one and the same value).
    """
    if not pairs:
        return None
    values = range(lowest, highest + 1)
    n, width = len(pairs), (highest - lowest) ** 2
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    seen = sum(Fraction((a - b) ** 2, width) for a, b in pairs)
    by_chance = sum(Fraction((a - b) ** 2 * first[a] * second[b], width * n) for a in values for b in values)
    return None if by_chance == 0 else float(1 - seen / by_chance)


def agreement(pairs: Iterable[tuple[int | None, int | None]]) -> Agreement:
    """Exact, within one stage, and weighted kappa, of the domains that both readers rated."""
    everything = list(pairs)
    both = [(a, b) for a, b in everything if a is not None and b is not None]
    exact = sum(a == b for a, b in both)
    near = sum(abs(stage_of(a) - stage_of(b)) <= 1 for a, b in both)
    rated = [pair for pair in everything if pair != (None, None)]
    return Agreement(len(both), exact, near, weighted_kappa(both), len(rated) - len(both))


def stage_name(points: int) -> str:
    return STAGES[stage_of(points) - 1]
