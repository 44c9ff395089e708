"""What the formulation shows on the pages of the case."""

from cases.services.allocation import WHEN_TAKEN_UP
from cluster_ehs.core import slots
from formulation import assessment_selectors, assessments, selectors, who_sees


def fill_all() -> None:
    who_sees.fill()
    if assessments.carry_over not in WHEN_TAKEN_UP:
        WHEN_TAKEN_UP.append(assessments.carry_over)
    slots.fill("case.tabs", order=20, template="formulation:tab", selector=selectors.tab, policy=selectors.reads_text)
    slots.fill(
        "case.overview.main",
        order=20,
        template="formulation/slots/why.html",
        selector=selectors.why_we_are_here,
        policy=selectors.reads_text,
    )
    slots.fill(
        "case.chronology",
        template="formulation:chronology",
        selector=selectors.in_chronology,
        policy=selectors.reads_text,
    )
    slots.fill(
        "case.plan.factors",
        template="formulation:factors",
        selector=selectors.addressed,
        policy=selectors.reads_text,
    )
    slots.fill(
        "case.chronology",
        order=21,
        template="formulation:assessments",
        selector=assessment_selectors.in_chronology,
        policy=selectors.reads_text,
    )
    slots.fill(
        "referral.beside",
        order=40,
        template="formulation/slots/at_screening.html",
        selector=selectors.of_referral,
        policy=selectors.works_with_referral,
    )
    slots.fill(
        "case.plan.beside",
        order=20,
        template="formulation/slots/beside_plan.html",
        selector=selectors.beside_plan,
        policy=selectors.reads_text,
    )
