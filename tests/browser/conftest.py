"""A committed cast, a real server and a browser that talks to it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser import steps
from tests.fixtures_cast import Cast, make_cast

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 812}


@pytest.fixture(autouse=True)
def _files(settings, tmp_path) -> None:
    settings.FILES_ROOT = tmp_path


@pytest.fixture
def people(transactional_db: None) -> Cast:
    """The cast, committed: the server reads it on connections of its own."""
    return make_cast()


class Visitors:
    """Opens a browser context for each person, with its own cookies."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.contexts: list[BrowserContext] = []

    def __call__(self, *, javascript: bool = True, phone: bool = False) -> Page:
        context = self.browser.new_context(
            base_url=self.address,
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            is_mobile=phone,
            java_script_enabled=javascript,
            locale="en-GB",
            timezone_id="Europe/London",
            # A page that leans on a motion would be judged while it moves.
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        context.add_init_script(steps.AXE)
        self.contexts.append(context)
        page = context.new_page()
        steps.watch(page)
        return page


@pytest.fixture
def visitor(browser: Browser, live_server: LiveServer, settings) -> Iterator[Visitors]:
    settings.PUBLIC_URL = live_server.url
    visitors = Visitors(browser, live_server.url)
    yield visitors
    for context in visitors.contexts:
        context.close()
