"""The components: their words, and the gallery in a real browser at both widths without a violation."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.template import Context, Template, TemplateSyntaxError
from django.test import Client, override_settings
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

TOO_SMALL = """() =>
  [...document.querySelectorAll("button, .govuk-button, .eh-ticks__label, .eh-nav__link, .govuk-input, select")]
    .filter((element) => element.offsetParent && element.getBoundingClientRect().height < 43.5)
    .map((element) => element.outerHTML.slice(0, 90))"""
NOW = datetime(2026, 11, 22, 10, 52, tzinfo=UTC)


def rendered(source: str, **context: object) -> str:
    return re.sub(r"\s+", " ", Template(source).render(Context(context))).strip()


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("{{ value|long_date }}", date(2026, 11, 7), "7 November 2026"),
        ("{{ value|short_date }}", date(2026, 11, 7), "7 Nov"),
        ("{{ value|short_date }}", date(2025, 11, 7), "7 Nov 2025"),
        ("{{ value|week_day }}", date(2026, 11, 17), "Tue 17 Nov"),
        ("{{ value|clock }}", datetime(2026, 7, 1, 9, 5, tzinfo=UTC), "10:05"),
        ("{{ value|moment }}", datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "1 July 2026 at 00:30"),
        ("{{ value|ago }}", date(2026, 11, 22), "today"),
        ("{{ value|ago }}", date(2026, 11, 21), "yesterday"),
        ("{{ value|ago }}", date(2026, 11, 20), "2 days ago"),
        ("{{ value|ago }}", date(2026, 11, 23), "tomorrow"),
        ("{{ value|ago }}", date(2026, 11, 25), "in 3 days"),
        ("{{ value|ago }}", datetime(2026, 11, 21, 23, 59, tzinfo=UTC), "yesterday"),
        ("{{ value|weeks_text }}", 1, "1 week"),
        ("{{ value|weeks_text }}", 0, "0 weeks"),
        ("{{ value|days_text }}", 19, "19 days"),
        ("{{ value|age_text }}", 9, "9"),
        ("{{ value|age_text }}", 0, "under 1"),
        ("{{ value|age_text }}", None, "age not known"),
        ("{{ value|long_date }}", None, ""),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_dates_and_numbers_as_people_in_england_write_them(source: str, value: object, expected: str) -> None:
    assert rendered(source, value=value) == expected


def test_scores_are_said_in_words() -> None:
    html = rendered("{% sparkline scores aim=8 %}", scores=[3, None, 4.5, 7])
    assert 'aria-label="Scores 3, 4.5, 7 out of 10, aim 8"' in html
    assert "style=" not in html
    assert 'aria-label="No scores yet"' in rendered("{% sparkline scores %}", scores=[])
    assert "<polyline" not in rendered("{% sparkline scores %}", scores=[3])


def test_a_higher_score_lies_higher() -> None:
    points = re.search(r'points="([^"]+)"', rendered("{% sparkline scores %}", scores=[0, 10]))
    assert points
    low, high = (float(point.split(",")[1]) for point in points[1].split())
    assert high < low


@pytest.mark.parametrize(
    ("used", "of", "state"), [(5, 26, ""), (21, 26, "eh-bar--near"), (26, 26, "eh-bar--near"), (27, 26, "eh-bar--over")]
)
def test_a_bar_warns_before_the_allowance_is_used(used: int, of: int, state: str) -> None:
    html = rendered("{% bar used of 'Used' %}", used=used, of=of)
    assert re.findall(r"eh-bar--\w+", html) == ([state] if state else [])
    assert f'max="{of}" value="{min(used, of)}"' in html


def test_nothing_of_nothing_is_an_empty_bar() -> None:
    assert 'max="1" value="0"' in rendered("{% bar 0 0 'None' %}")


def test_labels_are_escaped() -> None:
    for source in (
        "{% tag x %}",
        "{% card x %}y{% endcard %}",
        "{% empty x %}",
        "{% bar 1 2 x %}",
        "{% identity_bar x line=x more=x %}",
        "{% data_table heads rows caption=x %}",
    ):
        html = rendered(source, x="<b>", heads=["<b>"], rows=[["<b>"]])
        assert "<b>" not in html, source
        assert "&lt;b&gt;" in html


def test_an_unknown_colour_is_a_mistake() -> None:
    with pytest.raises(TemplateSyntaxError):
        rendered("{% tag 'x' 'mauve' %}")


def test_a_table_names_its_cells_for_small_screens() -> None:
    html = rendered("{% data_table heads rows numeric='1' %}", heads=["Family", "Weeks"], rows=[["Novák", 14]])
    assert '<th scope="row" class="govuk-table__header">Novák</th>' in html
    assert 'class="govuk-table__cell govuk-table__cell--numeric" data-label="Weeks"' in html


def test_the_pager_shows_only_where_one_can_go() -> None:
    assert rendered("{% pager %}") == ""
    html = rendered("{% pager older='?before=5' %}")
    assert 'href="?before=5"' in html
    assert "Newer" not in html


@pytest.mark.django_db
def test_production_has_no_gallery(client: Client) -> None:
    assert client.get("/gallery/").status_code == 200
    with override_settings(PRODUCTION=True):
        assert client.get("/gallery/").status_code == 404


def test_the_style_sheet_ships_nothing_that_belongs_to_govuk() -> None:
    css = (settings.BASE_DIR / "static/build/app.css").read_text(encoding="utf-8")
    assert "url(" not in css
    assert "@font-face" not in css
    assert "GDS Transport" not in css
    built = {path.suffix for path in (settings.BASE_DIR / "static/build").rglob("*")}
    assert built == {".css", ".js"}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("query", ["", "?errors=1"])
def test_the_gallery_is_clean_at_both_widths(page: Page, live_server: LiveServer, width: int, query: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/gallery/{query}")
    page.wait_for_load_state("networkidle")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []
    assert page.evaluate(TOO_SMALL) == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_an_error_leads_to_its_input(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/gallery/?errors=1")
    for text, target in (
        ("When must be a real date", "id_at-day"),
        ("Date of birth must include a month", "id_born-month"),
        ("Answer “What kind?”", "id_kind"),
        ("Answer “What happened, what next?”", "id_note"),
    ):
        page.get_by_role("link", name=text).click()
        assert page.evaluate("document.activeElement.id") == target
