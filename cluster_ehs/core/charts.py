"""Charts drawn on the server: an Altair specification becomes inline SVG, the same in page and PDF.

Colour is never alone: every bar carries its value, series differ by pattern, lines by dash and marker. A picture is
kept by its figures, so the same numbers are drawn once per process. Nothing is fetched: data is inline and no address
is allowed.
"""

import hashlib
import json
import re
import textwrap
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import vl_convert
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

Number = float | int | None
Row = tuple[str, ...]

BRAND, SECOND, THIRD, FOURTH = "#17525f", "#b5811f", "#6b4a8c", "#5d7f2f"
PALETTE = [BRAND, SECOND, THIRD, FOURTH]
DASHES = [[1, 0], [7, 4], [2, 3], [9, 3, 2, 3]]
SHAPES = ["circle", "square", "triangle-up", "diamond"]
INK, QUIET, LINE = "#0b0c0c", "#505a5f", "#dfe6e8"
FONT = "Helvetica Neue, Helvetica, Arial, Noto Sans, sans-serif"
SVG = "http://www.w3.org/2000/svg"
# Lines over the series' own colour, from the second series on; the first stays plain.
PATTERNS = {
    SECOND: '<path d="M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4" stroke="#ffffff" stroke-width="2"/>',
    THIRD: '<circle cx="2" cy="2" r="1.5" fill="#ffffff"/><circle cx="6" cy="6" r="1.5" fill="#ffffff"/>',
    FOURTH: '<path d="M0,2 h8 M0,6 h8" stroke="#ffffff" stroke-width="1.5"/>',
}


@dataclass(frozen=True)
class Chart:
    """A picture with the table it was drawn from. `svg` is empty when there is nothing to draw."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    svg: SafeString
    description: str


def bar_chart(
    title: str, rows: Sequence[Sequence[Any]], *, of: str, series: Sequence[str], unit: str = "", width: int = 460
) -> Chart:
    """Lying bars, one group per row: `rows` are (label, value, …) with one value per name in `series`.

    `of` names the rows ("Service"), `unit` follows each value (" %"). At most four series.
    """
    return chart("bar", title, rows, of, series, unit, width)


def line_chart(
    title: str, rows: Sequence[Sequence[Any]], *, of: str, series: Sequence[str], unit: str = "", width: int = 460
) -> Chart:
    """Lines over the rows in their order, such as months. A missing value (None) leaves a gap. At most four series."""
    return chart("line", title, rows, of, series, unit, width)


def chart(
    kind: str, title: str, rows: Sequence[Sequence[Any]], of: str, series: Sequence[str], unit: str, width: int
) -> Chart:
    if not 1 <= len(series) <= len(PALETTE):
        raise ValueError(f"A chart has one to four series, not {len(series)}")
    figures = tuple((str(row[0]), *(None if value is None else float(value) for value in row[1:])) for row in rows)
    if any(len(row) != len(series) + 1 for row in figures):
        raise ValueError("Each row has a label and one value per series")
    words = describe(kind, figures, tuple(str(name) for name in series), unit)
    drawn = any(value is not None for row in figures for value in row[1:])
    names = tuple(str(name) for name in series)
    svg = picture(kind, str(title), figures, names, unit, width, words) if drawn else ""
    return Chart(
        title=str(title),
        headings=(str(of), *names),
        rows=tuple((str(row[0]), *(written(value, unit) for value in row[1:])) for row in figures),
        svg=mark_safe(svg),  # noqa: S308 (texts were escaped by the drawing; no part comes from elsewhere)
        description=words,
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


@lru_cache(maxsize=512)
def picture(
    kind: str,
    title: str,
    rows: tuple[tuple[Any, ...], ...],
    series: tuple[str, ...],
    unit: str,
    width: int,
    words: str,
) -> str:
    values = [
        {"label": row[0], "series": name, "value": value, "text": written(value, unit)}
        for row in rows
        for name, value in zip(series, row[1:], strict=True)
        if value is not None or kind == "line"
    ]
    base = alt.Chart(alt.Data(values=values))
    order = [row[0] for row in rows]
    drawing = bars(base, order, series, width) if kind == "bar" else lines(base, order, series, width)
    spec = drawing.configure(
        font=FONT,
        background="#ffffff",
        padding=4,
        axis=alt.AxisConfig(
            labelFontSize=14,
            labelColor=INK,
            labelLimit=230,
            titleFontSize=14,
            gridColor=LINE,
            domainColor=QUIET,
            tickColor=QUIET,
        ),
        legend=alt.LegendConfig(
            labelFontSize=14,
            labelColor=INK,
            labelLimit=260,
            orient="top",
            symbolSize=160,
            symbolStrokeWidth=0,
            columnPadding=20,
            title=None,
        ),
        view=alt.ViewConfig(stroke=None),
    ).to_dict()
    raw = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    key = hashlib.sha256(repr((kind, title, rows, series, unit, width)).encode()).hexdigest()[:10]
    return cleaned(raw, key, title, words, patterned=kind == "bar" and len(series) > 1)


def scale_of(series: tuple[str, ...], values: Sequence[Any]) -> alt.Scale:
    return alt.Scale(domain=list(series), range=list(values[: len(series)]))


def bars(base: alt.Chart, order: list[str], series: tuple[str, ...], width: int) -> Any:
    several = len(series) > 1
    # A long label goes over two lines; the table has what does not fit.
    folded = {label: textwrap.wrap(label, 34, max_lines=2, placeholder=" …") for label in order if len(label) > 34}
    words = f"({json.dumps(folded)})[datum.label] || datum.label"
    axis = alt.Axis(domain=False, ticks=False, labelPadding=8, labelExpr=words)
    y = alt.Y("label:N", sort=order, title=None, axis=axis)
    x = alt.X("value:Q", title=None, axis=None, scale=alt.Scale(zero=True, nice=False))
    offset = {"yOffset": alt.YOffset("series:N", sort=list(series))} if several else {}
    legend = alt.Legend() if several else None
    colour = alt.Color("series:N", scale=scale_of(series, PALETTE), legend=legend, sort=list(series))
    marks = base.mark_bar(cornerRadiusEnd=2).encode(x=x, y=y, color=colour, **offset)
    texts = base.mark_text(align="left", dx=5, fontSize=14, color=INK).encode(x=x, y=y, text="text:N", **offset)
    # Room beside the longest bar for its value.
    return (marks + texts).properties(width=width - 180, height=alt.Step(22 if several else 34))


def lines(base: alt.Chart, order: list[str], series: tuple[str, ...], width: int) -> Any:
    names = list(series)
    several = len(series) > 1
    legend = alt.Legend() if several else None
    crowded = len(order) > 8
    x = alt.X(
        "label:N",
        sort=order,
        title=None,
        scale=alt.Scale(type="point", padding=0.3),
        axis=alt.Axis(labelAngle=-40 if crowded else 0, labelOverlap="greedy", labelPadding=6),
    )
    y = alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=5, domain=False, ticks=False, format=",~r"))
    colour = alt.Color("series:N", scale=scale_of(series, PALETTE), legend=legend, sort=names)
    dash = alt.StrokeDash("series:N", scale=scale_of(series, DASHES), legend=None, sort=names)
    shape = alt.Shape("series:N", scale=scale_of(series, SHAPES), legend=legend, sort=names)
    drawn = base.mark_line(strokeWidth=2.5, invalid="break-paths-show-path-domains").encode(
        x=x, y=y, color=colour, strokeDash=dash
    )
    points = base.mark_point(filled=True, size=70, opacity=1).encode(x=x, y=y, color=colour, shape=shape)
    return (drawn + points).properties(width=width - 50, height=210)


def cleaned(raw: str, key: str, title: str, words: str, *, patterned: bool) -> str:
    """The SVG for inlining: a title and a description; no classes, inner roles or style attributes."""
    ET.register_namespace("", SVG)
    root = ET.fromstring(raw)  # noqa: S314 (parses only what vl-convert has just made)
    for element in root.iter():
        style = element.attrib.pop("style", "")
        for declaration in filter(None, (part.strip() for part in style.split(";"))):
            name, _colon, value = declaration.partition(":")
            element.set(name.strip(), value.strip())
        for name in list(element.attrib):
            if name in {"class", "role", "pointer-events"} or name.startswith("aria-"):
                del element.attrib[name]
        colour = element.get("fill", "").lower()
        if patterned and colour in PATTERNS:
            element.set("fill", f"url(#p{key}-{colour[1:]})")
    root.set("role", "img")
    root.set("aria-labelledby", f"t{key} d{key}")
    root.set("focusable", "false")
    heads = [ET.Element(f"{{{SVG}}}title", {"id": f"t{key}"}), ET.Element(f"{{{SVG}}}desc", {"id": f"d{key}"})]
    heads[0].text, heads[1].text = title, words
    if patterned:
        heads.append(ET.fromstring(pattern_definitions(key)))  # noqa: S314 (our own text)
    for place, head in enumerate(heads):
        root.insert(place, head)
    return re.sub(r"\s+xmlns:xlink=\"[^\"]*\"", "", ET.tostring(root, encoding="unicode"))


def pattern_definitions(key: str) -> str:
    patterns = "".join(
        f'<pattern id="p{key}-{colour[1:]}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{colour}"/>{marks}</pattern>'
        for colour, marks in PATTERNS.items()
    )
    return f'<defs xmlns="{SVG}">{patterns}</defs>'
