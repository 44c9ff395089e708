"""One test per person: what each of them comes for, in a real browser, axe on every page on the way."""

import re
import subprocess

import pytest
from playwright.sync_api import Page, expect

from cluster_ehs.core.models import Message
from monitoring.models import ReportRun
from monitoring.reports import make_report
from tests.browser.conftest import Visitors
from tests.browser.steps import (
    choose,
    does_not_read,
    fill,
    follow,
    follow_like,
    is_titled,
    main,
    no_violations,
    press,
    reads,
    select,
    sign_in,
    to_follow,
)
from tests.fixtures_cast import Cast, a_family, a_person, a_referral, as_
from triage.models import AgendaItem

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def tap(page: Page, name: str) -> int:
    """One finger on a link, a button or a choice."""
    to_follow(page, name).or_(page.get_by_label(re.compile(rf"^{re.escape(name)}(, \d+)?$"))).first.tap()
    return 1


def test_a_practitioner_logs_a_contact_on_a_phone_in_six_taps(people: Cast, visitor: Visitors) -> None:
    page = visitor(phone=True)
    sign_in(page, people.practitioner)
    no_violations(page)
    taps = tap(page, "Log a contact")
    no_violations(page)
    page.get_by_role("link", name=re.compile("Novák")).first.tap()
    taps += 1
    no_violations(page)
    taps += tap(page, "Zdeňka") + tap(page, "Phone")
    page.get_by_label("What happened?").tap()
    taps += 1
    page.keyboard.type("She walked in by herself.")
    taps += tap(page, "Save contact")
    reads(page, "Contact saved.")
    assert taps == 6
    no_violations(page)
    follow(page, "Contacts")
    reads(page, "She walked in by herself.", "Phone")
    no_violations(page)


def test_a_leader_decides_defers_and_allocates(people: Cast, visitor: Visitors) -> None:
    with as_(people.leader):
        child = a_person(a_family(people.cluster, "Lindqvist", number=30), "Astrid", school=people.school)
        referral = a_referral(child, number=30, school=people.school, days_ago=2)
        AgendaItem.objects.create(
            cluster=people.cluster,
            family_id=referral.family_id,
            meeting=people.meeting,
            referral=referral,
            position=2,
        )
    page = visitor()
    sign_in(page, people.leader)
    no_violations(page)
    follow(page, "Screening")
    no_violations(page)
    page.get_by_role("link", name=re.compile("^Screening meeting")).first.click()
    no_violations(page)
    press(page, "Open the meeting")
    page.get_by_role("link", name=re.compile("Jakub")).first.click()
    no_violations(page)
    select(page, "Response", "Service received")
    choose(page, "Services offered", "Family support")
    fill(page, "Why", "Mornings need a second pair of hands.")
    press(page, "Decide, next referral")
    reads(page, "Astrid Lindqvist")
    no_violations(page)
    follow(page, "Defer with a reason")
    no_violations(page)
    fill(page, "Why is it deferred, and what is needed?", "The school has not answered yet.")
    press(page, "Defer")
    reads(page, "is deferred")
    no_violations(page)
    follow(page, "Waiting list")
    reads(page, "Jakub W")
    no_violations(page)
    follow_like(page, "Allocate Jakub")
    no_violations(page)
    page.get_by_role("group", name="Lead worker").get_by_label("Ben Example").check()
    press(page, "Allocate")
    reads(page, "Wójcik family", "Ben Example")
    no_violations(page)


def test_a_therapists_note_is_read_by_the_clinical_supervisor_and_not_by_the_leader(
    people: Cast, visitor: Visitors
) -> None:
    secret = "He drew the flat without a door."
    page = visitor()
    sign_in(page, people.therapist)
    no_violations(page)
    follow(page, "Log a contact")
    page.get_by_role("link", name=re.compile("Novák")).first.click()
    no_violations(page)
    choose(page, "Is it a session of a service?", "Children's therapy")
    choose(page, "Who was there?", "Zdeňka")
    fill(page, "What happened?", secret)
    press(page, "Save contact")
    reads(page, "Contact saved.")
    follow(page, "Contacts")
    reads(page, secret)
    no_violations(page)

    leader = visitor()
    sign_in(leader, people.leader)
    leader.goto(f"/cases/{people.case.pk}/contacts/")
    reads(leader, "Session", "Lee Example")
    does_not_read(leader, secret)
    no_violations(leader)

    supervisor = visitor()
    sign_in(supervisor, people.supervisor)
    no_violations(supervisor)
    supervisor.goto("/supervision/")
    no_violations(supervisor)
    main(supervisor).get_by_role("table").get_by_role("link").first.click()
    reads(supervisor, secret)
    does_not_read(supervisor, "Novák")
    no_violations(supervisor)
    assert supervisor.goto(f"/cases/{people.case.pk}/").status == 404


def test_a_manager_looks_behind_a_figure_and_has_a_report_made(people: Cast, visitor: Visitors) -> None:
    page = visitor()
    sign_in(page, people.manager)
    no_violations(page)
    reads(page, "Riverside Invented", "Hilltop Invented")
    figure = main(page).get_by_role("table").first.get_by_role("link").first
    number = int(re.findall(r"\d+", figure.inner_text())[0])
    figure.click()
    no_violations(page)
    expect(main(page).get_by_role("table").get_by_role("row")).to_have_count(number + 1)
    does_not_read(page, "Novák", "Zdeňka", "Wójcik")
    follow(page, "Reports")
    no_violations(page)
    follow(page, "Scheduled reports")
    no_violations(page)
    follow_like(page, "Make a report now")
    no_violations(page)
    press(page, "Make the report")
    no_violations(page)
    run = ReportRun.objects.get()
    assert make_report(run.pk)
    page.goto(f"/reports/runs/{run.pk}/")
    reads(page, "PDF of this report", "Excel of this report")
    no_violations(page)
    with page.expect_download() as download:
        main(page).get_by_role("link", name=re.compile("CSV")).first.click()
    assert "Count" in download.value.path().read_text(encoding="utf-8")


def test_a_panel_guest_reads_the_agenda_and_decides_nothing(people: Cast, visitor: Visitors) -> None:
    page = visitor()
    sign_in(page, people.guest)
    no_violations(page)
    follow_like(page, "Open the agenda")
    no_violations(page)
    page.get_by_role("link", name=re.compile("Jakub")).first.click()
    reads(page, "Late most Mondays")
    expect(page.get_by_label("Response")).to_have_count(0)
    expect(page.get_by_role("button", name="Decide, next referral")).to_have_count(0)
    no_violations(page)
    for elsewhere in (f"/cases/{people.case.pk}/", f"/families/{people.family.pk}/"):
        assert page.goto(elsewhere).status == 404
        does_not_read(page, "Novák")
        no_violations(page)


def test_a_referrer_sees_one_line_for_each_referral_of_the_school(people: Cast, visitor: Visitors) -> None:
    page = visitor()
    sign_in(page, people.referrer)
    reads(page, "RI-2026-0002", "RI-2026-0001")
    does_not_read(page, "Jakub", "Wójcik", "Late most Mondays")
    no_violations(page)
    assert page.goto(f"/referrals/{people.referral.pk}/").status == 404
    no_violations(page)


def test_a_family_opens_its_plan_with_the_code(people: Cast, visitor: Visitors) -> None:
    worker = visitor()
    sign_in(worker, people.leader)
    worker.goto(f"/cases/{people.case.pk}/plan/")
    follow(worker, "Agree a goal")
    no_violations(worker)
    fill(worker, "The goal, in the family’s words", "Mornings without shouting")
    press(worker, "Save goal")
    follow(worker, "The family’s private page")
    no_violations(worker)
    choose(worker, "Who is it for?", "Jana Novák")
    press(worker, "Make the link and the code")
    no_violations(worker)
    link = worker.locator(".eh-break").inner_text()
    code = worker.locator(".eh-code").inner_text()
    # Whoever finds one of the two sheets has only half of the key.
    sheets = subprocess.run(
        ["pdftotext", "-", "-"], input=worker.pdf(), capture_output=True, check=True
    ).stdout.decode()
    assert not [sheet for sheet in sheets.split("\f") if code in sheet and "/f/" in sheet]
    assert code in sheets and "/f/" in sheets

    family = visitor(phone=True)
    family.goto(link)
    no_violations(family)
    fill(family, "Your code", "WRONG123")
    press(family, "Open our plan")
    reads(family, "That is not the code of this page")
    does_not_read(family, "Mornings without shouting")
    no_violations(family)
    fill(family, "Your code", code)
    press(family, "Open our plan")
    is_titled(family, "Our plan")
    reads(family, "Mornings without shouting", "Asha Example")
    does_not_read(family, "Zdeňka seen, with Jana.")
    no_violations(family)
    press(family, "Close this page")
    fill(family, "Your code", "")
    assert family.goto(f"/cases/{people.case.pk}/").url.startswith(family.url.split("/account")[0])
    expect(family.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


def test_somebody_signed_out_is_asked_to_sign_in_and_may_reset_the_password(people: Cast, visitor: Visitors) -> None:
    page = visitor()
    page.goto(f"/cases/{people.case.pk}/")
    is_titled(page, "Sign in")
    does_not_read(page, "Novák")
    no_violations(page)
    fill(page, "E-mail address", people.practitioner.email)
    fill(page, "Password", "not the passphrase")
    press(page, "Sign in")
    expect(page.get_by_text("There is a problem")).to_be_visible()
    no_violations(page)
    follow(page, "I have forgotten my password")
    no_violations(page)
    fill(page, "E-mail address", people.practitioner.email)
    press(page, "Send me a link")
    no_violations(page)
    link = re.search(r"https?://\S+", Message.objects.get().body)
    assert link
    page.goto(link[0])
    no_violations(page)
    fill(page, "New password", "three-other-invented-words")
    fill(page, "New password again", "three-other-invented-words")
    press(page, "Save password")
    no_violations(page)
    page.goto("/account/login/")
    fill(page, "E-mail address", people.practitioner.email)
    fill(page, "Password", "three-other-invented-words")
    press(page, "Sign in")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
