"""The screening board in a real browser: by keyboard with the script, and without any script."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.steps import has_focus
from tests.fixtures_cast import Cast, as_, make_cast, sign_in
from tests.triage.test_board import another
from triage.models import Decision, Response

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@contextmanager
def board(browser: Browser, live_server: LiveServer, cast: Cast, *, script: bool) -> Iterator[Page]:
    with browser.new_context(java_script_enabled=script, viewport={"width": 1280, "height": 900}) as context:
        session = sign_in(Client(), cast.leader).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.goto(f"{live_server.url}/screening/{cast.meeting.pk}/{cast.referral.pk}/")
        yield page


def test_by_keyboard_and_with_only_what_the_response_needs(browser: Browser, live_server: LiveServer) -> None:
    cast = make_cast()
    another(cast, "Aaa", 12)
    with board(browser, live_server, cast, script=True) as page:
        page.keyboard.press("n")
        expect(page.get_by_role("heading", name="Kim Aaa")).to_be_visible()
        page.keyboard.press("p")
        expect(page.get_by_role("heading", name="Jakub Wójcik")).to_be_visible()
        page.keyboard.press("d")
        response = page.get_by_label("Response")
        has_focus(response)
        family_support = page.get_by_label("Family support", exact=True)
        expect(family_support).to_be_hidden()
        response.select_option(Response.SERVICE_AND_PASSED_ON)
        family_support.check()
        find = page.get_by_label("Find a partner service")
        find.fill("mind")
        expect(page.get_by_label("The Beck", exact=True)).to_be_hidden()
        page.get_by_label("MindMate", exact=True).check()
        # What the next response does not need is hidden and not sent.
        response.select_option(Response.PASSED_ON)
        expect(family_support).to_be_hidden()
        page.get_by_label("Why").fill("They know the family.")
        page.get_by_role("button", name="Decide, next referral").click()
        expect(page.get_by_role("heading", name="Kim Aaa")).to_be_visible()
        with as_(cast.leader):
            decision = Decision.objects.get(referral=cast.referral)
            assert (decision.response, decision.offers.count()) == (Response.PASSED_ON, 0)
            assert list(decision.passed_on.values_list("partner__name", flat=True)) == ["MindMate"]


def test_twenty_prepared_referrals_take_twenty_page_loads_and_no_mouse(
    browser: Browser, live_server: LiveServer
) -> None:
    cast = make_cast()
    for number in range(19):
        another(cast, f"Family{number:02}", 100 + number)
    with board(browser, live_server, cast, script=True) as page:
        loads = [page.url]
        page.on("load", lambda loaded: loads.append(loaded.url))
        for number in range(20):
            # The heading of the child has the focus, so that it is read out and Tab goes on from there.
            has_focus(page.locator("#child"))
            assert len(loads) == number + 1, loads
            page.keyboard.press("d")
            page.keyboard.type("Service r")
            page.keyboard.press("Tab")
            page.keyboard.press("Space")
            page.keyboard.press("w")
            page.keyboard.type(f"Family support fits, number {number}.")
            with page.expect_navigation():
                page.keyboard.press("Control+Enter")
        # Twenty boards were loaded; the twenty-first page is the recap of them all.
        assert len(set(loads[:20])) == 20
        expect(page.get_by_role("heading", name="Recap")).to_be_visible()
        with as_(cast.leader):
            decisions = Decision.objects.filter(meeting=cast.meeting, response=Response.SERVICE)
            assert decisions.count() == 20
            assert {decision.offers.get().service.name for decision in decisions} == {"Family support"}
            assert decisions.values("rationale").distinct().count() == 20


def test_without_a_script_everything_is_there_and_works(browser: Browser, live_server: LiveServer) -> None:
    cast = make_cast()
    with board(browser, live_server, cast, script=False) as page:
        expect(page.get_by_text("Keys:")).to_be_hidden()
        page.get_by_label("Response").select_option(Response.SERVICE)
        page.get_by_label("Family support", exact=True).check()
        page.get_by_label("Why").fill("Family support fits.")
        page.get_by_role("button", name="Decide, next referral").click()
        expect(page.get_by_role("heading", name="Recap")).to_be_visible()
        with as_(cast.leader):
            assert Decision.objects.get(referral=cast.referral).offers.get().service.name == "Family support"
