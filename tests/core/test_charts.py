"""Charts: the same figures in picture, words and table, and nothing in them that the content policy drops."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from cluster_ehs.core import charts, drawing
from cluster_ehs.core.charts import bar_chart, line_chart

SERVICES = [("Family support", 23), ("Children’s therapy & <counselling>", 9), ("Attendance", None)]


def bars() -> charts.Chart:
    return bar_chart("Referrals by service", SERVICES, of="Service", series=["Referrals"])


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{{{charts.SVG}}}text")]  # noqa: S314


def test_the_picture_carries_every_value_and_its_words() -> None:
    chart = bars()
    assert {"23", "9"} <= set(texts(chart.svg))
    root = ET.fromstring(chart.svg)  # noqa: S314
    assert root.get("role") == "img"
    ids = {element.get("id"): element.text for element in root if element.get("id")}
    title, words = (ids[name] for name in root.get("aria-labelledby", "").split())
    assert title == "Referrals by service"
    assert words == chart.description
    assert "Family support: 23" in words
    assert "Attendance: –" in words


@pytest.mark.parametrize("series", [["A"], ["A", "B"], ["A", "B", "C", "D"]])
@pytest.mark.parametrize("draw", [bar_chart, line_chart])
def test_nothing_in_it_needs_a_style_a_script_or_an_address(draw: object, series: list[str]) -> None:
    rows = [("One", *range(1, len(series) + 1)), ("Two", *range(5, len(series) + 5))]
    svg = draw("T", rows, of="X", series=series).svg  # type: ignore[operator]
    assert not re.search(r"style=|<style|<script|href|\son\w+=", svg)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", svg)
    assert not re.search(r"url\((?!#)", svg)


def test_series_differ_by_more_than_colour() -> None:
    rows = [("SEMH", 62, 71), ("Housing", 30, 44)]
    drawn = bar_chart("Needs met", rows, of="Need", series=["Before", "After"])
    assert "<pattern" in drawn.svg
    assert re.search(r'fill="url\(#p', drawn.svg)
    lines = line_chart("Waiting", rows, of="Month", series=["Before", "After"])
    assert "stroke-dasharray" in lines.svg


def test_two_charts_on_one_page_share_no_id() -> None:
    first = bar_chart("One", [("a", 1, 2)], of="X", series=["A", "B"])
    second = bar_chart("Two", [("a", 1, 2)], of="X", series=["A", "B"])
    ids = re.findall(r'\sid="([^"]+)"', first.svg + second.svg)
    assert len(ids) == len(set(ids))


def test_the_same_figures_are_drawn_once() -> None:
    charts.picture.cache_clear()
    assert bars().svg == bars().svg
    assert charts.picture.cache_info().hits == 2
    bar_chart("Referrals by service", [("Family support", 24)], of="Service", series=["Referrals"])
    assert charts.picture.cache_info().misses == 4


def test_a_missing_value_is_a_gap_and_not_a_nought() -> None:
    chart = line_chart("W", [("Jan", 4), ("Feb", None), ("Mar", 6), ("Apr", 7)], of="Month", series=["Waiting"])
    line = max(re.findall(r'\sd="(M[^"]+)"[^>]*stroke-width="2.5"', chart.svg), key=len, default="")
    assert line.count("M") == 2, chart.svg
    assert chart.rows[1] == ("Feb", "–")


def test_no_figures_no_picture() -> None:
    chart = bar_chart("Empty", [], of="X", series=["A"])
    assert chart.svg == ""
    html = Template("{% chart chart %}").render(Context({"chart": chart}))
    assert "There are no figures to draw yet." in html


def test_the_table_is_the_picture() -> None:
    html = Template("{% chart chart %}").render(Context({"chart": bars()}))
    assert "<details" in html
    for cell in ("Service", "Referrals", "Family support", "23", "Children’s therapy &amp; &lt;counselling&gt;", "–"):
        assert cell in html
    assert "<counselling>" not in html


def test_fractions_and_units_are_written_plainly() -> None:
    chart = bar_chart("Shares", [("A", 33.333), ("B", 1250), ("C", 0)], of="X", series=["Share"], unit=" %")
    assert [row[1] for row in chart.rows] == ["33.33 %", "1,250 %", "0 %"]


@pytest.mark.parametrize("series", [[], ["A", "B", "C", "D", "E"]])
def test_more_series_than_patterns_is_a_mistake(series: list[str]) -> None:
    with pytest.raises(ValueError, match="one to four"):
        bar_chart("T", [("a", *range(len(series)))], of="X", series=series)


def boxes(svg: str) -> list[tuple[float, float, float]]:
    """(left, right, baseline) of every text of a picture, as wide as the drawing takes it to be."""
    found = []
    for element in ET.fromstring(svg).iter(f"{{{charts.SVG}}}text"):  # noqa: S314
        x, y, wide = float(element.get("x", 0)), float(element.get("y", 0)), drawing.text_width(element.text or "")
        left = x - {"start": 0, "middle": wide / 2, "end": wide}[element.get("text-anchor", "start")]
        found.append((left, left + wide, y))
    return found


MONTHS = [f"{month} 20{year}" for year in (24, 25, 26) for month in ("March", "July", "November")]
LABELS = st.sampled_from([*MONTHS, "Children’s therapy", "No support appropriate or available due to staffing issues"])
VALUES = st.none() | st.integers(0, 90_000) | st.floats(0, 100)


@given(
    st.sampled_from([bar_chart, line_chart]),
    st.integers(1, 4).flatmap(lambda n: st.lists(st.tuples(LABELS, *[VALUES] * n), min_size=1, max_size=40)),
)
def test_at_either_width_no_word_leaves_the_picture_and_letters_are_not_small(draw, rows) -> None:
    chart = draw("T", rows, of="X", series=["This period", "The period before", "C", "D"][: len(rows[0]) - 1])
    for svg, width in ((chart.svg, 580), (chart.narrow, drawing.NARROW)):
        if not svg:
            continue
        root = ET.fromstring(svg)  # noqa: S314
        height = float(root.get("height", 0))
        assert float(root.get("width", 0)) == width
        assert all(left >= -0.5 and right <= width + 0.5 and 10 < y <= height for left, right, y in boxes(svg)), svg
        assert {element.get("font-size") for element in root.iter(f"{{{charts.SVG}}}text")} == {"14"}


@given(st.lists(LABELS, min_size=2, max_size=130))
def test_labels_below_a_line_do_not_meet_and_name_its_ends(labels: list[str]) -> None:
    parts: list[str] = []
    drawing._labels(labels, parts, lambda at: 40 + 280 * (at + 0.5) / len(labels), 200, drawing.NARROW)
    svg = f'<svg xmlns="{charts.SVG}">{"".join(parts)}</svg>'
    places = sorted(boxes(svg))
    inner = places[:-1]
    assert all(one[1] <= other[0] for one, other in pairwise(inner)), svg
    cut = [(said or "").rstrip(" …") for said in (texts(svg)[0], texts(svg)[-1])]
    assert labels[0].startswith(cut[0]) and labels[-1].startswith(cut[1])


def test_a_phone_gets_a_picture_of_its_own() -> None:
    html = Template("{% chart chart %}").render(Context({"chart": bars()}))
    assert 'class="eh-chart__wide"' in html and 'class="eh-chart__narrow"' in html
    assert html.count("<svg") == 2 and len(set(re.findall(r'\sid="([^"]+)"', html))) == 4
