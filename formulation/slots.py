"""What the formulation shows on the pages of the case."""

from cluster_ehs.core import slots
from formulation import selectors


def fill_all() -> None:
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
