"""After signing out, the browser's own Back button shows nothing of a family."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitors
from tests.browser.steps import no_violations, reads, sign_in
from tests.fixtures_cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_back_after_signing_out_shows_nothing(people: Cast, visitor: Visitors) -> None:
    page = visitor()
    sign_in(page, people.practitioner)
    page.goto(f"/families/{people.family.pk}/")
    reads(page, "Novák")
    page.goto(f"/cases/{people.case.pk}/")
    no_violations(page)
    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    for _ in range(3):
        page.go_back()
        expect(page.get_by_text("Novák")).to_have_count(0)
        assert "Zdeňka" not in page.content()
