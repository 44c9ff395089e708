"""A sign-in that ends while somebody writes: the sign-in page says that it was kept, and afterwards it is found."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from cases.models import Contact
from tests.browser.conftest import Visitors
from tests.browser.steps import choose, fill, has_script, no_violations, press, reads, sign_in, sign_in_here
from tests.fixtures_cast import Cast, as_

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOTE = "She walked in by herself.\nHer mother waited at the gate."


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_note_written_while_the_session_ended_is_found_and_sent(
    people: Cast, visitor: Visitors, javascript: bool
) -> None:
    page = visitor(javascript=javascript)
    sign_in(page, people.practitioner)
    page.goto(f"/cases/{people.case.pk}/contacts/new/")
    assert has_script(page) is javascript
    choose(page, "Who was there?", "Zdeňka")
    choose(page, "What kind?", "Phone")
    fill(page, "What happened?", NOTE)

    Session.objects.all().delete()
    press(page, "Save contact")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    reads(page, "What you typed was kept: sign in again and you will find it.")
    expect(page.get_by_text("She walked in by herself")).to_have_count(0)
    no_violations(page)
    with as_(people.practitioner):
        before = Contact.objects.count()

    sign_in_here(page, people.practitioner)
    reads(page, "What you typed was kept", *NOTE.splitlines())
    no_violations(page)
    press(page, "Send it now")
    reads(page, "Contact saved.")
    with as_(people.practitioner):
        assert Contact.objects.count() == before + 1
        saved = Contact.objects.latest("created_at").notes.get().text
    assert saved.replace("\r\n", "\n") == NOTE


def test_while_typing_the_page_says_that_it_no_longer_saves_and_keeps_the_text(people: Cast, visitor: Visitors) -> None:
    page = visitor()
    sign_in(page, people.practitioner)
    page.goto(f"/cases/{people.case.pk}/contacts/new/")
    fill(page, "What happened?", "She walked in")
    state = page.locator("[data-draft-state]")
    expect(state).to_contain_text("Saved ")
    Session.objects.all().delete()
    fill(page, "What happened?", NOTE)
    expect(state).to_contain_text("Not saved – your sign-in has ended")
    expect(page.get_by_label("What happened?")).to_have_value(NOTE)
    no_violations(page)


def test_the_page_warns_goes_on_and_covers_itself(people: Cast, visitor: Visitors, settings) -> None:
    settings.SESSION_IDLE_SECONDS = 123
    page = visitor(phone=True)
    sign_in(page, people.practitioner)
    page.goto(f"/cases/{people.case.pk}/contacts/new/")
    assert has_script(page)
    page.clock.install()
    dialog = page.get_by_role("dialog")
    page.clock.run_for(5_000)
    expect(dialog).to_contain_text("You will be signed out in 2 minutes.")
    no_violations(page)
    press(page, "Stay signed in")
    expect(dialog).to_have_count(0)
    fill(page, "What happened?", "She walked in by herself.")
    page.clock.run_for(2_000)
    expect(page.locator("[data-draft-state]")).to_contain_text("Saved ")
    page.clock.run_for(126_000)
    expect(dialog).to_contain_text("You have been signed out")
    expect(page.get_by_label("What happened?")).not_to_be_visible()
    no_violations(page)
    again = page.context.new_page()
    again.goto("/account/")
    expect(dialog).to_have_count(0)
    expect(page.get_by_label("What happened?")).to_have_value("She walked in by herself.")


def test_signing_out_in_one_tab_empties_the_others_until_the_same_person_is_back(
    people: Cast, visitor: Visitors
) -> None:
    page = visitor()
    sign_in(page, people.practitioner)
    read, written = page.context.new_page(), page.context.new_page()
    read.goto(f"/families/{people.family.pk}/")
    reads(read, "Novák")
    written.goto(f"/cases/{people.case.pk}/contacts/new/")
    fill(written, "What happened?", NOTE)
    expect(written.locator("[data-draft-state]")).to_contain_text("Saved ")

    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    for other in (read, written):
        expect(other.get_by_role("dialog")).to_contain_text("You have been signed out")
    assert "Novák" not in read.content(), "nothing is left for whoever looks beneath the cover"
    expect(written.get_by_label("What happened?")).not_to_be_visible()

    sign_in_here(page, people.practitioner)
    reads(read, "Novák")
    expect(written.get_by_role("dialog")).to_have_count(0)
    expect(written.get_by_label("What happened?")).to_have_value(NOTE)
