"""axe, the console and the content security policy on the pages that no journey passes, on a desk and on a phone."""

import pytest
from django.urls import reverse

from referrals.public.texts import texts
from tests.browser.conftest import Visitors
from tests.browser.steps import no_violations, sign_in
from tests.fixtures_cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OF_THE_CASE = (
    "case-services",
    "case-people",
    "case-meetings",
    "case-meeting-new",
    "task-new",
    "case-documents",
    "case-letter",
    "case-chronology",
    "case-chronology-print",
    "case-worry",
    "case-hand-over",
    "service-add",
    "session-plan",
    "interpreter-new",
    "case-lend",
    "assessment-new",
    "case-readings",
    "reading-new",
    "case-needs",
    "averted-new",
)
OF_THE_FAMILY = (
    "family",
    "family-edit",
    "family-history",
    "family-picture",
    "relationship-new",
    "social-care-new",
    "circumstances",
    "sharing-new",
    "person-new",
    "flag-new",
    "agreement-new",
    "family-restrict",
)
PAGES = {
    "leader": (
        "case-list",
        "family-list",
        "import-list",
        "intake-list",
        "partner-ledger",
        "waiting-list",
        "my-sessions",
        "my-calendar",
        "transfers",
        "event-list",
        "event-new",
        "event-figures",
        "forum-list",
        "forum-new",
        "supervision-team",
        "case-audits",
        "case-audit-new",
        "supervision-new",
        "clinical-session-new",
        "account",
        "notices",
        "quality-mine",
        "settings",
        "settings-staff",
        "settings-invite",
        "settings-changes",
    ),
    "manager": (
        "dashboard",
        "need-levels",
        "interpreter-spend",
        "principles",
        "quality",
        "settings-quality",
        "returns",
        "reports",
        "report-schedules",
        "report-schedule-new",
        "settings-clusters",
        "settings-cluster-new",
        "settings-schools",
        "settings-register",
        "settings-services",
        "settings-interpreters",
        "settings-contributions",
        "settings-weights",
        "settings-supervision-intervals",
        "settings-audit-questions",
        "settings-reading-cuts",
        "settings-unit-costs",
        "settings-audit-question-new",
        "settings-partners",
        "settings-feeds",
        "settings-feed-new",
        "settings-vocabularies",
        "settings-thresholds",
        "settings-threshold-new",
        "settings-staff",
        "settings-supervision",
        "settings-translations",
    ),
}


def addresses(people: Cast, who: str) -> list[str]:
    found = [reverse(name) for name in PAGES[who]]
    if who == "leader":
        found += [reverse(name, args=[people.case.pk]) for name in OF_THE_CASE]
        found += [reverse(name, args=[people.family.pk]) for name in OF_THE_FAMILY]
        found += [reverse("referral", args=[people.referral.pk]), reverse("contact", args=[people.contact.pk])]
    else:
        found += [
            reverse("settings-cluster", args=[people.cluster.pk]),
            reverse("settings-school", args=[people.school.pk]),
            reverse("settings-person", args=[people.therapist.pk]),
            reverse("settings-vocabulary", args=["reason"]),
            reverse("settings-translation", args=["ur"]),
            reverse("settings-translation-text", args=["ur", texts("ur")[0].digest]),
        ]
    return found


@pytest.mark.parametrize("phone", [False, True], ids=["1280", "375"])
@pytest.mark.parametrize("who", PAGES)
def test_no_violation_on_the_other_pages(people: Cast, visitor: Visitors, who: str, phone: bool) -> None:
    page = visitor(phone=phone)
    sign_in(page, getattr(people, who))
    wrong = []
    for address in addresses(people, who):
        answer = page.goto(address)
        assert answer is not None
        if answer.status != 200:
            wrong.append(f"{address}: {answer.status}")
            continue
        try:
            no_violations(page)
        except AssertionError as error:
            wrong.append(str(error).split("\nassert")[0])
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            wrong.append(f"{address} scrolls sideways by {wide} pixels")
    assert not wrong, "\n".join(wrong)
