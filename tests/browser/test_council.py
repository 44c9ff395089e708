"""Through the council's directory in a real browser, whose rules of forms and redirects no client of ours keeps."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitors
from tests.browser.steps import is_titled
from tests.clusters.test_signing_in_council import council, directory  # noqa: F401 - fixtures
from tests.fixtures_cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_who_is_known_gets_in_and_who_is_not_is_told(
    people: Cast,
    visitor: Visitors,
    council: Any,  # noqa: F811
    javascript: bool,
) -> None:
    for who, title in (("stranger", "You have no account here"), ("leader", "Home")):
        page = visitor(javascript=javascript, phone=True)
        page.goto("/account/login/")
        page.get_by_role("button", name="council account").click()
        page.wait_for_url(lambda url: url.startswith(council.DIRECTORY_ISSUER))
        page.locator("input[name=sub]").fill(who)
        page.keyboard.press("Enter")
        is_titled(page, title) if who == "stranger" else expect(page).to_have_url(f"{visitor.address}/")
