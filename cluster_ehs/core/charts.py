"""Charts drawn on the server as inline SVG, the same in page and PDF, with the words and the table of their figures.

Each is drawn twice, for a page and for a phone, and the style sheet shows the one that fits. A picture is kept by its
figures, so the same numbers are drawn once per process.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from cluster_ehs.core import drawing
from cluster_ehs.core.drawing import DASHES, FONT, INK, LINE, NARROW, PALETTE, QUIET, SVG

__all__ = [
    "DASHES",
    "FONT",
    "INK",
    "LINE",
    "PALETTE",
    "QUIET",
    "SVG",
    "Chart",
    "bar_chart",
    "line_chart",
    "written",
]

Number = float | int | None
Row = tuple[str, ...]


@dataclass(frozen=True)
class Chart:
    """A picture with the table it was drawn from. `svg` is empty when there is nothing to draw.

    narrow: the same for a phone; without it the picture is shown at every width.
    about: a line below the title, where the title says what was found.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    svg: SafeString
    description: str
    narrow: SafeString | str = ""
    about: str = ""


def bar_chart(
    title: str,
    rows: Sequence[Sequence[Any]],
    *,
    of: str,
    series: Sequence[str],
    unit: str = "",
    width: int = 580,
    about: str = "",
) -> Chart:
    """Lying bars, one group per row: `rows` are (label, value, …) with one value per name in `series`.

    `of` names the rows ("Service"), `unit` follows each value (" %"). At most four series.
    """
    return chart("bar", title, rows, of, series, unit, width, about)


def line_chart(
    title: str,
    rows: Sequence[Sequence[Any]],
    *,
    of: str,
    series: Sequence[str],
    unit: str = "",
    width: int = 580,
    about: str = "",
) -> Chart:
    """Lines over the rows in their order, such as months. A missing value (None) leaves a gap. At most four series."""
    return chart("line", title, rows, of, series, unit, width, about)


def chart(
    kind: str,
    title: str,
    rows: Sequence[Sequence[Any]],
    of: str,
    series: Sequence[str],
    unit: str,
    width: int,
    about: str = "",
) -> Chart:
    if not 1 <= len(series) <= len(PALETTE):
        raise ValueError(f"A chart has one to four series, not {len(series)}")
    figures = tuple((str(row[0]), *(None if value is None else float(value) for value in row[1:])) for row in rows)
    if any(len(row) != len(series) + 1 for row in figures):
        raise ValueError("Each row has a label and one value per series")
    names = tuple(str(name) for name in series)
    words = describe(kind, figures, names, unit)
    drawn = any(value is not None for row in figures for value in row[1:])
    wide, narrow = (
        picture(kind, str(title), figures, names, unit, each, words) if drawn else "" for each in (width, NARROW)
    )
    return Chart(
        title=str(title),
        headings=(str(of), *names),
        rows=tuple((str(row[0]), *(written(value, unit) for value in row[1:])) for row in figures),
        svg=mark_safe(wide),  # noqa: S308 (the drawing escapes every text; no part comes from elsewhere)
        description=words,
        narrow=mark_safe(narrow),  # noqa: S308
        about=str(about),
    )


def written(value: Any, unit: str) -> str:
    """A value as the table and the bars show it; an en dash when it is missing."""
    if value is None:
        return "–"
    number = f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{number}{unit}"


def describe(kind: str, rows: tuple[tuple[Any, ...], ...], series: tuple[str, ...], unit: str) -> str:
    """The picture in words, every value of it up to sixty, else its ends."""
    name = _("Bar chart") if kind == "bar" else _("Line chart")
    shown = rows if len(rows) * len(series) <= 60 else (rows[0], rows[-1])
    parts = []
    for row in shown:
        values = [written(value, unit) for value in row[1:]]
        if len(series) > 1:
            values = [f"{label} {value}" for label, value in zip(series, values, strict=True)]
        parts.append(f"{row[0]}: {', '.join(values)}")
    rest = "" if shown == rows else " " + _("The table has all %(n)s rows.") % {"n": len(rows)}
    return f"{name}. {'; '.join(parts)}.{rest}"


@lru_cache(maxsize=1024)
def picture(
    kind: str,
    title: str,
    rows: tuple[tuple[Any, ...], ...],
    series: tuple[str, ...],
    unit: str,
    width: int,
    words: str,
) -> str:
    key = hashlib.sha256(repr((kind, title, rows, series, unit, width)).encode()).hexdigest()[:10]
    draw = drawing.bars if kind == "bar" else drawing.lines
    parts, height = draw(rows, series, width, key, lambda value: written(value, unit))
    patterns = kind == "bar" and len(series) > 1
    return drawing.svg(parts, width, height, key=key, title=title, words=words, patterns=patterns)
