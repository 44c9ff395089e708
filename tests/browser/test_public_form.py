"""The public form on a phone: in English without JavaScript, in Urdu with it, axe on every page of the way."""

import re

import pytest
from playwright.sync_api import Page, expect

from cluster_ehs.core.models import Message
from referrals.models import Intake
from tests.browser.conftest import Visitors
from tests.browser.steps import has_script, no_violations
from tests.fixtures_cast import Cast, as_

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def fits(page: Page) -> None:
    """Nothing has to be pushed sideways on a phone."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url


def go_on(page: Page) -> None:
    """The main button of the page, whatever the language calls it."""
    page.locator("main button.govuk-button:not(.govuk-button--secondary)").first.click()


def walk(page: Page, who: int, email: str, *, judge: bool) -> None:
    """From the first page to the list of answers. Everything is filled in by the names of the fields."""
    seen = []
    go_on(page)
    while not page.url.endswith("/check/"):
        slug = page.url.rstrip("/").rpartition("/")[2]
        assert slug not in seen, f"stuck on {slug}"
        seen.append(slug)
        if judge:
            fits(page)
            no_violations(page)
        if slug == "school":
            page.fill("[name=search]", "invented")
            page.locator("[name=find]").click()
        if slug == "age":
            page.fill("[name=age]", "99")
            go_on(page)
            expect(page.get_by_role("alert")).to_be_visible()
            if judge:
                fits(page)
                no_violations(page)
        answer(page, slug, who, email)
        go_on(page)


def answer(page: Page, slug: str, who: int, email: str) -> None:
    choices = {"who": ("who_asks", who), "school": ("school", 0), "safety": ("harm", 1), "agree": ("agreed", 0)}
    choices |= {"consent": ("ask_school", 0)}
    texts = {
        "name": {"first_name": "زینب", "last_name": "Zaynabova"},
        "age": {"age": "9"},
        "worries": {"worrying": "وہ صبح روتی ہے"},
        "contact": {"name": "Saima Zaynabova", "email": email, "telephone": "0113 496 0321"},
    }
    if slug in choices:
        name, number = choices[slug]
        page.locator(f"input[name={name}]").nth(number).check(force=True)
    for name, text in texts.get(slug, {}).items():
        page.fill(f"[name={name}]", text)


def test_in_english_on_a_phone_without_a_script_with_a_code_by_mail(people: Cast, visitor: Visitors, settings) -> None:
    settings.PUBLIC_FORM_SECONDS = 0
    page = visitor(javascript=False, phone=True)
    page.goto("/ask/en/")
    expect(page.get_by_text("Call 999. Do not use this form.")).to_be_visible()
    walk(page, 0, "saima@example.org", judge=False)
    expect(page.locator("main")).to_contain_text("Zaynabova")
    # What stands on a page comes along into another language; Return sends the page and no language.
    page.goto("/ask/en/worries/?check")
    page.fill("[name=worrying]", "وہ صبح روتی ہے، اور شام کو")
    page.get_by_role("button", name="Polski").click()
    assert page.url.endswith("/ask/pl/worries/?check")
    assert page.input_value("[name=worrying]") == "وہ صبح روتی ہے، اور شام کو"
    page.get_by_role("button", name="English").click()
    go_on(page)
    expect(page.locator("main")).to_contain_text("اور شام کو")
    page.goto("/ask/en/name/?check")
    page.press("[name=last_name]", "Enter")
    assert page.url.endswith("/ask/en/check/")
    go_on(page)
    code = re.search(r"\b\d{6}\b", Message.objects.get(to="saima@example.org").body)
    assert code
    page.get_by_label("The code of six numbers").fill(code[0])
    go_on(page)
    expect(page.get_by_role("heading", name="We have received your request")).to_be_visible()
    with as_(people.leader):
        assert Intake.objects.get().reference in page.locator("main").inner_text()


def test_in_urdu_from_right_to_left_by_telephone(people: Cast, visitor: Visitors, settings) -> None:
    settings.PUBLIC_FORM_SECONDS = 0
    page = visitor(phone=True)
    page.goto("/ask/en/")
    no_violations(page)
    page.get_by_role("link", name="اردو").click()
    assert page.locator("html").get_attribute("lang") == "ur"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).direction") == "rtl"
    assert has_script(page), "axe can run"
    walk(page, 2, "", judge=True)
    fits(page)
    no_violations(page)
    go_on(page)
    fits(page)
    no_violations(page)
    with as_(people.leader):
        intake = Intake.objects.get()
    expect(page.locator(".govuk-panel")).to_contain_text(intake.reference)
    assert (intake.language, intake.proven, intake.payload["first_name"]) == ("ur", False, "زینب")
    # The queue of the staff shows the name as it was written.
    assert intake.payload["worrying"] == "وہ صبح روتی ہے"
