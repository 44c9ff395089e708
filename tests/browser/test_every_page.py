"""axe, the console and the content security policy on the pages that no journey passes, on a desk and on a phone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.services.events import Details, link_people, plan_event, session_not_held
from formulation.assessments import begin_assessment
from referrals.public.texts import texts
from tests.browser.conftest import Visitors
from tests.browser.steps import no_violations, sign_in
from tests.fixtures_cast import Cast, as_

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
    "contact-new",
    "case-workers",
    "case-attendance",
    "attendance-new",
    "legal-new",
    "case-social-care",
    "case-step-up",
    "case-step-down",
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
    "rights-new",
    "family-restrict",
    "legal-hold",
    "retention-review",
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
        "worker-list",
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
        "settings-groups",
        "settings-group-new",
        "settings-retention",
        "retention",
        "returns",
        "reports",
        "report-schedules",
        "report-schedule-new",
        "extracts",
        "extract-new",
        "segments",
        "segment-new",
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


def addresses(people: Cast, who: str, *, phone: bool) -> list[str]:
    found = [reverse(name) for name in PAGES[who]]
    if who == "leader":
        found += [reverse(name, args=[people.case.pk]) for name in OF_THE_CASE]
        found += [reverse(name, args=[people.family.pk]) for name in OF_THE_FAMILY]
        found += [reverse("referral", args=[people.referral.pk]), reverse("contact", args=[people.contact.pk])]
        # On the phone alone, where they are used.
        found += with_records(people) if phone else []
    else:
        found += [
            reverse("settings-cluster", args=[people.cluster.pk]),
            reverse("settings-school", args=[people.school.pk]),
            reverse("settings-person", args=[people.therapist.pk]),
            reverse("settings-vocabulary", args=["reason"]),
            reverse("settings-retention-rule", args=["served"]),
            reverse("settings-translation", args=["ur"]),
            reverse("settings-translation-text", args=["ur", texts("ur")[0].digest]),
        ]
    return found


def with_records(people: Cast) -> list[str]:
    """Pages of records that the cast has none of: a group with a register to take, an assessment at screening."""
    by = people.practitioner
    with as_(by):
        group = plan_event(
            by=by,
            cluster=people.cluster,
            kind="group",
            details=Details(title="Calm mornings", leaders=[by], place="The hall"),
            starts_at=timezone.now() - timedelta(days=8),
            weeks=3,
        )
        link_people(by=by, event=group, people=[people.child.pk, people.mother.pk])
        first, second, _ = group.sessions.all()
        session_not_held(by=by, session=second, why="Snow")
        begun = begin_assessment(by=by, referral=people.referral)
    return [
        *(reverse(name, args=[group.pk]) for name in ("event", "event-people", "event-edit", "event-cancel")),
        *(reverse(name, args=[first.pk]) for name in ("event-register", "event-session-not-held")),
        *(reverse(name, args=[begun.pk]) for name in ("assessment-edit", "assessment-finish")),
        reverse("cover-new", args=[by.pk, people.cluster.pk]),
        reverse("pin-new", args=[people.case.pk, "contacts", people.contact.pk]),
        reverse("plan-for-family", args=[people.case.pk, "en"]),
        reverse("referral-formulation-edit", args=[people.referral.pk]),
    ]


@pytest.mark.parametrize("phone", [False, True], ids=["1280", "375"])
@pytest.mark.parametrize("who", PAGES)
def test_no_violation_on_the_other_pages(people: Cast, visitor: Visitors, who: str, phone: bool) -> None:
    page = visitor(phone=phone)
    sign_in(page, getattr(people, who))
    wrong = []
    for address in addresses(people, who, phone=phone):
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
