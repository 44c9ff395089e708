"""A passkey in Chromium's virtual authenticator: added where one is required, then the second step, then all."""

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import Visitors
from tests.browser.steps import is_titled, no_violations, press, reads, sign_in_here
from tests.fixtures_cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def with_authenticator(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_a_passkey_is_added_asked_for_and_enough(
    people: Cast, visitor: Visitors, live_server: LiveServer, settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    # Browsers know passkeys by a host's name, and take no number for one.
    visitor.address = live_server.url.replace("127.0.0.1", "localhost")
    page = visitor(phone=True)
    with_authenticator(page)
    page.goto("/cases/")
    no_violations(page)
    sign_in_here(page, people.practitioner)
    is_titled(page, "Set up a second factor")
    no_violations(page)
    page.get_by_role("button", name="Use a passkey").click()
    is_titled(page, "Add a passkey")
    no_violations(page)
    press(page, "Make the passkey")
    is_titled(page, "Recovery codes")
    expect(page.locator(".eh-codes li")).to_have_count(10)
    no_violations(page)
    page.get_by_role("button", name="I have kept them: go on").click()
    expect(page).to_have_url(re.compile(r"^http://[^/]+/cases/$"))

    # The password asks for it as the second step.
    page.goto("/account/2fa/")
    reads(page, "Chrome on", "added")
    no_violations(page)
    page.goto("/account/logout/")
    press(page.locator("main"), "Sign out")
    sign_in_here(page, people.practitioner)
    is_titled(page, "Second step")
    no_violations(page)
    press(page, "Use your passkey")
    expect(page).to_have_url(re.compile(r"^http://[^/]+/$"))

    # And without the password it is enough.
    page.goto("/account/logout/")
    press(page.locator("main"), "Sign out")
    page.goto("/account/login/?next=/cases/")
    press(page, "Sign in with a passkey")
    expect(page).to_have_url(re.compile(r"^http://[^/]+/cases/$"))
    page.goto("/account/2fa/")
    reads(page, "last used")

    # The last one stays.
    page.get_by_role("link", name="Remove Chrome").click()
    no_violations(page)
    press(page, "Remove")
    expect(page.locator("main")).to_contain_text("Your work needs a second factor")


def test_a_passkey_that_cannot_be_asked_for_leaves_the_other_ways(people: Cast, visitor: Visitors) -> None:
    page = visitor()
    page.goto("/account/login/")
    page.context.set_offline(True)
    press(page, "Sign in with a passkey")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was done")
    page.context.set_offline(False)
    sign_in_here(page, people.practitioner)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    plain = visitor(javascript=False)
    plain.goto("/account/login/")
    expect(plain.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(plain.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
