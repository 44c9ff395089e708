"""The support network as numbers: the home in the middle, family, friends and professionals in rings around it.

Each person outside the home stands in a direction of its own, so that no tie runs through somebody else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from families.genogram.labels import notes, wrapped
from families.genogram.layout import CELL, HALF, LABEL, MARGIN, Placed
from families.genogram.model import Figure, Ring, Tree

OUTSIDE = (Ring.FAMILY, Ring.FRIENDS, Ring.PROFESSIONALS)
WIDE = 2 * CELL + 8
TALL = 2 * HALF + LABEL + 8
APART = 118  # from ring to ring


@dataclass(frozen=True)
class Spoke:
    """A tie from the home to somebody outside it."""

    key: str
    start: tuple[float, float]
    end: tuple[float, float]
    support: str


@dataclass(frozen=True)
class Network:
    size: float
    home_radius: float
    rings: tuple[tuple[Ring, float], ...]
    figures: tuple[Placed, ...]
    spokes: tuple[Spoke, ...]
    labels: tuple[tuple[Ring, float, float], ...]

    @property
    def centre(self) -> float:
        return self.size / 2


def lay_out_network(tree: Tree) -> Network:
    """Everybody of the record once, and those who help; only rings in which somebody stands are drawn."""
    home = [figure for figure in tree.network if figure.ring is Ring.HOME]
    outside = {ring: [f for f in tree.network if f.ring is ring and f.in_network] for ring in OUTSIDE}
    inner = _in_the_middle(home)
    radius = max((math.hypot(abs(x) + CELL, abs(y) + TALL / 2) for _, x, y in inner), default=60.0) + 10
    present = [ring for ring in OUTSIDE if outside[ring]]
    # Round the clock in turn, so that neighbours in direction mostly stand in different rings.
    mixed = [f for f in chain.from_iterable(zip_longest(*(outside[ring] for ring in present))) if f is not None]
    first = radius + TALL / 2 + 26
    while True:
        radii = {ring: first + n * APART for n, ring in enumerate(present)}
        stand = [(figure, *_on(radii[figure.ring], n, len(mixed))) for n, figure in enumerate(mixed)]
        if _is_clear(stand, radius):
            break
        first += 8
    reach = max((math.hypot(abs(x) + CELL, abs(y) + TALL / 2) for _, x, y in stand), default=radius)
    centre = round(reach + MARGIN, 1)
    figures = tuple(
        Placed(figure, round(centre + x, 1), round(centre + y - LABEL / 2, 1)) for figure, x, y in [*inner, *stand]
    )
    spokes = tuple(_spoke(figure, x, y - LABEL / 2, radius, centre) for figure, x, y in stand)
    rings = tuple((ring, round(radii[ring], 1)) for ring in present)
    labels = [(Ring.HOME, 0.0, radius - 12)] if home else []
    labels += [(ring, *_label(radii[ring], stand)) for ring in present]
    named = tuple((ring, round(centre + x, 1), round(centre + y, 1)) for ring, x, y in labels)
    return Network(2 * centre, round(radius, 1), rings, figures, spokes, named)


def _label(radius: float, stand: Sequence[Stand]) -> tuple[float, float]:
    """Where a ring's name stands: the first place on it, from below round, that nobody and no tie needs."""
    places = [_on(radius, n, 72) for n in sorted(range(72), key=lambda n: abs(n - 36))]
    for x, y in places:
        apart = all(abs(x - a) > WIDE / 2 + 85 or abs(y - b) > TALL / 2 + 14 for _, a, b in stand)
        if apart and not any(_crosses((0.0, 0.0), (a, b), (x, y), 85, 14) for _, a, b in stand):
            return x, y + 4
    return places[0][0], places[0][1] + TALL


Stand = tuple[Figure, float, float]


def _in_the_middle(home: Sequence[Figure]) -> list[Stand]:
    """The household in rows, as square as may be."""
    across = max(1, math.ceil(math.sqrt(len(home) * TALL / WIDE))) if home else 1
    rows = [home[n : n + across] for n in range(0, len(home), across)]
    return [
        (figure, (column - (len(row) - 1) / 2) * WIDE, (line - (len(rows) - 1) / 2) * TALL)
        for line, row in enumerate(rows)
        for column, figure in enumerate(row)
    ]


def _on(radius: float, number: int, of: int) -> tuple[float, float]:
    angle = 2 * math.pi * number / max(of, 1) - math.pi / 2
    return radius * math.cos(angle), radius * math.sin(angle)


def _is_clear(stand: Sequence[Stand], radius: float) -> bool:
    """No two over each other, nobody in the home's circle, no tie through somebody else."""
    for n, (_, x, y) in enumerate(stand):
        nearest = math.hypot(max(abs(x) - WIDE / 2, 0), max(abs(y) - TALL / 2, 0))
        if nearest < radius + 8:
            return False
        for _, a, b in stand[n + 1 :]:
            if abs(x - a) < WIDE and abs(y - b) < TALL:
                return False
        for m, (_, a, b) in enumerate(stand):
            if m != n and _crosses((0.0, 0.0), (x, y - LABEL / 2), (a, b)):
                return False
    return True


def _crosses(
    start: tuple[float, float],
    end: tuple[float, float],
    cell: tuple[float, float],
    wide: float = CELL,
    tall: float = TALL / 2 - 4,
) -> bool:
    """Whether a straight line runs through the cell round a place (slab method)."""
    low, high = 0.0, 1.0
    for axis, half in ((0, wide), (1, tall)):
        step = end[axis] - start[axis]
        near, far = cell[axis] - half - start[axis], cell[axis] + half - start[axis]
        if abs(step) < 1e-9:
            if near > 0 or far < 0:
                return False
            continue
        one, two = sorted((near / step, far / step))
        low, high = max(low, one), min(high, two)
    return low < high


def _spoke(figure: Figure, x: float, y: float, radius: float, centre: float) -> Spoke:
    """From the home's edge to the symbol, or to the words under it where it comes from below."""
    length = math.hypot(x, y) or 1.0
    lines = [*wrapped(figure.name), *notes(figure)]
    half = max(HALF + 6.0, 3.6 * max((len(line) for line in lines), default=0))
    under = HALF + 8.0 + 14 * len(lines)
    end = 1 - (HALF + 6) / length
    if y < 0:
        # The words hang below the symbol: stop before their box.
        across = half / abs(x) if abs(x) > 0.5 else 9.0
        end = min(end, 1 - min(across, under / -y))
    start, end = radius / length, max(end, radius / length)
    return Spoke(
        figure.key,
        (round(centre + x * start, 1), round(centre + y * start, 1)),
        (round(centre + x * end, 1), round(centre + y * end, 1)),
        figure.support,
    )
