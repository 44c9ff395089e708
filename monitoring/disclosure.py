"""Disclosure control: which counts stay unsaid in what is given outside, so that no small count can be worked out.

Pure functions over counts and the sums that tie them together; nothing here asks the database.

The rule [domain section 3]: a count from 1 to 4 is not shown, and as many others are not shown as it takes that no
total gives it back. What is said of a count that is not shown can be narrowed down, from all that is shown and
from knowing this rule, to no fewer than four values (`WIDTH` + 1): no less doubt than "1 to 4" leaves.

Zeroes are shown. A nought counts nobody, so it tells of nobody; the evaluation's tables have fixed rows of which many
are nought in a small Cluster, and without them they could not be compared with the publication; and hiding them would
take so many other counts along that little would be left to read. It follows that whoever knows the rule knows a
count that is not shown to be at least one, and the width above is reckoned with that.

Two outputs over days that overlap could be subtracted from one another; `monitoring.given_out` keeps them apart. Within
one output the period before, and the change since, are tied together by the same sums as a table's margins.
"""

import heapq
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count as counting

from cluster_ehs.core.figures import percentage

Key = Hashable

UNDER = 5
WIDTH = 3
NOT_SHOWN = "not shown"
SAID = "Counts under five are not shown, nor are others from which they could be worked out. A nought is shown."
# How many ways are tried to hide one count before its totals are hidden with it.
TRIES = 4000
# A total tells more than a part, so it is hidden only when that spares others.
TOTAL_COSTS = 4


@dataclass(frozen=True)
class Sum:
    """`total` is what `parts` come to. The same key in several sums is the same count: tables share margins so."""

    total: Key
    parts: tuple[Key, ...]


@dataclass(frozen=True)
class Protected:
    """What may be said: `shown` are counts, `hidden` the keys of those that are not shown."""

    shown: Mapping[Key, int]
    hidden: frozenset[Key]

    def say(self, key: Key) -> int | None:
        """The count, or None when it is not shown."""
        return self.shown.get(key)

    def percent(self, key: Key, of: Key) -> Decimal | None:
        """A share, only when both its count and what it is a share of are shown: else either could be computed."""
        count, denominator = self.shown.get(key), self.shown.get(of)
        return None if count is None or denominator is None else percentage(count, denominator)

    def change(self, now: Key, before: Key) -> int | None:
        """The difference of two counts, only when both are shown."""
        first, second = self.shown.get(now), self.shown.get(before)
        return None if first is None or second is None else first - second


def is_small(count: int) -> bool:
    return 0 < count < UNDER


def two_way(rows: Sequence[Key], columns: Sequence[Key], *, total: Key = "total") -> list[Sum]:
    """The sums of a table with margins. Its keys are (row, column); `total` stands for a margin's side."""
    across = [Sum((row, total), tuple((row, column) for column in columns)) for row in (*rows, total)]
    down = [Sum((total, column), tuple((row, column) for row in rows)) for column in (*columns, total)]
    return [*across, *down]


def protect(counts: Mapping[Key, int], sums: Iterable[Sum], *, unsaid: Collection[Key] = ()) -> Protected:
    """Hide each count from 1 to 4 and what else must be hidden with it.

    counts: every count of the output, none below nought. sums: all that ties them together. unsaid: counts that the
    output does not print at all but that a reader can compute, such as those who are not in a row; when small they
    are protected like the others. Raises ValueError when a sum does not come to its total.
    """
    net = _Net(counts, tuple(sums), frozenset(unsaid))
    # The hardest first: what is hidden for one often protects the next.
    for key in sorted((k for k in counts if is_small(counts[k])), key=lambda k: (-len(net.sums_of[k]), counts[k])):
        if key not in net.safe:
            net.hide(key)
    shown = {key: count for key, count in counts.items() if key not in net.hidden and key not in net.unsaid}
    return Protected(shown, frozenset(net.hidden - net.unsaid))


@dataclass
class _Net:
    """Counts tied by sums. A count is safe when some may be moved by the same step, with it, and all sums still hold.

    Such a move is a table that a reader cannot tell from the true one. With one step up and one step down as far as
    they go, every count that takes part is known to no better than the length of both ways together; so each count
    that is hidden because of a move is as safe as the one that it was hidden for.
    """

    counts: Mapping[Key, int]
    sums: tuple[Sum, ...]
    unsaid: frozenset[Key]
    hidden: set[Key] = field(default_factory=set)
    safe: set[Key] = field(default_factory=set)
    sums_of: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(list))
    signs: list[dict[Key, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if any(count < 0 for count in self.counts.values()):
            raise ValueError("A count is below nought")
        for number, each in enumerate(self.sums):
            if self.counts[each.total] != sum(self.counts[part] for part in each.parts):
                raise ValueError(f"The parts of {each.total!r} do not come to it")
            self.signs.append({each.total: 1, **dict.fromkeys(each.parts, -1)})
            for key in (each.total, *each.parts):
                self.sums_of[key].append(number)
        self.totals = {each.total for each in self.sums}
        self.hidden = {key for key, count in self.counts.items() if is_small(count)}

    def hide(self, key: Key) -> None:
        move = self._cheapest_move(key) or self._upwards(key)
        self.hidden.update(move)
        self.safe.update(move)

    def may_move(self, key: Key) -> bool:
        """A nought that is shown stays; nothing else is fixed before it is decided."""
        return self.counts[key] > 0 or key in self.unsaid

    def _cost(self, key: Key) -> float:
        if key in self.hidden or key in self.unsaid:
            return 0.01
        # Few rather than many, small rather than large, parts rather than totals.
        weight = 1 + min(self.counts[key], 1000) / 2000
        return weight * TOTAL_COSTS if key in self.totals else weight

    def _room(self, move: Mapping[Key, int]) -> float:
        """How far a move goes, down and up together, before a count would fall under what it is known to be."""
        ways = []
        for direction in (1, -1):
            falling = [
                self.counts[key] - (0 if key in self.unsaid else 1) for key, step in move.items() if step == direction
            ]
            ways.append(min(falling) if falling else float("inf"))
        return sum(ways)

    def _broken(self, move: Mapping[Key, int], numbers: Iterable[int]) -> dict[int, int]:
        found = {}
        for number in numbers:
            off = sum(self.signs[number].get(key, 0) * step for key, step in move.items())
            if off:
                found[number] = off
        return found

    def _cheapest_move(self, key: Key) -> dict[Key, int] | None:
        """The least that must be hidden so that `key` can move: from sum to sum, the nearest to done first."""
        start = {key: 1}
        ticket = counting()
        queue = [(0.0, next(ticket), 0.0, start, self._broken(start, self.sums_of[key]))]
        seen: set[frozenset[tuple[Key, int]]] = set()
        for _ in range(TRIES):
            if not queue:
                return None
            _, _, cost, move, broken = heapq.heappop(queue)
            if not broken:
                return move
            number = min(broken)
            off = broken[number]
            for other, sign in self.signs[number].items():
                if other in move or not self.may_move(other):
                    continue
                more = {**move, other: -sign if off > 0 else sign}
                name = frozenset(more.items())
                if name in seen or self._room(more) < WIDTH:
                    continue
                seen.add(name)
                still = {n: o for n, o in broken.items() if n not in self.sums_of[other]}
                still |= self._broken(more, self.sums_of[other])
                paid = cost + self._cost(other)
                heapq.heappush(queue, (paid + 0.6 * len(still), next(ticket), paid, more, still))
        return None

    def _upwards(self, key: Key) -> dict[Key, int]:
        """The last resort: everything that hangs together with the count, totals and all. Nothing bounds it then."""
        found, left = {key}, [key]
        while left:
            for number in self.sums_of[left.pop()]:
                new = [other for other in self.signs[number] if other not in found and self.may_move(other)]
                found.update(new)
                left.extend(new)
        return dict.fromkeys(found, 1)
