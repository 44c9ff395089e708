"""The client script in a real browser: what it says about saving is true."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.core import look_urls

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.core.look_urls"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def drafts() -> Iterator[look_urls.Drafts]:
    look_urls.DRAFTS.__init__()
    yield look_urls.DRAFTS


@pytest.fixture
def form(page: Page, live_server: LiveServer, drafts: look_urls.Drafts) -> Page:
    page.goto(f"{live_server.url}/look/note/")
    return page


def test_typing_is_saved_and_said_to_be_saved_only_then(form: Page, drafts: look_urls.Drafts) -> None:
    state = form.locator("[data-draft-state]")
    expect(state).to_be_empty()
    form.get_by_label("What happened?").fill("Zdeňka seen")
    expect(state).to_have_text("Saved 10:52:04")
    assert drafts.data["note"] == ["Zdeňka seen"]
    assert drafts.sent[0]["key"] == "contact:1"
    form.get_by_label("What happened?").fill("Zdeňka and Petr seen")
    form.wait_for_timeout(2500)
    assert drafts.data["note"] == ["Zdeňka and Petr seen"]
    assert [sent["version"] for sent in drafts.sent] == [0, 1]


def test_without_a_connection_the_text_stays_and_is_sent_when_it_is_back(form: Page, drafts: look_urls.Drafts) -> None:
    form.context.set_offline(True)
    form.get_by_label("What happened?").fill("Written on the bus")
    expect(form.locator("[data-draft-state]")).to_have_text("Not saved – no connection, will try again")
    assert drafts.sent == []
    form.context.set_offline(False)
    expect(form.locator("[data-draft-state]")).to_have_text("Saved 10:52:04")
    assert drafts.data["note"] == ["Written on the bus"]


def test_an_ended_sign_in_keeps_the_page_and_its_text(form: Page, drafts: look_urls.Drafts) -> None:
    drafts.answer = "signed out"
    form.get_by_label("What happened?").fill("Half a note")
    expect(form.locator("[data-draft-state]")).to_contain_text("Sign in again in another tab")
    expect(form.get_by_label("What happened?")).to_have_value("Half a note")
    assert form.url.endswith("/look/note/")


def test_the_second_of_two_editors_sees_both_texts(form: Page, drafts: look_urls.Drafts) -> None:
    drafts.version, drafts.data = 5, {"note": ["The other text"]}
    form.get_by_label("What happened?").fill("My own text")
    box = form.locator(".eh-conflict")
    expect(box).to_contain_text("The other text")
    expect(form.get_by_label("What happened?")).to_have_value("My own text")
    assert drafts.data["note"] == ["The other text"]
    box.get_by_role("button", name="Keep my text").click()
    expect(form.locator("[data-draft-state]")).to_have_text("Saved 10:52:04")
    expect(box).to_have_count(0)
    assert drafts.data["note"] == ["My own text"]


def test_nothing_is_left_in_the_browsers_storage(form: Page, drafts: look_urls.Drafts) -> None:
    form.get_by_label("What happened?").fill("Private")
    expect(form.locator("[data-draft-state]")).to_have_text("Saved 10:52:04")
    assert form.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_a_double_click_sends_one_form(form: Page, drafts: look_urls.Drafts) -> None:
    form.get_by_label("What happened?").fill("Once")
    form.get_by_role("button", name="Save contact").dblclick()
    form.wait_for_load_state("networkidle")
    assert drafts.submitted == 1


def test_keys_follow_their_links_but_not_while_typing(form: Page) -> None:
    form.evaluate(
        """() => {
            const link = document.createElement("a");
            link.href = "#next"; link.dataset.key = "n"; link.textContent = "Next";
            document.querySelector("main").append(link);
        }"""
    )
    form.get_by_label("What happened?").press("n")
    assert "#next" not in form.url
    form.locator("h1").click()
    form.keyboard.press("n")
    expect(form).to_have_url(re.compile("#next$"))
