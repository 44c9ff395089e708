"""A therapist's phone: sessions planned, one recorded, two are left, and more are asked for; the leader answers."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cases.models import CaseService, Extension, PlannedSession
from clusters.models import Entitlement
from tests.browser.conftest import Visitors
from tests.browser.steps import choose, fill, fill_date, follow, follow_like, no_violations, press, reads, sign_in
from tests.fixtures_cast import Cast, as_

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_the_plan_to_running_out_soon_to_an_extension(people: Cast, visitor: Visitors) -> None:
    with as_(people.therapist):
        service = CaseService.objects.select_related("service").get(pk=people.session.case_service_id)
        used = service.sessions.exclude(session_kind="assessment").count()
    rule = Entitlement.objects.create(
        service=service.service,
        effective_from="2024-01-01",
        intervention_sessions=used + 3,
        session_minutes=50,
        extendable=True,
    )
    with as_(people.therapist):
        CaseService.objects.filter(pk=service.pk).update(entitlement=rule)
    page, tomorrow = visitor(phone=True), timezone.localdate() + timedelta(days=1)
    sign_in(page, people.therapist)

    page.goto(f"/cases/{people.case.pk}/services/")
    follow(page, "Plan sessions")
    no_violations(page)
    fill_date(page, "When", tomorrow)
    page.get_by_label("Time").fill("10:00")
    page.get_by_label(re.compile("How many weeks in a row")).fill("2")
    press(page, "Plan it")
    with as_(people.therapist):
        first = PlannedSession.objects.order_by("at").first()
        assert first is not None and PlannedSession.objects.count() == 2
        # Its time goes by.
        PlannedSession.objects.filter(pk=first.pk).update(at=timezone.now() - timedelta(hours=2))

    page.goto("/sessions/")
    no_violations(page)
    follow_like(page, "How did it go?")
    follow(page, "They came: record it")
    reads(page, f"{used} of {used + 3} sessions")
    expect(page.get_by_role("link", name=re.compile("Ask for more"))).to_have_count(0)
    no_violations(page)
    page.get_by_label("What happened?").fill("Drew a house with two doors.")
    press(page, "Save contact")
    reads(page, "Contact saved.")

    page.goto("/")
    reads(page, "2 sessions left")
    page.goto(f"/cases/{people.case.pk}/contacts/new/")
    reads(page, f"{used + 1} of {used + 3} sessions", "2 sessions left")
    no_violations(page)
    follow_like(page, "Ask for more")
    fill(page, "How many more sessions?", 4)
    fill(page, "Why does the family need longer?", "She has begun to speak of the move.")
    no_violations(page)
    press(page, "Ask the leader")
    reads(page, "The leader is asked.", "4 more sessions")

    with as_(people.leader):
        asked = Extension.objects.get(case_service=service)
    leader = visitor(phone=True)
    sign_in(leader, people.leader)
    leader.goto(f"/extensions/{asked.pk}/")
    choose(leader, "Your answer", "Approve")
    press(leader, "Answer")
    page.goto(f"/cases/{people.case.pk}/contacts/new/")
    reads(page, f"{used + 1} of {used + 7} sessions")
    expect(page.get_by_text("sessions left")).to_have_count(0)
