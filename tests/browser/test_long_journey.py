"""All the way: a referral becomes help, and the help is counted. With JavaScript and axe, and again without."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from tests.browser.conftest import Visitors
from tests.browser.steps import (
    choose,
    does_not_read,
    fill,
    fill_date,
    follow,
    follow_like,
    group,
    has_script,
    is_titled,
    main,
    no_violations,
    press,
    reads,
    select,
    sign_in,
)
from tests.fixtures_cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GOALS = ("Mornings without shouting", "In school every day")


def nothing_wrong(page: Page) -> Page:
    no_violations(page)
    return page


def log_a_referral(page: Page, school: str) -> str:
    """Search, new child, every section, check, submit. Answers with the reference."""
    today = timezone.localdate()
    nothing_wrong(page)
    follow(page, "Referrals")
    nothing_wrong(page)
    follow(page, "Log a referral")
    nothing_wrong(page)
    fill(main(page), "Name", "Štefan Rădulescu")
    press(main(page), "Search")
    reads(page, "No child like this in your Cluster")
    nothing_wrong(page)
    press(page, "New child")
    is_titled(page, "Referral of Štefan Rădulescu")
    nothing_wrong(page)

    follow(page, "Risk of harm and level of need")
    nothing_wrong(page)
    choose(page, "Is a child at risk of significant harm?", "No")
    press(page, "Save and continue")

    nothing_wrong(page)
    fill_date(page, "Date of birth", today.replace(day=1) - timedelta(days=9 * 365))
    choose(page, "Gender", "Male")
    select(page, "Ethnicity", re.compile(r"^\s*White British\s*$"))
    fill(page, "Address of the family", "7 Imaginary Lane")
    fill(page, "Postcode", "LS9 9ZZ")
    fill(group(page, "A parent or carer"), "First name", "Ioana")
    press(page, "Save and continue")

    nothing_wrong(page)
    select(page, "School", school)
    fill(page, "Attendance", "81.5")
    press(page, "Save and continue")

    nothing_wrong(page)
    choose(page, "Who asks for help?", "Police")
    choose(page, "How did it reach you?", "Telephone")
    fill(page, "Name of the person who refers", "Rae Invented")
    press(page, "Save and continue")

    nothing_wrong(page)
    choose(page, "SEMH presenting behaviours", "Anxiety", "Anger")
    choose(page, "Environment", "Overcrowding")
    press(page, "Save and continue")

    nothing_wrong(page)
    fill(page, "What is worrying?", "Late most Mondays, cries at the gate.")
    fill(page, "What is going well?", "Loves football.")
    press(page, "Save and continue")

    nothing_wrong(page)
    choose(page, "Does the family know and agree?", "The family knows and agrees")
    fill(page, "Who agreed?", "Ioana, mother")
    fill_date(page, "When did they agree?", today)
    press(page, "Save and continue")

    nothing_wrong(page)
    # Files are optional, so the last section leads to them or back to the list.
    if page.url.endswith("/files/"):
        follow_like(page, "All sections")
        nothing_wrong(page)
    follow(page, "Check your answers")
    reads(page, "Štefan", "Anxiety", "Police", "Ioana, mother")
    nothing_wrong(page)
    press(page, "Submit the referral")
    reads(page, "is waiting to be screened")
    nothing_wrong(page)
    found = re.search(r"RI-\d{4}-\d{4}", main(page).inner_text())
    assert found
    return found[0]


def screen_and_decide(page: Page, reference: str) -> None:
    """Plan a meeting for today, whose agenda fills by itself; decide; and see the recap."""
    nothing_wrong(page)
    follow(page, "Screening")
    nothing_wrong(page)
    reads(page, reference)
    follow(page, "Plan a meeting")
    nothing_wrong(page)
    at = timezone.localtime()
    fill_date(page, "When", at.date())
    fill(group(page, "When"), "Time", "23:30")
    press(page, "Plan the meeting")
    nothing_wrong(page)
    press(page, "Open the meeting")
    follow_like(page, main(page).get_by_role("link", name=re.compile("Štefan")).first.inner_text())
    nothing_wrong(page)
    select(page, "Response", "Service received")
    choose(page, "Services offered", "Family support")
    fill(page, "Why", "A worker of the family's own for the mornings.")
    press(page, "Decide, next referral")
    # It was the last of the agenda, so the recap follows.
    is_titled(page, "Recap")
    reads(page, "is decided", reference, "Service received")
    nothing_wrong(page)


def allocate_to(page: Page, worker: str) -> None:
    follow(page, "Waiting list")
    reads(page, "Štefan R")
    nothing_wrong(page)
    follow_like(page, "Allocate Štefan")
    nothing_wrong(page)
    group(page, "Lead worker").get_by_label(worker, exact=True).check()
    press(page, "Allocate")
    reads(page, "Rădulescu family", worker)
    nothing_wrong(page)


def make_a_formulation(page: Page) -> None:
    follow(page, "Formulation")
    nothing_wrong(page)
    follow(page, "Make a formulation")
    nothing_wrong(page)
    for p, text in (
        ("Presenting", "Cries at the gate"),
        ("Predisposing", "Three moves in two years"),
        ("Precipitating", "A new school in autumn"),
        ("Perpetuating", "Broken sleep"),
        ("Protective", "A close grandmother"),
        ("Predictive", "Attendance falls further"),
    ):
        page.get_by_label(f"{p}, line 1", exact=True).fill(text)
    choose(page, "Family members who took part", "Štefan", "Ioana")
    press(page, "Save formulation")
    reads(page, "Broken sleep", "A close grandmother", "took part")
    nothing_wrong(page)


def agree_two_goals(page: Page) -> None:
    """The first from a factor of the formulation, the second on the plan."""
    follow_like(page, "Use in the plan: Broken sleep")
    nothing_wrong(page)
    choose(page, "Which goal addresses it?", "A new goal")
    fill(page, "The goal, in the family’s words", GOALS[0])
    press(page, "Use in the plan")
    reads(page, "addresses “Broken sleep”")
    nothing_wrong(page)
    choose(page, "Where does it stand now?", "2")
    choose(page, "What would be good enough?", "7")
    press(page, "Save goal")
    reads(page, GOALS[0], "Broken sleep")
    nothing_wrong(page)
    follow(page, "Agree a goal")
    nothing_wrong(page)
    fill(page, "The goal, in the family’s words", GOALS[1])
    choose(page, "Where does it stand now?", "3")
    choose(page, "What would be good enough?", "8")
    press(page, "Save goal")
    reads(page, *GOALS)
    nothing_wrong(page)


def log_two_contacts(page: Page) -> None:
    for scores, note in (((4, 5), "First visit; the family showed their week."), ((7, 8), "Two calm mornings.")):
        follow(page, "Overview")
        nothing_wrong(page)
        follow(page, "Log a contact")
        nothing_wrong(page)
        choose(page, "Who was there?", "Štefan")
        for goal, score in zip(GOALS, scores, strict=True):
            # Last time's score is part of the question.
            asked = page.get_by_role("group", name=re.compile(rf"^\s*“{goal}”"))
            asked.get_by_label(re.compile(rf"^\s*{score}(, .*)?\s*$")).check()
        fill(page, "What happened?", note)
        press(page, "Save contact")
        reads(page, "Contact saved.")
        nothing_wrong(page)
    follow(page, "Contacts")
    reads(page, "First visit; the family showed their week.", "Two calm mornings.")
    nothing_wrong(page)


def ask_to_close(page: Page) -> None:
    follow(page, "Outcomes")
    nothing_wrong(page)
    follow(page, "Close the case")
    nothing_wrong(page)
    choose(page, "Outcomes, one or several", "Service completed: needs met in full")
    for number in (0, 1):
        page.get_by_role("group", name="What became of it", exact=True).nth(number).get_by_label("Achieved").check()
        last = page.get_by_role("group", name="The family’s last score").nth(number)
        last.get_by_label(re.compile(r"^\s*8(, .*)?\s*$")).check()
    fill(page, "What stays in place", "Gran rings every Monday.")
    fill(page, "If things slip", "We sit down on Sunday.")
    fill(page, "What has changed, in the family’s own words", "We laugh again.")
    press(page, "Ask the leader to sign off")
    reads(page, "Waiting for sign-off", "Gran rings every Monday.")
    nothing_wrong(page)


def sign_off(page: Page) -> None:
    page.goto("/")
    nothing_wrong(page)
    follow_like(page, "Read and sign")
    reads(page, "Gran rings every Monday.", "We laugh again.", "Achieved")
    nothing_wrong(page)
    press(page, "Sign off and close")
    reads(page, "Signed off")
    nothing_wrong(page)


def count_of(page: Page, table: str, row: str) -> int:
    """The count in a row of one of the evaluation's tables, as it stands on the page."""
    rows = main(page).locator(f"[role=region][aria-labelledby='table-{table}']").get_by_role("row")
    found = rows.filter(has=page.get_by_role("rowheader", name=re.compile(rf"^\s*{re.escape(row)}")))
    return int(found.first.get_by_role("cell").first.inner_text())


COUNTED = (
    ("9", "SEMH presenting behaviours"),
    ("9", "Environment"),
    ("11", "Police"),
    ("12", "Service received"),
    ("13", "Service completed"),
)


def open_the_tables(page: Page, cluster: str) -> list[int]:
    page.goto("/")
    follow(page, "Reports")
    nothing_wrong(page)
    follow(page, "The evaluation’s tables")
    nothing_wrong(page)
    if has_script(page):
        page.locator("summary").filter(has_text="Choose Clusters and period").click()
    else:
        page.locator("details").filter(has_text="Choose Clusters and period").evaluate("box => box.open = true")
    for box in group(page, "Clusters").get_by_role("checkbox").all():
        box.uncheck()
    group(page, "Clusters").get_by_label(cluster).check()
    today = timezone.localdate()
    page.get_by_label("Period", exact=True).select_option(label="Own dates, given below")
    fill_date(page, "From", today - timedelta(days=27))
    fill_date(page, "To", today)
    press(page, "Show the tables")
    reads(page, cluster)
    nothing_wrong(page)
    return [count_of(page, *where) for where in COUNTED]


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_a_referral_to_the_report(people: Cast, visitor: Visitors, javascript: bool) -> None:
    practitioner, leader, manager = (visitor(javascript=javascript) for _ in range(3))
    for page, person in (
        (practitioner, people.practitioner),
        (leader, people.leader),
        (manager, people.manager),
    ):
        sign_in(page, person)
        assert has_script(page) is javascript
    before = open_the_tables(manager, people.cluster.name)

    reference = log_a_referral(practitioner, people.school.name)
    screen_and_decide(leader, reference)
    allocate_to(leader, people.practitioner.name)

    practitioner.goto("/")
    nothing_wrong(practitioner)
    follow(practitioner, "Rădulescu")
    nothing_wrong(practitioner)
    make_a_formulation(practitioner)
    agree_two_goals(practitioner)
    log_two_contacts(practitioner)
    ask_to_close(practitioner)

    sign_off(leader)

    after = open_the_tables(manager, people.cluster.name)
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1, 1, 1]
    does_not_read(manager, "Rădulescu", reference)
