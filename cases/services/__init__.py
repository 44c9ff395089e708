"""Every write of casework. Keyword-only, with `by=` the actor; the policy is checked inside."""

from cases.services.allocation import entitlement_on, open_case
from cases.services.chronology import pin_event, unpin_event
from cases.services.contacts import log_contact
from cases.services.cover import cover_cases, end_cover
from cases.services.documents import keep_document, keep_documents, keep_letter, remove_document
from cases.services.handover import (
    Move,
    hand_over,
    hand_over_service,
    move_work,
    note_introduction,
    withdraw_handover,
)
from cases.services.interpreters import book_interpreter, settle_interpreter
from cases.services.loans import lend_case, take_case_back
from cases.services.meetings import (
    Conference,
    Outside,
    Said,
    Who,
    add_meeting,
    meeting_not_held,
    plan_again,
    record_meeting,
)
from cases.services.notes import Heard, add_note
from cases.services.plan import Answer, Step, end_goal, finish_action, review_plan, set_goal
from cases.services.safety import raise_worry
from cases.services.sessions import move_session, plan_sessions, withdraw_session
from cases.services.stale import Stale
from cases.services.support import answer_extension, ask_extension
from cases.services.support_workers import add_service, change_worker, end_service
from cases.services.tasks import ToDo, add_task, finish_task

__all__ = [
    "Answer",
    "Conference",
    "Heard",
    "Move",
    "Outside",
    "Said",
    "Stale",
    "Step",
    "ToDo",
    "Who",
    "add_meeting",
    "add_note",
    "add_service",
    "add_task",
    "answer_extension",
    "ask_extension",
    "book_interpreter",
    "change_worker",
    "cover_cases",
    "end_cover",
    "end_goal",
    "end_service",
    "entitlement_on",
    "finish_action",
    "finish_task",
    "hand_over",
    "hand_over_service",
    "keep_document",
    "keep_documents",
    "keep_letter",
    "lend_case",
    "log_contact",
    "meeting_not_held",
    "move_session",
    "move_work",
    "note_introduction",
    "open_case",
    "pin_event",
    "plan_again",
    "plan_sessions",
    "raise_worry",
    "record_meeting",
    "remove_document",
    "review_plan",
    "set_goal",
    "settle_interpreter",
    "take_case_back",
    "unpin_event",
    "withdraw_handover",
    "withdraw_session",
]
