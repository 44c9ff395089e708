"""A group is supervised at a desk; a team around the family is planned and its minutes written on a phone."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from cases.models import CaseMeeting, MeetingAttendee, SupervisionCase, Task
from tests.browser.conftest import Visitors
from tests.browser.steps import (
    choose,
    does_not_read,
    fill,
    fill_date,
    follow,
    group,
    no_violations,
    press,
    reads,
    sign_in,
    to_follow,
    unfold,
)
from tests.fixtures_cast import Cast, as_

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_group_is_supervised_at_a_desk_and_each_case_shows_only_its_part(people: Cast, visitor: Visitors) -> None:
    page = visitor()
    sign_in(page, people.leader)
    follow(page, "Supervision")
    reads(page, "every 2 weeks")
    unfold(page, "When a case counts as stuck")
    reads(page, "the review of the plan is overdue")
    no_violations(page)
    follow(page, "Plan or record supervision")
    choose(page, "What kind?", "Group supervision")
    choose(page, "Who is supervised?", people.practitioner.name, people.therapist.name)
    no_violations(page)
    press(page, "Continue")
    reads(page, people.practitioner.name, people.therapist.name, "Novák")
    no_violations(page)
    page.get_by_text("that moves").first.click()
    to_follow(page, re.compile("^Discuss")).click()
    choose(page, "Is the plan on track?", "Not on track")
    fill(page, "What was said?", "Three visits without the father.")
    press(page, "Save this case")
    page.get_by_role("link", name="Enter what was decided").first.click()
    fill(page, "What was decided?", "Offer him a time after work.")
    task = group(page, "Task 1")
    fill(task, "What", "Ring the father")
    task.get_by_label("Who", exact=True).select_option(label=people.practitioner.name)
    no_violations(page)
    press(page, "Save this case")
    reads(page, "Not on track", "Offer him a time after work.", "Ring the father")
    no_violations(page)

    other = visitor()
    sign_in(other, people.practitioner)
    other.goto(f"/cases/{people.case.pk}/meetings/")
    reads(other, "Group supervision", "Three visits without the father.", "Ring the father")
    no_violations(other)
    other = visitor()
    sign_in(other, people.colleague)
    other.goto(f"/cases/{people.case.pk}/meetings/")
    does_not_read(other, "Three visits without the father.")
    with as_(people.leader):
        assert SupervisionCase.objects.count() == 1
        assert Task.objects.get().owner == people.practitioner


def test_a_meeting_is_planned_and_recorded_on_a_phone(people: Cast, visitor: Visitors) -> None:
    page = visitor(phone=True)
    sign_in(page, people.practitioner)
    page.goto(f"/cases/{people.case.pk}/meetings/")
    follow(page, "Plan a meeting")
    fill_date(page, "When", timezone.localdate() + timedelta(days=3))
    fill(page, "Where", "At school")
    choose(page, "Of the family", "Jana")
    who = group(page, "From outside 1")
    fill(who, "Name", "Ms Hall")
    fill(who, "Agency or school", "Invented Primary School")
    no_violations(page)
    press(page, "Save the plan")
    reads(page, "Planned", "Asked to it", "Ms Hall, Invented Primary School")
    no_violations(page)
    with as_(people.practitioner):
        CaseMeeting.objects.update(held_at=timezone.now() - timedelta(hours=3))
    page.reload()
    follow(page, "Record it")
    press(page, "More rows")
    fill(page, "What did the child say, or want said?", "I want my bike back.")
    fill(page, "What was decided?", "A late start on Mondays.")
    task = group(page, "Task 1")
    fill(task, "What", "A late start")
    fill(task, "Or who outside", "Ms Hall")
    no_violations(page)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    press(page, "Save the record")
    reads(page, "I want my bike back.", "A late start on Mondays.", "Ms Hall (followed by Asha Example)")
    assert page.get_by_role("link", name=re.compile("Minutes to hand out")).count() == 1
    no_violations(page)
    with as_(people.practitioner):
        assert MeetingAttendee.objects.filter(came=True).count() == 2
