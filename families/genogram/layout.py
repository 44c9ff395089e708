"""The genogram as numbers: figures with their places, lines as chains of points, the outline of the household.

Lines run in the gaps between rows, each on a track of its own, and between the figures of a row, each in a lane of
its own: so no line runs over a figure or its name. Lengths are SVG units, one to a CSS pixel.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from families.genogram.model import Couple, Figure, Line, Tree
from families.genogram.places import STEP, generations, places

HALF = 24  # half a figure's symbol
CELL = 58  # half the width of a figure with its name
BOX = 50  # half the width of a figure's part of the household
LABEL = 62  # height of the lines under a symbol
ROW = 2 * HALF + LABEL
TRACK = 11
MARGIN = 28
LANES = (0, 7, -7, 12, -12, 4, -4)

Point = tuple[float, float]


@dataclass(frozen=True)
class Placed:
    figure: Figure
    x: float
    y: float  # middle of the symbol


@dataclass(frozen=True)
class Path:
    """A line that joins people: their keys, its points, and which kind it is."""

    joins: tuple[str, ...]
    points: tuple[Point, ...]
    kind: str


@dataclass(frozen=True)
class Picture:
    width: float
    height: float
    figures: tuple[Placed, ...]
    paths: tuple[Path, ...]
    household: tuple[tuple[Point, ...], ...] = ()


@dataclass
class _Level:
    """A height that is known only when all tracks are: of a row, or of a track in the gap above a row."""

    row: int
    track: int | None = None
    up: float = 0.0


@dataclass
class _Draft:
    joins: tuple[str, ...]
    kind: str
    points: list[tuple[float, _Level]]


@dataclass
class _Plan:
    tree: Tree
    row: dict[str, int]
    x: dict[str, float]
    rows: list[list[str]]
    drafts: list[_Draft] = field(default_factory=list)
    tracks: dict[int, list[tuple[float, float, _Level]]] = field(default_factory=lambda: defaultdict(list))
    lanes: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))
    sides: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    tops: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    stems: dict[tuple[str, ...], tuple[float, int]] = field(default_factory=dict)

    # --- where lines may run ---
    def lane(self, row: int, near: float) -> float:
        """A free x between two figures of a row (or outside them), nearest to a place."""
        xs = [self.x[key] for key in self.rows[row]]
        gaps = [xs[0] - STEP / 2, *((a + b) / 2 for a, b in itertools.pairwise(xs)), xs[-1] + STEP / 2]
        number = min(range(len(gaps)), key=lambda n: (abs(gaps[n] - near), n))
        room = near if self._is_free(xs, near) else gaps[number]
        return room + self.next_lane(row, number)

    def next_lane(self, row: int, number: int) -> float:
        self.lanes[(row, number)] += 1
        return LANES[(self.lanes[(row, number)] - 1) % len(LANES)]

    @staticmethod
    def _is_free(xs: Sequence[float], place: float) -> bool:
        return all(abs(x - place) > CELL + 14 for x in xs)

    def track(self, gap: int, one: float, two: float) -> _Level:
        level = _Level(gap, 0)
        self.tracks[gap].append((min(one, two), max(one, two), level))
        return level

    def through(self, x: float, gap: int, to_gap: int) -> list[tuple[float, _Level]]:
        """From a gap to another, past the rows between; points after the start at (x, gap)."""
        points: list[tuple[float, _Level]] = []
        while gap != to_gap:
            passed = gap if to_gap > gap else gap - 1
            lane = self.lane(passed, x)
            level = self.track(gap, x, lane)
            points += [(x, level), (lane, level)]
            x, gap = lane, gap + (1 if to_gap > gap else -1)
        return points

    def side(self, key: str, towards: float) -> tuple[list[tuple[float, _Level]], float]:
        """Out of a symbol's side into the lane beside it: the first two points, and the lane's x."""
        x = self.x[key]
        right = towards >= x
        self.sides[key] += 1
        up = ((self.sides[key] + 1) // 2) * 6.0 * (-1 if self.sides[key] % 2 else 1)
        number = self.rows[self.row[key]].index(key) + (1 if right else 0)
        lane = x + (STEP / 2 if right else -STEP / 2) + self.next_lane(self.row[key], number)
        level = _Level(self.row[key], up=up)
        return [(x + (HALF if right else -HALF), level), (lane, level)], lane

    def top(self, key: str) -> float:
        """x at which the next line enters a symbol from above."""
        offset = (0, 9, -9, 16, -16)[self.tops[key] % 5]
        self.tops[key] += 1
        return self.x[key] + offset


def lay_out(tree: Tree) -> Picture:
    """The genogram of a tree. Every figure stands once; the same tree gives the same picture."""
    if not tree.figures:
        return Picture(0, 0, (), ())
    row = generations(tree)
    x = places(tree, row)
    rows: list[list[str]] = [[] for _ in range(max(row.values()) + 1)]
    for key in sorted(x, key=lambda k: x[k]):
        rows[row[key]].append(key)
    plan = _Plan(tree, row, x, rows)
    for couple in tree.couples:
        _couple(plan, couple)
    _descents(plan)
    for beside in tree.besides:
        _beside(plan, beside.one, beside.two, "sibling" if beside.siblings else "relative")
    return _drawn(plan)


def _couple(plan: _Plan, couple: Couple) -> None:
    one, two = sorted((couple.one, couple.two), key=lambda key: (plan.x[key], key))
    kind = couple.bond.value
    same = plan.row[one] == plan.row[two]
    if same and abs(plan.rows[plan.row[one]].index(one) - plan.rows[plan.row[one]].index(two)) == 1:
        level = _Level(plan.row[one])
        plan.drafts.append(_Draft((one, two), kind, [(plan.x[one] + HALF, level), (plan.x[two] - HALF, level)]))
        plan.stems[_pair(one, two)] = ((plan.x[one] + plan.x[two]) / 2, plan.row[one])
        return
    start, lane = plan.side(one, plan.x[two])
    end, other = plan.side(two, plan.x[one])
    gap = plan.row[one] + 1
    middle = plan.through(lane, gap, plan.row[two] + 1)
    last = middle[-1][0] if middle else lane
    level = plan.track(plan.row[two] + 1, last, other)
    points = [*start, *middle, (last, level), (other, level), *end[::-1]]
    plan.drafts.append(_Draft((one, two), kind, points))


def _pair(one: str, two: str) -> tuple[str, ...]:
    return tuple(sorted((one, two)))


def _descents(plan: _Plan) -> None:
    """Children of the same parents hang on one bar."""
    groups: dict[tuple[tuple[str, ...], Line], list[str]] = defaultdict(list)
    for descent in plan.tree.descents:
        groups[(descent.parents, descent.line)].append(descent.child)
    for (parents, line), children in groups.items():
        below: dict[int, list[str]] = defaultdict(list)
        for child in children:
            below[plan.row[child]].append(child)
        for row, group in sorted(below.items()):
            _sibship(plan, parents, line, row, sorted(group, key=lambda key: plan.x[key]))


def _sibship(plan: _Plan, parents: tuple[str, ...], line: Line, row: int, children: list[str]) -> None:
    tops = {child: plan.top(child) for child in children}
    if parents in plan.stems and plan.stems[parents][1] < row:
        x, from_row = plan.stems[parents]
        if not (len(children) == 1 and abs(x - tops[children[0]]) < 1):
            x = _free_of(plan, x, row)
        start = [(x, _Level(from_row))]
    else:
        first = max(parents, key=lambda key: (plan.row[key], key))
        from_row = plan.row[first]
        start, x = plan.side(first, sum(tops.values()) / len(tops))
    # Down into the gap under the parents, or up into the one above them where the record stands on its head.
    gap = from_row + 1 if row > from_row else from_row
    middle = plan.through(x, gap, row)
    last = middle[-1][0] if middle else x
    level = plan.track(row, min(last, *tops.values()), max(last, *tops.values()))
    for child in children:
        entry = (tops[child], _Level(row, up=HALF))
        points = [*start, *middle, (last, level), (tops[child], level), entry]
        plan.drafts.append(_Draft((*parents, child), line.value, points))


def _free_of(plan: _Plan, x: float, row: int) -> float:
    """Not quite above a figure to which the line does not lead."""
    taken = [plan.x[key] + offset for key in plan.rows[row] for offset in (0, 9, -9)]
    return next((x + by for by in (0, 5, -5, 13, -13, 20, -20) if all(abs(x + by - t) > 3 for t in taken)), x)


def _beside(plan: _Plan, one: str, two: str, kind: str) -> None:
    one, two = sorted((one, two), key=lambda key: (plan.row[key], plan.x[key], key))
    x, other = plan.top(one), plan.top(two)
    middle = plan.through(x, plan.row[one], plan.row[two])
    last = middle[-1][0] if middle else x
    level = plan.track(plan.row[two], last, other)
    start, end = (x, _Level(plan.row[one], up=HALF)), (other, _Level(plan.row[two], up=HALF))
    plan.drafts.append(_Draft((one, two), kind, [start, *middle, (last, level), (other, level), end]))


# --- heights ---
def _drawn(plan: _Plan) -> Picture:
    tall = {gap: _colour(intervals) for gap, intervals in plan.tracks.items()}
    y: list[float] = []
    gaps: list[float] = []
    height = float(MARGIN)
    for number in range(len(plan.rows)):
        gaps.append(height)
        between = tall.get(number, 0) * TRACK
        height += between + (30 if number or between else 0)
        y.append(height + HALF)
        height += ROW
    gaps.append(height)
    height += tall.get(len(plan.rows), 0) * TRACK + MARGIN
    xs = [place for draft in plan.drafts for place, _ in draft.points] + [
        edge for x in plan.x.values() for edge in (x - CELL, x + CELL)
    ]
    shift = MARGIN - min(xs)

    def at(place: float, level: _Level) -> Point:
        if level.track is None:
            return (round(place + shift, 1), round(y[level.row] - level.up, 1))
        return (round(place + shift, 1), round(gaps[level.row] + 12 + level.track * TRACK, 1))

    figures = tuple(
        Placed(figure, round(plan.x[figure.key] + shift, 1), round(y[plan.row[figure.key]], 1))
        for figure in plan.tree.figures
    )
    paths = tuple(
        Path(draft.joins, _straight([at(place, level) for place, level in draft.points]), draft.kind)
        for draft in plan.drafts
    )
    by_key = {placed.figure.key: placed for placed in figures}
    household = outline(_home(plan, by_key))
    return Picture(round(max(xs) + shift + MARGIN, 1), round(height, 1), figures, paths, household)


def _colour(intervals: list[tuple[float, float, _Level]]) -> int:
    """Give each line along a gap a track that no other takes over the same stretch; how many there are."""
    ends: list[float] = []
    for start, end, level in sorted(intervals, key=lambda i: (i[0], -i[1])):
        if end - start < 0.5:
            level.track = 0
            continue
        free = next((n for n, last in enumerate(ends) if last + 6 < start), None)
        if free is None:
            ends.append(end)
            free = len(ends) - 1
        ends[free] = end
        level.track = free
    return max(len(ends), 1)


def _straight(points: Iterable[Point]) -> tuple[Point, ...]:
    """Without points that repeat."""
    kept: list[Point] = []
    for point in points:
        if not kept or kept[-1] != point:
            kept.append(point)
    return tuple(kept)


# --- the household ---
Box = tuple[float, float, float, float]


def _home(plan: _Plan, placed: dict[str, Placed]) -> list[Box]:
    """Boxes that hold those who live there: one for neighbours in a row, joined to those above and below."""
    runs: list[list[Box]] = []
    for keys in plan.rows:
        boxes: list[Box] = []
        before = False
        for key in keys:
            one = placed[key]
            if one.figure.home:
                left = boxes.pop()[0] if before else one.x - BOX
                boxes.append((left, one.y - HALF - 9, one.x + BOX, one.y + HALF + LABEL - 4))
            before = one.figure.home
        runs.append(boxes)
    found = [box for boxes in runs for box in boxes]
    for upper, lower in itertools.pairwise(runs):
        for a in upper:
            for b in lower:
                left, right = max(a[0], b[0]), min(a[2], b[2])
                if right - left > 20:
                    found.append((left, a[3] - 1, right, b[1] + 1))
    return found


def outline(boxes: Sequence[Box]) -> tuple[tuple[Point, ...], ...]:
    """The edges of a union of boxes as closed chains of corners."""
    xs = sorted({x for box in boxes for x in (box[0], box[2])})
    ys = sorted({y for box in boxes for y in (box[1], box[3])})

    def inside(i: int, j: int) -> bool:
        if not (0 <= i < len(xs) - 1 and 0 <= j < len(ys) - 1):
            return False
        x, y = (xs[i] + xs[i + 1]) / 2, (ys[j] + ys[j + 1]) / 2
        return any(box[0] < x < box[2] and box[1] < y < box[3] for box in boxes)

    edges: dict[Point, list[Point]] = defaultdict(list)
    for i in range(len(xs) - 1):
        for j in range(len(ys) - 1):
            if inside(i, j):
                a, b, c, d = (xs[i], ys[j]), (xs[i + 1], ys[j]), (xs[i + 1], ys[j + 1]), (xs[i], ys[j + 1])
                for other, start, end in (
                    ((i, j - 1), a, b), ((i + 1, j), b, c), ((i, j + 1), c, d), ((i - 1, j), d, a),
                ):  # fmt: skip
                    if not inside(*other):
                        edges[start].append(end)
    chains = []
    while edges:
        start = min(edges)
        chain, here = [start], start
        while edges.get(here):
            there = edges[here].pop(0)
            if not edges[here]:
                del edges[here]
            chain.append(there)
            here = there
        chains.append(_corners(chain))
    return tuple(chains)


def _corners(chain: Sequence[Point]) -> tuple[Point, ...]:
    closed = list(chain[:-1])
    kept = []
    for n, point in enumerate(closed):
        before, after = closed[n - 1], closed[(n + 1) % len(closed)]
        if not (before[0] == point[0] == after[0] or before[1] == point[1] == after[1]):
            kept.append(point)
    return tuple(kept)
