"""Bars and lines as SVG text, for `core.charts`: no library, so that a chart takes about a millisecond.

A picture is drawn for the width at which it is shown, in letters of 14 pixels, and never shrunk: `NARROW` is a phone,
where the label of a bar stands above it. Colour is never alone: every bar has its value beside it, series differ by
pattern, lines by dash and marker. The attributes need no style sheet, as the content policy asks.
"""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any

NARROW = 330
SIZE, LEADING = 14, 18
BRAND, SECOND, THIRD, FOURTH = "#17525f", "#b5811f", "#6b4a8c", "#5d7f2f"
PALETTE = [BRAND, SECOND, THIRD, FOURTH]
DASHES = [[1, 0], [7, 4], [2, 3], [9, 3, 2, 3]]
INK, QUIET, LINE = "#0b0c0c", "#505a5f", "#dfe6e8"
FONT = "Helvetica Neue, Helvetica, Arial, Noto Sans, sans-serif"
SVG = "http://www.w3.org/2000/svg"
# Lines over the series' own colour, from the second series on; the first stays plain.
PATTERNS = {
    SECOND: '<path d="M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4" stroke="#ffffff" stroke-width="2"/>',
    THIRD: '<circle cx="2" cy="2" r="1.5" fill="#ffffff"/><circle cx="6" cy="6" r="1.5" fill="#ffffff"/>',
    FOURTH: '<path d="M0,2 h8 M0,6 h8" stroke="#ffffff" stroke-width="1.5"/>',
}
# More markers than this hide the line that they stand on.
MOST_MARKERS = 40

Rows = Sequence[tuple[Any, ...]]
Written = Callable[[Any], str]


def text_width(text: str) -> float:
    """About how many pixels a text takes: Helvetica's widths, a little generous."""
    return SIZE * sum(
        0.3 if c in " .,:;'’|!ijl()[]-ft/" else 0.9 if c in "mwMW%…" else 0.72 if c.isupper() else 0.58 for c in text
    )


def folded(text: str, width: float, most: int) -> list[str]:
    """A text in lines of at most that many pixels; what is left over after the last line is cut off with “…”."""
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < most:
        line = words.pop(0)
        while words and text_width(f"{line} {words[0]}") <= width:
            line = f"{line} {words.pop(0)}"
        lines.append(line)
    if words:
        lines[-1] += " …"
    while lines and text_width(lines[-1]) > width and len(lines[-1]) > 2:
        lines[-1] = lines[-1].removesuffix(" …").removesuffix("…")[:-1].rstrip() + "…"
    return lines


def n(number: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{number:.1f}".rstrip("0").rstrip(".")


def text(x: float, y: float, words: str, anchor: str = "start", fill: str = INK) -> str:
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{n(x)}" y="{n(y)}"{place} fill="{fill}" font-size="{SIZE}">{escape(words)}</text>'


def svg(parts: Iterable[str], width: float, height: float, *, key: str, title: str, words: str, patterns: bool) -> str:
    defined = ""
    if patterns:
        defined = "<defs>" + "".join(pattern(key, colour) for colour in PATTERNS) + "</defs>"
    return (
        f'<svg xmlns="{SVG}" width="{n(width)}" height="{n(height)}" viewBox="0 0 {n(width)} {n(height)}" role="img" '
        f'aria-labelledby="t{key} d{key}" focusable="false" font-family="{FONT}">'
        f'<title id="t{key}">{escape(title)}</title><desc id="d{key}">{escape(words)}</desc>{defined}'
        f'<rect width="{n(width)}" height="{n(height)}" fill="#ffffff"/>{"".join(parts)}</svg>'
    )


def pattern(key: str, colour: str) -> str:
    return (
        f'<pattern id="p{key}-{colour[1:]}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{colour}"/>{PATTERNS[colour]}</pattern>'
    )


def fill(key: str, place: int, several: bool) -> str:
    colour = PALETTE[place]
    return f"url(#p{key}-{colour[1:]})" if several and colour in PATTERNS else colour


def legend(series: Sequence[str], width: float, sign: Callable[[int, float, float], str]) -> tuple[list[str], float]:
    """The names of the series beside their signs, in as many lines as they need; and the height of it."""
    if len(series) < 2:
        return [], 0
    parts, x, y = [], 0.0, 4.0
    for place, name in enumerate(series):
        words = folded(name, width - 34, 1)[0]
        wide = 34 + text_width(words) + 14
        if x and x + wide > width:
            x, y = 0.0, y + LEADING + 4
        parts += [sign(place, x + 2, y), text(x + 30, y + 13, words)]
        x += wide
    return parts, y + LEADING + 10


def bars(rows: Rows, series: Sequence[str], width: int, key: str, written: Written) -> tuple[list[str], float]:
    """Lying bars in groups, one group per row; the parts of the picture and its height."""
    several, above = len(series) > 1, width <= NARROW
    thick = 18 if several else 20

    def swatch(place: int, x: float, y: float) -> str:
        return f'<rect x="{n(x)}" y="{n(y)}" width="22" height="16" fill="{fill(key, place, several)}"/>'

    parts, y = legend(series, width, swatch)
    begin = y
    values = [value for row in rows for value in row[1:] if value is not None]
    most = max([*values, 0]) or 1
    room = max([text_width(written(value)) for value in values], default=0) + 8
    longest = max([text_width(str(row[0])) for row in rows], default=0)
    # A pixel to spare: a label as long as its room is not to be cut for the last digit of a sum.
    left = 0.0 if above else min(longest + 11, width * 0.44)
    scale = (width - left - room - 2) / most
    for row in rows:
        lines = folded(str(row[0]), width if above else left - 10, 2 if above else 3)
        group = thick * len(series)
        if above:
            parts += [text(0, y + 13 + LEADING * at, line) for at, line in enumerate(lines)]
            y += LEADING * len(lines) + 2
            tall = group
        else:
            tall = max(group, LEADING * len(lines))
            top = y + (tall - LEADING * len(lines)) / 2
            parts += [text(left - 8, top + 13 + LEADING * at, line, "end") for at, line in enumerate(lines)]
        for place, value in enumerate(row[1:]):
            at = y + (tall - group) / 2 + place * thick
            if value is None:
                parts.append(text(left + 5, at + thick / 2 + 5, "–"))
                continue
            long = max(value, 0) * scale
            parts.append(
                f'<rect x="{n(left)}" y="{n(at + 1)}" width="{n(long)}" height="{thick - 2}" '
                f'fill="{fill(key, place, several)}"/>'
            )
            parts.append(text(left + long + 5, at + thick / 2 + 5, written(value)))
        y += tall + 12
    if not above:
        parts.append(f'<path d="M{n(left)},{n(begin)} V{n(y - 8)}" stroke="{QUIET}"/>')
    return parts, y


def ticks(most: float) -> list[float]:
    """Round numbers from nought to just above the largest, at most six."""
    step = 1.0
    while most / step > 5:
        step *= 2.5 if str(step)[0] == "2" else 2
    count = int(-(-most // step)) or 1
    return [step * place for place in range(count + 1)]


def marker(place: int, x: float, y: float) -> str:
    """The sign of a series: circle, square, triangle, diamond."""
    colour = PALETTE[place]
    if place == 0:
        return f'<circle cx="{n(x)}" cy="{n(y)}" r="4.5" fill="{colour}"/>'
    if place == 1:
        return f'<rect x="{n(x - 4)}" y="{n(y - 4)}" width="8" height="8" fill="{colour}"/>'
    shape = "l5,9 h-10 z" if place == 2 else "l5.5,5.5 l-5.5,5.5 l-5.5,-5.5 z"
    return f'<path d="M{n(x)},{n(y - 5.5)} {shape}" fill="{colour}"/>'


def stroke(place: int, d: str) -> str:
    dash = f' stroke-dasharray="{" ".join(map(str, DASHES[place]))}"' if place else ""
    return f'<path d="{d}" fill="none" stroke="{PALETTE[place]}" stroke-width="2.5" stroke-linejoin="round"{dash}/>'


def lines(rows: Rows, series: Sequence[str], width: int, key: str, written: Written) -> tuple[list[str], float]:
    """Lines over the rows in their order, from nought; a missing value leaves a gap."""

    def sign(place: int, x: float, y: float) -> str:
        return stroke(place, f"M{n(x)},{n(y + 8)} h24") + marker(place, x + 12, y + 8)

    parts, top = legend(series, width, sign)
    top += 20
    values = [value for row in rows for value in row[1:] if value is not None]
    marks = ticks(max([*values, 0]))
    left = max(text_width(written(mark)) for mark in marks) + 10
    right, tall = 14.0, 190.0
    # A point has half a step to each side, so that the first and the last label fit.
    step = (width - left - right) / max(len(rows), 1)

    def across(place: int) -> float:
        return left + step * (place + 0.5)

    def down(value: float) -> float:
        return top + tall - tall * max(value, 0) / marks[-1]

    for mark in marks:
        parts.append(f'<path d="M{n(left)},{n(down(mark))} H{n(width - right)}" stroke="{LINE if mark else QUIET}"/>')
        parts.append(text(left - 6, down(mark) + 5, written(mark), "end", QUIET))
    bottom = _labels([str(row[0]) for row in rows], parts, across, top + tall + 20, width)
    for place in range(len(series)):
        points = [(at, row[1 + place]) for at, row in enumerate(rows)]
        d, pen = "", "M"
        for at, value in points:
            if value is None:
                pen = "M"
                continue
            d += f"{pen}{n(across(at))},{n(down(value))} "
            pen = "L"
        known = [(at, value) for at, value in points if value is not None]
        if not known:
            continue
        parts.append(stroke(place, d.strip()))
        shown = known if len(known) <= MOST_MARKERS else [known[0], known[-1]]
        parts += [marker(place, across(at), down(value)) for at, value in shown]
        if len(series) == 1:
            parts += _ends(known, across, down, written, width)
    return parts, bottom


def _ends(
    known: Sequence[tuple[int, float]],
    across: Callable[[int], float],
    down: Callable[[float], float],
    written: Written,
    width: float,
) -> list[str]:
    """The first and the last value beside their points, on the side where the line is not: what the title speaks of."""
    found = []
    for (at, value), beside in ((known[0], known[:2][-1]), (known[-1], known[-2:][0])):
        half = text_width(written(value)) / 2
        y = down(value) + (20 if beside[1] > value and down(0) - down(value) > 24 else -9)
        found.append(text(min(max(across(at), half), width - half), y, written(value), "middle"))
    return found[: len(known)]


def _labels(names: Sequence[str], parts: list[str], across: Callable[[int], float], y: float, width: float) -> float:
    """Labels below the line, every so many, so that none meets the next; the first and the last always."""
    if not names:
        return y
    last = len(names) - 1
    names = [(folded(name, width * 0.4, 1) or [""])[0] for name in names]
    halves = [text_width(name) / 2 for name in names]
    centre = [min(max(across(at), halves[at]), width - halves[at]) for at in range(last + 1)]

    def apart(one: int, other: int) -> bool:
        return centre[one] + halves[one] + 10 < centre[other] - halves[other]

    every = next(
        (n for n in range(1, last + 1) if all(apart(at, at + n) for at in range(0, last - n + 1, n))), last or 1
    )
    shown = [at for at in range(0, last, every) if at == 0 or apart(at, last)]
    for at in dict.fromkeys([*shown, last]):
        parts.append(text(centre[at], y, names[at], "middle", QUIET))
    return y + 10
