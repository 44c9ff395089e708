"""A radar: one line per series around a wheel of spokes, drawn by the server as plain SVG, with its table.

Colour is never alone: series differ by dash and by the shape of their points. Nothing is styled inline, so the picture
stands under the content security policy and is the same in a page and in a PDF.
"""

from __future__ import annotations

import hashlib
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from cluster_ehs.core.charts import DASHES, FONT, INK, LINE, PALETTE, QUIET, Chart, written

FILLED = 0.12
Number = float | int | None


@dataclass(frozen=True)
class Frame:
    """How large it is drawn: once for a page and once for a phone, so that letters are never shrunk."""

    width: int
    radius: int
    # Room above the wheel, and names of series side by side below it.
    top: int
    columns: int

    @property
    def centre(self) -> int:
        return self.top + self.radius

    def height(self, names: int) -> int:
        return self.centre + self.radius + 54 + 22 * math.ceil(names / self.columns)

    def point(self, number: int, spokes: int, share: float) -> tuple[float, float]:
        """Where a spoke is at a share of its length; the first points up, the next follow the clock."""
        angle = 2 * math.pi * number / spokes - math.pi / 2
        x = self.width / 2 + self.radius * share * math.cos(angle)
        return round(x, 1), round(self.centre + self.radius * share * math.sin(angle), 1)


WIDE, NARROW = Frame(460, 128, 52, 2), Frame(330, 84, 48, 1)


def radar_chart(
    title: str,
    rows: Sequence[tuple[object, ...]],
    *,
    of: str,
    series: Sequence[str],
    rings: Sequence[int],
) -> Chart:
    """`rows` are (spoke, value, …) with one value per series; None leaves a gap. `rings` are the circles that are
    drawn, the last of them the edge; the middle is 0. Three spokes or more, one to four series.
    """
    if not 1 <= len(series) <= len(PALETTE) or len(rows) < 3:
        raise ValueError("A radar has three spokes or more and one to four series")
    figures: list[tuple[str, tuple[Number, ...]]] = []
    for spoke, *values in rows:
        if len(values) != len(series):
            raise ValueError("Each row has a spoke and one value per series")
        figures.append((str(spoke), tuple(values)))  # type: ignore[arg-type]
    names = tuple(str(name) for name in series)
    words = _described(figures, names)
    drawn = any(value is not None for _spoke, values in figures for value in values)
    about = (str(title), tuple(figures), names, tuple(rings), words)
    svg, narrow = (_picture(*about, frame) if drawn else "" for frame in (WIDE, NARROW))
    table = tuple((spoke, *(written(value, "") for value in values)) for spoke, values in figures)
    safe = [mark_safe(drawing) for drawing in (svg, narrow)]  # noqa: S308 (every text is escaped)
    return Chart(str(title), (str(of), *names), table, safe[0], words, narrow=safe[1])


def _described(rows: Sequence[tuple[str, tuple[Number, ...]]], names: tuple[str, ...]) -> str:
    parts = []
    for spoke, values in rows:
        said = [f"{name} {written(value, '')}" for name, value in zip(names, values, strict=True)]
        parts.append(f"{spoke}: {', '.join(said)}")
    return f"{_('Radar chart')}. {'; '.join(parts)}."


@lru_cache(maxsize=256)
def _picture(
    title: str,
    rows: tuple[tuple[str, tuple[Number, ...]], ...],
    names: tuple[str, ...],
    rings: tuple[int, ...],
    words: str,
    frame: Frame,
) -> str:
    key = hashlib.sha256(repr((title, rows, names, rings, frame)).encode()).hexdigest()[:10]
    spokes, edge, middle = len(rows), rings[-1], frame.width / 2
    height = frame.height(len(names))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{frame.width}" height="{height}" '
        f'viewBox="0 0 {frame.width} {height}" role="img" focusable="false" '
        f'aria-labelledby="t{key} d{key}" font-family="{FONT}">',
        f'<title id="t{key}">{escape(title)}</title><desc id="d{key}">{escape(words)}</desc>',
    ]
    for ring in rings:
        corners = [frame.point(number, spokes, ring / edge) for number in range(spokes)]
        parts.append(f'<polygon points="{_joined(corners)}" fill="none" stroke="{LINE}" stroke-width="1"/>')
    for number, (spoke, _values) in enumerate(rows):
        (x, y), (end_x, end_y) = frame.point(number, spokes, 1), frame.point(number, spokes, 1.1)
        parts.append(f'<line x1="{middle:g}" y1="{frame.centre}" x2="{x}" y2="{y}" stroke="{LINE}" stroke-width="1"/>')
        parts.append(_label(spoke, end_x, end_y, frame))
    for ring in rings:
        x, y = frame.point(0, spokes, ring / edge)
        parts.append(f'<text x="{x + 4:g}" y="{y + 4:g}" font-size="11" fill="{QUIET}">{ring}</text>')
    for place, name in enumerate(names):
        values = [values[place] for _spoke, values in rows]
        parts.append(_series(place, values, edge, frame))
        parts.append(_legend(place, name, len(names), frame))
    return "".join([*parts, "</svg>"])


def _series(place: int, values: list[Number], edge: int, frame: Frame) -> str:
    """The line of a series with a mark on each spoke; broken where there is no value, filled where there is no gap."""
    colour, spokes = PALETTE[place], len(values)
    points = [None if value is None else frame.point(n, spokes, value / edge) for n, value in enumerate(values)]
    dash = " ".join(str(length) for length in DASHES[place])
    stroke = f'stroke="{colour}" stroke-width="2.5" stroke-linejoin="round"' + (
        f' stroke-dasharray="{dash}"' if place else ""
    )
    whole = [point for point in points if point is not None]
    if len(whole) == spokes:
        drawn = f'<polygon points="{_joined(whole)}" fill="{colour}" fill-opacity="{FILLED}" {stroke}/>'
    else:
        pairs = [(points[n], points[(n + 1) % spokes]) for n in range(spokes)]
        drawn = "".join(
            f'<line x1="{a[0]}" y1="{a[1]}" x2="{b[0]}" y2="{b[1]}" {stroke}/>' for a, b in pairs if a and b
        )
    return drawn + "".join(_mark(place, x, y) for x, y in whole)


def _mark(place: int, x: float, y: float) -> str:
    colour = PALETTE[place]
    if place == 0:
        return f'<circle cx="{x}" cy="{y}" r="4.5" fill="{colour}"/>'
    if place == 1:
        return f'<rect x="{x - 4:g}" y="{y - 4:g}" width="8" height="8" fill="{colour}"/>'
    if place == 2:
        return f'<polygon points="{x:g},{y - 5:g} {x + 5:g},{y + 4:g} {x - 5:g},{y + 4:g}" fill="{colour}"/>'
    return f'<polygon points="{x:g},{y - 5:g} {x + 5:g},{y:g} {x:g},{y + 5:g} {x - 5:g},{y:g}" fill="{colour}"/>'


def _label(text: str, x: float, y: float, frame: Frame) -> str:
    off = x - frame.width / 2
    anchor = "middle" if abs(off) < 20 else "start" if off > 0 else "end"
    lines = textwrap.wrap(text, 12, max_lines=2, placeholder="…") or [""]
    top = y + 4 - (7 if len(lines) == 2 else 0)
    if anchor == "middle":
        # Above and below the wheel a label keeps clear of it.
        top += -12 if y < frame.centre else 10
    return "".join(
        f'<text x="{x:g}" y="{top + 15 * number:g}" font-size="14" fill="{INK}" text-anchor="{anchor}">'
        f"{escape(line)}</text>"
        for number, line in enumerate(lines)
    )


def _legend(place: int, name: str, count: int, frame: Frame) -> str:
    """The names below the wheel, row by row."""
    columns = min(count, frame.columns)
    x = 30 + (frame.width - 40) / columns * (place % columns)
    y = frame.height(count) - 14 - 22 * ((count - 1) // columns - place // columns)
    dash = " ".join(str(length) for length in DASHES[place])
    dashed = f' stroke-dasharray="{dash}"' if place else ""
    line = (
        f'<line x1="{x:g}" y1="{y - 5:g}" x2="{x + 34:g}" y2="{y - 5:g}" stroke="{PALETTE[place]}" '
        f'stroke-width="2.5"{dashed}/>'
    )
    text = f'<text x="{x + 42:g}" y="{y:g}" font-size="14" fill="{INK}">{escape(name)}</text>'
    return line + _mark(place, round(x + 17, 1), round(y - 5, 1)) + text


def _joined(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
