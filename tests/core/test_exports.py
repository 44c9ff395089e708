"""What leaves the program as a sheet or a document."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pikepdf
import pytest

from cluster_ehs.core import pdf
from cluster_ehs.core.exports import Sheet, as_csv, as_xlsx

MOMENT = datetime(2026, 11, 1, 5, 15, tzinfo=UTC)


def test_text_that_looks_like_a_formula_stays_text() -> None:
    book = openpyxl.load_workbook(
        BytesIO(as_xlsx([Sheet("Reasons", ["Reason", "Count"], [["=1+1", 3]])], title="Report", made_at=MOMENT))
    )
    cell = book["Reasons"]["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert book["Reasons"]["B2"].value == 3
    assert as_csv(["=a"], [["=1+1"], ["@x"], ["ordinary"]]).decode("utf-8-sig").split() == [
        "'=a",
        "'=1+1",
        "'@x",
        "ordinary",
    ]


def test_the_same_figures_make_the_same_workbook() -> None:
    made = [as_xlsx([Sheet("A", ["x"], [[1]])], title="Report", made_at=MOMENT) for _ in range(2)]
    assert made[0] == made[1]


@pytest.fixture
def page(tmp_path: Path, settings: pytest.FixtureRequest) -> str:
    (tmp_path / "page.html").write_text(
        '<!doctype html><html lang="en-GB"><head><title>{{ title }}</title></head><body><h1>{{ title }}</h1>'
        '<img alt="A chart of three bars" src="data:image/svg+xml;utf8,<svg xmlns=%22http://www.w3.org/2000/svg%22 '
        'width=%2210%22 height=%2210%22><rect width=%2210%22 height=%2210%22/></svg>">'
        '{% if outside %}<img alt="x" src="{{ outside }}">{% endif %}'
        "<table><thead><tr><th scope=col>Route</th></tr></thead><tbody><tr><td>School</td></tr></tbody></table>"
        "</body></html>"
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    return "page.html"


@pytest.mark.skipif(bool(pdf.MISSING), reason=pdf.MISSING)
def test_a_pdf_is_tagged_titled_and_in_a_language(page: str) -> None:
    document = pikepdf.open(BytesIO(pdf.render_pdf(page, {"title": "Monitoring report"})))
    assert document.Root.MarkInfo.Marked
    assert str(document.Root.Lang) == "en-GB"
    assert document.Root.ViewerPreferences.DisplayDocTitle
    with document.open_metadata() as metadata:
        assert metadata["dc:title"] == "Monitoring report"
        assert metadata["pdfuaid:part"] == "1"
    tags, alternatives = structure(document.Root.StructTreeRoot)
    assert {"/H1", "/Figure", "/Table", "/TH", "/TD"} <= tags
    assert "A chart of three bars" in alternatives


@pytest.mark.skipif(bool(pdf.MISSING), reason=pdf.MISSING)
def test_a_pdf_is_the_same_each_time_and_loads_nothing_from_outside(
    page: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert pdf.render_pdf(page, {"title": "Same"}) == pdf.render_pdf(page, {"title": "Same"})
    secret = Path(__file__)
    with_file = pdf.render_pdf(page, {"title": "Same", "outside": secret.as_uri()})
    assert b"/Subtype /Image" not in with_file


def structure(node: pikepdf.Object) -> tuple[set[str], set[str]]:
    """Every structure type and every alternative text under a node."""
    tags: set[str] = set()
    alternatives: set[str] = set()
    waiting = [node]
    while waiting:
        at = waiting.pop()
        if not isinstance(at, pikepdf.Dictionary):
            continue
        if "/S" in at:
            tags.add(str(at.S))
        if "/Alt" in at:
            alternatives.add(str(at.Alt))
        kids = at.get("/K", [])
        waiting.extend(kids if isinstance(kids, pikepdf.Array) else [kids])
    return tags, alternatives
