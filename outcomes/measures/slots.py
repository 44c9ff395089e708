"""What measures show on the pages of the case, on the homes and in the settings."""

from cases.policies import is_clinical_supervisor, is_practitioner
from cases.selectors.beside import BESIDE_CASE
from cases.selectors.home import BESIDE
from cluster_ehs.core import slots
from outcomes.measures import selectors, settings_views


def fill_all() -> None:
    BESIDE_CASE["measured"] = selectors.measured
    BESIDE_CASE["asked"] = BESIDE["asked"] = selectors.asked_beside_case
    slots.fill(
        "case.outcomes.main",
        order=40,
        template="outcomes/measures/on_outcomes.html",
        selector=selectors.on_outcomes,
    )
    slots.fill("my_work", order=40, template="measures:due", selector=selectors.due_to_me, policy=is_practitioner)
    slots.fill(
        "case.chronology",
        template="measures:chronology",
        selector=selectors.in_chronology,
        policy=selectors.reads_cases,
    )
    slots.fill(
        "home.side",
        order=70,
        template="outcomes/measures/supervised_home.html",
        selector=selectors.supervised,
        policy=is_clinical_supervisor,
    )
    slots.fill("settings.nav", order=55, template="measures:settings", selector=settings_views.settings_entry)
