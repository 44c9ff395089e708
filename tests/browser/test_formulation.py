"""The formulation by keyboard on a desk and by thumb on a phone: add, reorder, move, tag, save, compare, use."""

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from cluster_ehs.core.scope import acting_as_user
from formulation.models import Factor, P
from tests.browser.conftest import Visitors
from tests.browser.steps import choose, fill, follow, follow_like, has_focus, no_violations, press, reads, sign_in
from tests.fixtures_cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FROM_RIGHT = "تخاف من الليل 👩‍👧"


def line(page: Page, box: str, number: int) -> Locator:
    return page.get_by_label(f"{box}, line {number}", exact=True)


def typed(page: Page, box: str) -> list[str]:
    """What stands in a box, in its order."""
    areas = page.get_by_role("region", name=box).get_by_role("textbox")
    return [text for text in (area.input_value() for area in areas.all()) if text]


def move(page: Page, phone: bool, box: str, number: int, key: str, button: str) -> None:
    """By keys on a desk, by the buttons under the line on a phone."""
    if not phone:
        line(page, box, number).press(f"Alt+{key}")
        return
    row = page.locator("[data-line]").filter(has=line(page, box, number))
    if not row.locator("details").evaluate("details => details.open"):
        row.locator("summary").tap()
    row.locator(f"[data-move={button}]").tap()


@pytest.mark.parametrize("phone", [False, True], ids=["1280", "375"])
def test_a_formulation_is_written_moved_tagged_saved_compared_and_used(
    people: Cast, visitor: Visitors, phone: bool
) -> None:
    page = visitor(phone=phone)
    sign_in(page, people.practitioner)
    page.goto(reverse("formulation-edit", args=[people.case.pk]))
    line(page, "Presenting", 1).fill("Cries at the gate")
    line(page, "Presenting", 1).press("Enter")
    has_focus(line(page, "Presenting", 2))
    line(page, "Presenting", 2).fill(FROM_RIGHT)
    line(page, "Presenting", 2).press("Enter")
    line(page, "Presenting", 3).fill("Broken sleep")
    # A line that is put between two others stands there also when it is saved.
    line(page, "Presenting", 1).press("Enter")
    line(page, "Presenting", 2).fill("Late on Mondays")
    assert typed(page, "Presenting") == ["Cries at the gate", "Late on Mondays", FROM_RIGHT, "Broken sleep"]

    move(page, phone, "Presenting", 4, "ArrowUp", "up")
    assert typed(page, "Presenting") == ["Cries at the gate", "Late on Mondays", "Broken sleep", FROM_RIGHT]
    expect(page.locator("[data-moved]")).to_have_text("Now in Presenting, line 3.")
    move(page, phone, "Presenting", 1, "ArrowDown", "down")
    move(page, phone, "Presenting", 3, "ArrowRight", "predisposing")
    move(page, phone, "Predisposing", 1, "ArrowRight", "precipitating")
    assert typed(page, "Presenting") == ["Late on Mondays", "Cries at the gate", FROM_RIGHT]
    assert typed(page, "Precipitating") == ["Broken sleep"]
    if not phone:
        grip = page.locator("[data-line]").filter(has=line(page, "Precipitating", 1)).locator("[data-grip]")
        grip.hover()
        page.mouse.down()
        # A hand moves a little first: that is what begins the drag.
        place = grip.bounding_box()
        assert place is not None
        page.mouse.move(place["x"] + 12, place["y"] + 22)
        page.mouse.move(place["x"] + 30, place["y"] + 30)
        line(page, "Perpetuating", 1).hover()
        page.mouse.up()
        expect(line(page, "Perpetuating", 1)).to_have_value("Broken sleep")
        move(page, phone, "Perpetuating", 1, "ArrowLeft", "precipitating")

    row = page.locator("[data-line]").filter(has=line(page, "Presenting", 2))
    if not row.locator("details").evaluate("details => details.open"):
        row.locator("summary").click()
    row.get_by_label("Domain of Presenting, line 2").select_option(label="Learning")
    row.get_by_label("Person of Presenting, line 2").select_option(label="Zdeňka")
    expect(row.locator("[data-tags]")).to_have_text("Learning · Zdeňka")
    line(page, "Protective", 1).fill("A close grandmother")
    expect(page.locator("[data-draft-state]")).to_contain_text("Saved", timeout=10_000)
    no_violations(page)
    # The draft is found again as it was arranged.
    page.reload()
    assert typed(page, "Presenting") == ["Late on Mondays", "Cries at the gate", FROM_RIGHT]
    choose(page, "Family members who took part", "Zdeňka", "Jana")
    press(page, "Save formulation")
    reads(page, "Formulation 1 saved.", "Zdeňka and Jana took part", "In progress", "Learning · Zdeňka")
    no_violations(page)
    with acting_as_user(people.practitioner.pk):
        factors = [(f.p, f.text) for f in Factor.objects.order_by("position")]
    assert factors == [
        (P.PRESENTING, "Late on Mondays"),
        (P.PRESENTING, "Cries at the gate"),
        (P.PRESENTING, FROM_RIGHT),
        (P.PRECIPITATING, "Broken sleep"),
        (P.PROTECTIVE, "A close grandmother"),
    ]

    follow(page, "Start a new version")
    move(page, phone, "Precipitating", 1, "ArrowRight", "perpetuating")
    line(page, "Presenting", 1).fill("On time, most Mondays")
    press(page, "Save formulation")
    follow(page, "Compare two versions")
    reads(page, "Moved from Precipitating", "Moved to Perpetuating", "Changed")
    no_violations(page)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0

    page.goto(reverse("case-formulation", args=[people.case.pk]))
    follow_like(page, "Use in the plan: Broken sleep")
    choose(page, "Which goal addresses it?", "A new goal")
    fill(page, "The goal, in the family’s words", "We sleep through")
    page.get_by_label("A close grandmother").check()
    no_violations(page)
    press(page, "Use in the plan")
    page.goto(reverse("case-plan", args=[people.case.pk]))
    reads(page, "No goal addresses yet", "Cries at the gate", "Strengths that the plan builds on")
    no_violations(page)
    page.goto(reverse("case-formulation", args=[people.case.pk]))
    follow(page, "Finish the assessment")
    press(page, "Finish the assessment")
    reads(page, "Assessment: completed.", "keeps this version")
    no_violations(page)
