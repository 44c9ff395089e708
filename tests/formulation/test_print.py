"""What the family is given fits on one sheet: printed by a real browser with the style sheet of the program."""

import subprocess
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from formulation.models import P
from formulation.services import Line, save_formulation
from tests.conftest import CHROMIUM
from tests.fixtures_cast import Cast, as_, sign_in
from tests.outcomes.test_services import closed_case

SENTENCE = "Three moves in two years, the last one away from the grandmother and from her friends"
HEADINGS = ("in_place", "wider_family", "community", "school", "if_things_slip", "back_in_touch", "who_stays")


def pages(html: str, folder: Path) -> int:
    """A4 pages of a page when Chromium prints it."""
    sheet = Path(settings.BASE_DIR) / "static/build/app.css"
    assert sheet.exists(), "the assets are not built: npm run build"
    source, target = folder / "page.html", folder / "page.pdf"
    source.write_text(html.replace("/static/build/app.css", sheet.as_uri()), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    places = [f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}", source.as_uri()]
    subprocess.run([str(CHROMIUM), *options, *places], check=True, capture_output=True, timeout=60)
    with pikepdf.open(target) as pdf:
        return len(pdf.pages)


@pytest.mark.browser
def test_a_full_formulation_is_one_sheet(cast: Cast, client: Client, tmp_path: Path) -> None:
    with as_(cast.practitioner):
        save_formulation(
            by=cast.practitioner,
            case=cast.case,
            lines=[Line(p, f"{SENTENCE} ({n})", None, cast.child.pk) for p in P for n in range(4)],
            person_ids=[cast.child.pk, cast.mother.pk],
            professionals="Ms Invented, teaching assistant",
            summary=f"{SENTENCE}. " * 6,
        )
    url = reverse("case-formulation", args=[cast.case.pk])
    assert pages(sign_in(client, cast.practitioner).get(url).content.decode(), tmp_path) == 1


@pytest.mark.browser
def test_the_pdf_of_a_full_formulation_is_one_sheet(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        save_formulation(
            by=cast.practitioner,
            case=cast.case,
            lines=[Line(p, f"{SENTENCE} ({n})", None, cast.child.pk) for p in P for n in range(5)],
            person_ids=[cast.child.pk, cast.mother.pk],
            professionals="Ms Invented, teaching assistant",
            summary=f"{SENTENCE}. " * 8,
        )
    answer = sign_in(client, cast.practitioner).get(reverse("formulation-pdf", args=[cast.case.pk, 1]))
    assert answer["Content-Type"] == "application/pdf"
    with pikepdf.open(BytesIO(answer.content)) as document:
        assert len(document.pages) == 1
        assert document.Root.MarkInfo.Marked


@pytest.mark.browser
def test_the_exit_plan_is_one_sheet(cast: Cast, client: Client, tmp_path: Path) -> None:
    closed_case(cast, exit_plan=dict.fromkeys(HEADINGS, f"{SENTENCE}. {SENTENCE}."), family_view=SENTENCE)
    url = reverse("exit-plan", args=[cast.case.pk])
    assert pages(sign_in(client, cast.practitioner).get(url).content.decode(), tmp_path) == 1
