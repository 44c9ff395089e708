"""What closing shows on the pages of the case and on the homes."""

from cases.selectors import home
from cluster_ehs.core import numbers, slots
from outcomes import policies, selectors, transfer_selectors, who_sees
from outcomes.followup import selectors as followup


def fill_all() -> None:
    who_sees.fill()
    slots.fill("case.tabs", order=100, template="outcomes:tab", selector=selectors.tab, policy=policies.reads_text)
    slots.fill(
        "case.chronology",
        template="outcomes:chronology",
        selector=selectors.in_chronology,
        policy=policies.reads_text,
    )
    slots.fill(
        "home.main",
        order=16,
        template="outcomes/slots/to_sign_off.html",
        selector=selectors.to_sign_off,
        policy=policies.is_leader,
    )
    home.STEPS_TO["exit plan"] = ("Write the exit plan", "case-close", "#exit-plan")
    transfer_selectors.count_transfers()
    numbers.count(followup.DUE, followup.due_for)
    slots.fill(
        "home.side",
        order=46,
        template="outcomes/slots/transfers.html",
        selector=transfer_selectors.transfers_to_act_on,
        policy=policies.is_leader,
    )
    slots.fill(
        "referral.beside",
        order=40,
        template="outcomes/slots/of_referral.html",
        selector=transfer_selectors.transfer_of_referral,
    )
    slots.fill(
        "board.beside",
        order=50,
        template="outcomes/slots/of_referral.html",
        selector=transfer_selectors.transfer_of_referral,
    )
    slots.fill(
        "ledger.beside",
        order=20,
        template="outcomes/slots/ledger.html",
        selector=lambda request: {},
        policy=policies.is_leader,
    )
    slots.fill("digest", order=60, template="outcomes:digest", selector=selectors.in_digest)
    slots.fill("my_work", template="outcomes:returned", selector=selectors.returned_to_me, policy=policies.is_staff)
    slots.fill("my_work", order=25, template="outcomes:followup", selector=followup.my_work, policy=policies.is_staff)
    slots.fill(
        "case.outcomes.side",
        order=10,
        template="outcomes/followup/card.html",
        selector=followup.beside_outcomes,
        policy=policies.reads_text,
    )
