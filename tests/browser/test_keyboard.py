"""The screening board by keyboard alone: from one referral to the next and back, and a decision."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visitors
from tests.browser.steps import has_focus, is_titled, reads, sign_in
from tests.fixtures_cast import Cast, a_family, a_person, a_referral, as_
from triage.models import AgendaItem, Decision, Response

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def tab_to(page: Page, name: str, *, at_most: int = 60) -> None:
    """With Tab alone, to the control of that name; the focus is seen on the way."""
    for _ in range(at_most):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
              const at = document.activeElement;
              return (at.labels?.[0]?.textContent || at.textContent || "").trim();
            }"""
        )
        if found.startswith(name):
            return
    raise AssertionError(f"“{name}” is not reached with {at_most} tabs")


def test_the_board_is_worked_with_the_keyboard_alone(people: Cast, visitor: Visitors) -> None:
    with as_(people.leader):
        child = a_person(a_family(people.cluster, "Lindqvist", number=30), "Astrid", school=people.school)
        second = a_referral(child, number=30, school=people.school, days_ago=2)
        AgendaItem.objects.create(
            cluster=people.cluster, family_id=second.family_id, meeting=people.meeting, referral=second, position=2
        )
    page = visitor()
    sign_in(page, people.leader)
    page.goto(f"/screening/{people.meeting.pk}/{people.referral.pk}/")
    is_titled(page, "Jakub Wójcik")
    page.keyboard.press("n")
    is_titled(page, "Astrid Lindqvist")
    page.keyboard.press("p")
    is_titled(page, "Jakub Wójcik")

    page.keyboard.press("d")
    has_focus(page.get_by_label("Response"))
    page.keyboard.type("Service received")
    tab_to(page, "Family support")
    page.keyboard.press("Space")
    tab_to(page, "Why")
    # While somebody writes, the letters are letters.
    page.keyboard.type("A pen and no mouse: next, previous, decide.")
    tab_to(page, "Decide, next referral")
    page.keyboard.press("Enter")

    reads(page, "is decided")
    is_titled(page, "Astrid Lindqvist")
    with as_(people.leader):
        decision = Decision.objects.get(referral=people.referral)
    assert decision.response == Response.SERVICE
    assert decision.rationale == "A pen and no mouse: next, previous, decide."
