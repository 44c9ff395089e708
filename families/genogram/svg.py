"""The two pictures as SVG. Names are text, escaped; how it looks is in the style sheet (`eh-geno`)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from families.genogram.labels import RING_NAMES, notes, wrapped
from families.genogram.layout import HALF, Path, Picture, Placed, Point
from families.genogram.model import Bond, Shape
from families.genogram.network import Network

SMALLEST = 0.8
STEPS = 30  # of 100 px


def genogram_svg(picture: Picture, *, title: str, id: str = "genogram") -> SafeString:
    """The genogram. `id` keeps titles apart where a page holds two pictures."""
    household = format_html_join("", '<path class="eh-geno__home" d="{}Z"/>', ((_d(p),) for p in picture.household))
    lines = format_html_join("", "{}", ((_path(path),) for path in picture.paths))
    figures = format_html_join("", "{}", ((_figure(placed),) for placed in picture.figures))
    return _frame(picture.width, picture.height, title, id, household + lines + figures)


def network_svg(network: Network, *, title: str, id: str = "network") -> SafeString:
    """The support network: rings round the home, ties by what they are like."""
    centre = network.centre
    rings = format_html_join(
        "",
        '<circle class="eh-geno__ring" cx="{0}" cy="{0}" r="{1}"/>',
        ((centre, radius) for _, radius in network.rings),
    )
    home = format_html('<circle class="eh-geno__hearth" cx="{0}" cy="{0}" r="{1}"/>', centre, network.home_radius)
    spokes = format_html_join("", "{}", ((_spoke(s.start, s.end, s.support),) for s in network.spokes))
    figures = format_html_join("", "{}", ((_figure(placed),) for placed in network.figures))
    labels = format_html_join(
        "",
        '<text class="eh-geno__label" x="{}" y="{}">{}</text>',
        ((x, y, RING_NAMES[ring]) for ring, x, y in network.labels),
    )
    return _frame(network.size, network.size, title, id, rings + home + spokes + labels + figures)


def _frame(width: float, height: float, title: str, id: str, inner: SafeString) -> SafeString:
    # How far the picture may shrink into a narrow page before it is scrolled: in steps that the style sheet knows.
    step = min(math.ceil(width * SMALLEST / 100), STEPS)
    return format_html(
        '<svg class="eh-geno eh-geno--least-{5}" xmlns="http://www.w3.org/2000/svg" role="img" '
        'aria-labelledby="{0}-title" width="{1}" height="{2}" viewBox="0 0 {1} {2}">'
        '<title id="{0}-title">{3}</title>{4}</svg>',
        id,
        math.ceil(width),
        math.ceil(height),
        title,
        inner,
        step,
    )


def _d(points: Sequence[Point]) -> str:
    return " ".join(f"{'L' if n else 'M'}{x:g} {y:g}" for n, (x, y) in enumerate(points))


def _path(path: Path) -> SafeString:
    line = format_html('<path class="eh-geno__line eh-geno__line--{}" d="{}"/>', path.kind, _d(path.points))
    slashes = {Bond.SEPARATED: 1, Bond.FORMER: 1, Bond.DIVORCED: 2}
    count = next((n for bond, n in slashes.items() if bond.value == path.kind), 0)
    return line + _slashes(path.points, count) if count else line


def _slashes(points: Sequence[Point], count: int) -> SafeString:
    """Strokes across the longest level stretch: one for a separation, two for a divorce."""
    levels = [(a, b) for a, b in itertools.pairwise(points) if a[1] == b[1]]
    (ax, y), (bx, _) = max(levels, key=lambda pair: abs(pair[0][0] - pair[1][0]))
    left = min(ax, bx) + min(abs(bx - ax), 92) * 0.36
    marks = ((left + n * 7, y) for n in range(count))
    return format_html_join(
        "", '<path class="eh-geno__slash" d="M{} {}L{} {}"/>', ((x - 4, y + 9, x + 5, y - 9) for x, y in marks)
    )


def _spoke(start: Point, end: Point, support: str) -> SafeString:
    (ax, ay), (bx, by) = start, end
    if support == "strained":
        return format_html('<path class="eh-geno__tie eh-geno__tie--strained" d="{}"/>', _d(_zigzag(start, end)))
    line = format_html('<path class="eh-geno__tie eh-geno__tie--{}" d="M{} {}L{} {}"/>', support, ax, ay, bx, by)
    if support != "broken_off":
        return line
    x, y, length = (ax + bx) / 2, (ay + by) / 2, math.hypot(bx - ax, by - ay) or 1.0
    nx, ny = -(by - ay) / length * 8, (bx - ax) / length * 8
    tx, ty = (bx - ax) / length * 3, (by - ay) / length * 3
    bars = ((x + tx * s, y + ty * s) for s in (-1, 1))
    return line + format_html_join(
        "",
        '<path class="eh-geno__slash" d="M{} {}L{} {}"/>',
        ((round(a - nx, 1), round(b - ny, 1), round(a + nx, 1), round(b + ny, 1)) for a, b in bars),
    )


def _zigzag(start: Point, end: Point) -> list[Point]:
    (ax, ay), (bx, by) = start, end
    length = math.hypot(bx - ax, by - ay) or 1.0
    count = max(2, int(length // 9))
    nx, ny = -(by - ay) / length * 5, (bx - ax) / length * 5
    middle = [
        (
            round(ax + (bx - ax) * n / count + nx * (1 if n % 2 else -1), 1),
            round(ay + (by - ay) * n / count + ny * (1 if n % 2 else -1), 1),
        )
        for n in range(1, count)
    ]
    return [start, *middle, end]


# --- one figure ---
def _figure(placed: Placed) -> SafeString:
    figure, x, y = placed.figure, placed.x, placed.y
    parts = [_shape(figure.shape, x, y, HALF, "eh-geno__shape")]
    if figure.index:
        parts.append(_shape(figure.shape, x, y, HALF - 5, "eh-geno__shape eh-geno__shape--inner"))
    if figure.dead:
        parts.append(
            format_html(
                '<path class="eh-geno__cross" d="M{0} {2}L{1} {3}M{1} {2}L{0} {3}"/>',
                x - HALF, x + HALF, y - HALF, y + HALF,
            )
        )  # fmt: skip
    if figure.age is not None and not figure.dead:
        parts.append(format_html('<text class="eh-geno__age" x="{}" y="{}">{}</text>', x, y + 5, figure.age))
    lines = [(line, "eh-geno__name") for line in wrapped(figure.name)]
    lines += [(line, "eh-geno__note") for line in notes(figure)]
    for n, (line, kind) in enumerate(lines):
        parts.append(format_html('<text class="{}" x="{}" y="{}">{}</text>', kind, x, y + HALF + 15 + n * 14, line))
    return format_html('<g class="eh-geno__figure"><title>{}</title>{}</g>', figure.name, SafeString("".join(parts)))


def _shape(shape: Shape, x: float, y: float, half: float, kind: str) -> SafeString:
    if shape is Shape.CIRCLE:
        return format_html('<circle class="{}" cx="{}" cy="{}" r="{}"/>', kind, x, y, half)
    if shape is Shape.DIAMOND:
        corners: Iterable[Point] = ((x, y - half), (x + half, y), (x, y + half), (x - half, y))
        return format_html('<path class="{}" d="{}Z"/>', kind, _d(tuple(corners)))
    rounded = 10 if shape is Shape.BOX else 0
    return format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="{}"/>', kind, x - half, y - half, 2 * half,
        2 * half, rounded,
    )  # fmt: skip
