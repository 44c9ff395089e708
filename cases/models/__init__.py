"""Casework: the case, its lead worker, services, plan, goals, scores, contacts, meetings."""

from cases.models.attendance import LegalStep, SchoolAttendance, percentage_of
from cases.models.case import Case, CaseReferral, CaseService, CaseStatus, Extension, FamilyLink, LeadWorker
from cases.models.case_audit import AuditAnswer, AuditQuestion, AuditSample, CaseAudit
from cases.models.contact import Attendance, ChildVoice, Contact, ContactChild, ContactNote, ContactPerson
from cases.models.cover import Cover
from cases.models.event import Event, EventAttendance, EventLeader, EventPerson, EventSession
from cases.models.handover import Handover, Work
from cases.models.loan import Loan
from cases.models.meeting import CaseMeeting, Forum, ForumAttendee, MeetingAttendee, Task
from cases.models.pin import Pin
from cases.models.plan import (
    SCORE,
    Goal,
    GoalAction,
    GoalAgreement,
    GoalNotAsked,
    GoalScore,
    GoalStatus,
    Plan,
    Review,
    ReviewPerson,
)
from cases.models.session import InterpreterBooking, PlannedSession, ServiceHandover
from cases.models.steps import SocialCareStep, Worry
from cases.models.supervision import (
    ClinicalSession,
    OnTrack,
    Supervisee,
    Supervision,
    SupervisionCase,
    SupervisionInterval,
    SupervisionNote,
)

__all__ = [
    "SCORE",
    "Attendance",
    "AuditAnswer",
    "AuditQuestion",
    "AuditSample",
    "Case",
    "CaseAudit",
    "CaseMeeting",
    "CaseReferral",
    "CaseService",
    "CaseStatus",
    "ChildVoice",
    "ClinicalSession",
    "Contact",
    "ContactChild",
    "ContactNote",
    "ContactPerson",
    "Cover",
    "Event",
    "EventAttendance",
    "EventLeader",
    "EventPerson",
    "EventSession",
    "Extension",
    "FamilyLink",
    "Forum",
    "ForumAttendee",
    "Goal",
    "GoalAction",
    "GoalAgreement",
    "GoalNotAsked",
    "GoalScore",
    "GoalStatus",
    "Handover",
    "InterpreterBooking",
    "LeadWorker",
    "LegalStep",
    "Loan",
    "MeetingAttendee",
    "OnTrack",
    "Pin",
    "Plan",
    "PlannedSession",
    "Review",
    "ReviewPerson",
    "SchoolAttendance",
    "ServiceHandover",
    "SocialCareStep",
    "Supervisee",
    "Supervision",
    "SupervisionCase",
    "SupervisionInterval",
    "SupervisionNote",
    "Task",
    "Work",
    "Worry",
    "percentage_of",
]
