"""Every write of screening, decisions, waiting lists and passing on.

Each takes the actor as `by`, checks its policy, locks what it changes and says in the history what it meant.
"""

from triage.services.decisions import Offered, Sent, decide, step_up
from triage.services.endings import end_at_triage, record_ending
from triage.services.harm import find_to_take_on, no_step_up, seeing_to_it, take_on_by_link
from triage.services.letters import announce_letter, make_letter, save_template
from triage.services.meetings import (
    add_action,
    add_attendee,
    close_meeting,
    defer,
    fill_agenda,
    finish_action,
    move_item,
    open_meeting,
    plan_meeting,
    remove_attendee,
)
from triage.services.passing_on import chase, update_passing_on
from triage.services.planning import (
    add_holiday,
    change_holiday,
    change_meeting,
    make_meetings,
    save_pattern,
)
from triage.services.questions import (
    answer_by_link,
    answer_from_school,
    answer_question,
    ask_referrer,
    find_question,
    school_questions,
)
from triage.services.waiting import change_offer, check_in, move_offer, offer_service, withdraw_offer

__all__ = [
    "Offered",
    "Sent",
    "add_action",
    "add_attendee",
    "add_holiday",
    "announce_letter",
    "answer_by_link",
    "answer_from_school",
    "answer_question",
    "ask_referrer",
    "change_holiday",
    "change_meeting",
    "change_offer",
    "chase",
    "check_in",
    "close_meeting",
    "decide",
    "defer",
    "end_at_triage",
    "fill_agenda",
    "find_question",
    "find_to_take_on",
    "finish_action",
    "make_letter",
    "make_meetings",
    "move_item",
    "move_offer",
    "no_step_up",
    "offer_service",
    "open_meeting",
    "plan_meeting",
    "record_ending",
    "remove_attendee",
    "save_pattern",
    "save_template",
    "school_questions",
    "seeing_to_it",
    "step_up",
    "take_on_by_link",
    "update_passing_on",
    "withdraw_offer",
]
