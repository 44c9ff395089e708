"""Two versions of a formulation beside each other: what came, went, changed and moved. No database here."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from formulation.models import Factor, P

NEW, GONE, CHANGED, TAGS, UP, DOWN = "New", "Gone", "Changed", "Other tags", "Moved up", "Moved down"


@dataclass
class Pair:
    """A factor in the earlier and in the later version, and what became of it, in words."""

    before: Factor | None
    after: Factor | None
    words: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class BoxPair:
    p: P
    pairs: list[Pair]

    @property
    def differs(self) -> bool:
        return any(pair.words for pair in self.pairs)


def matched(before: Sequence[Factor], after: Sequence[Factor]) -> dict[UUID, Factor]:
    """Later factor's key -> the earlier one that it was: by its thread, else by the same words."""
    left = {factor.thread: factor for factor in before}
    found = {factor.pk: left.pop(factor.thread) for factor in after if factor.thread in left}
    by_words: dict[str, list[Factor]] = {}
    for factor in left.values():
        by_words.setdefault(factor.text.casefold(), []).append(factor)
    for factor in after:
        same = by_words.get(factor.text.casefold())
        if factor.pk not in found and same:
            found[factor.pk] = same.pop(0)
    return found


def compared(before: Sequence[Factor], after: Sequence[Factor]) -> list[BoxPair]:
    """The six boxes, each factor of either version in exactly one row of each box where it stands or stood."""
    was = matched(before, after)
    became = {factor.pk: later for later in after if (factor := was.get(later.pk))}
    return [BoxPair(p, _box(p, before, after, was, became)) for p in P]


def _box(
    p: P, before: Sequence[Factor], after: Sequence[Factor], was: dict[UUID, Factor], became: dict[UUID, Factor]
) -> list[Pair]:
    earlier, later = [f for f in before if f.p == p], [f for f in after if f.p == p]
    place = {factor.pk: number for number, factor in enumerate(earlier)}
    stayed = [factor for factor in later if factor.pk in was and was[factor.pk].pk in place]
    order = [place[was[factor.pk].pk] for factor in stayed]
    in_order = _longest_rising(order)
    moved = {
        factor.pk: UP if number < sorted(order).index(order[number]) else DOWN
        for number, factor in enumerate(stayed)
        if number not in in_order
    }
    pairs = []
    for factor in later:
        old = was.get(factor.pk)
        if old is None:
            pairs.append(Pair(None, factor, [NEW]))
            continue
        words = [] if old.p == p else [f"Moved from {P(old.p).label}"]
        words += [CHANGED] if old.text != factor.text else []
        words += [TAGS] if (old.domain_id, old.person_id) != (factor.domain_id, factor.person_id) else []
        words += [moved[factor.pk]] if factor.pk in moved else []
        pairs.append(Pair(old if old.p == p else None, factor, words))
    for factor in earlier:
        now = became.get(factor.pk)
        if now is None or now.p != p:
            words = [GONE] if now is None else [f"Moved to {P(now.p).label}"]
            pairs.insert(_after(pairs, earlier, place[factor.pk]), Pair(factor, None, words))
    return pairs


def _after(pairs: list[Pair], earlier: list[Factor], place: int) -> int:
    """Where a row that is only in the earlier version stands: behind the one that it stood behind."""
    if place == 0:
        return 0
    behind = earlier[place - 1].pk
    return 1 + next((n for n, pair in enumerate(pairs) if pair.before and pair.before.pk == behind), len(pairs) - 1)


def _longest_rising(values: list[int]) -> set[int]:
    """Positions of a longest rising run: what kept its order, so that as few as possible are said to have moved."""
    tails: list[int] = []
    at: list[int] = []
    before: list[int] = []
    for number, value in enumerate(values):
        place = bisect_left(tails, value)
        before.append(at[place - 1] if place else -1)
        if place == len(tails):
            tails.append(value)
            at.append(number)
        else:
            tails[place], at[place] = value, number
    found, number = set(), at[-1] if at else -1
    while number >= 0:
        found.add(number)
        number = before[number]
    return found
