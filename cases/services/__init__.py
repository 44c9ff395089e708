"""Every write of casework. Keyword-only, with `by=` the actor; the policy is checked inside."""

from cases.services.allocation import entitlement_on, hand_over, open_case
from cases.services.contacts import add_note, log_contact
from cases.services.plan import Answer, Step, end_goal, finish_action, review_plan, set_goal
from cases.services.stale import Stale
from cases.services.support import answer_extension, ask_extension

__all__ = [
    "Answer",
    "Stale",
    "Step",
    "add_note",
    "answer_extension",
    "ask_extension",
    "end_goal",
    "entitlement_on",
    "finish_action",
    "hand_over",
    "log_contact",
    "open_case",
    "review_plan",
    "set_goal",
]
