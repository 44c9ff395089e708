"""Every form that makes something, sent twice with the same token, makes it once."""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone

from cases.models import (
    AuditAnswer,
    AuditQuestion,
    AuditSample,
    Case,
    CaseAudit,
    CaseMeeting,
    CaseService,
    ClinicalSession,
    Contact,
    ContactNote,
    Cover,
    Event,
    EventPerson,
    EventSession,
    Extension,
    FamilyLink,
    Forum,
    Goal,
    Handover,
    InterpreterBooking,
    LeadWorker,
    LegalStep,
    Loan,
    Pin,
    PlannedSession,
    Review,
    SchoolAttendance,
    ServiceHandover,
    SocialCareStep,
    Supervisee,
    Supervision,
    SupervisionCase,
    SupervisionInterval,
    SupervisionNote,
    Task,
    Worry,
)
from cases.services import set_goal
from cases.services.case_audit import draw_sample
from cases.services.events import Details, plan_event
from cluster_ehs.core.audit import Named
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.directory.models import Feed, RegisterFile
from clusters.models import (
    Absence,
    AccountRequest,
    ApiToken,
    CaseWeight,
    ClinicalSupervision,
    Cluster,
    DutyContact,
    Entitlement,
    GroupRole,
    InterpreterBudget,
    ManagerRequest,
    PartnerService,
    Role,
    School,
    SchoolContribution,
    SchoolMembership,
    Service,
    StaffRole,
    Term,
    ThresholdDocument,
    User,
)
from clusters.services.budgets import financial_year
from families.models import (
    Agreement,
    Circumstances,
    Flag,
    Person,
    Relationship,
    SharingDecision,
    SocialCareInvolvement,
    StoredFile,
)
from formulation.models import Assessment, P
from formulation.services import Line, save_formulation
from imports.models import ImportRun
from keeping.models import RetentionReview, RightsRequest
from monitoring.models import Extract, Finding, NeedSegments, ReportRun, Schedule, SetAside
from monitoring.quality.services import check_cluster
from outcomes.measures.services import Taken, take_measure
from outcomes.models import (
    AgreedMeasure,
    AvertedStep,
    Closure,
    FamilyReading,
    Instrument,
    InstrumentLicence,
    Measure,
    NeedsRound,
    ReadingCuts,
    ReadingSample,
    Survey,
    Transfer,
    UnitCost,
)
from outcomes.readings.scale import Domain
from referrals.intake import receive_intake
from referrals.models import Referral
from tests.clusters.test_register import row, sheet
from tests.fixtures_cast import Cast, a_service, a_term, a_user, as_, decided, sign_in
from tests.imports.sheets import HEADINGS
from triage.models import (
    Action,
    AgendaItem,
    Attendee,
    Chase,
    CheckIn,
    Decision,
    HandDown,
    HarmAnswer,
    Letter,
    Meeting,
    MeetingPattern,
    MessageTemplate,
    Offer,
    PassingOn,
    Question,
    SchoolHoliday,
    StepUp,
)

APPS = (
    "clusters",
    "families",
    "referrals",
    "triage",
    "cases",
    "formulation",
    "outcomes",
    "imports",
    "monitoring",
    "keeping",
)
ELSEWHERE = {
    "monitoring.curiosity.views": "decides a finding that is there, and makes nothing",
    "clusters.home_views": "sets one value of one's own, and makes nothing",
    "clusters.access_review.views": "decides a line that is there, and makes nothing",
    "referrals.journey_views": "the draft's own id is the token: tests/referrals/test_journey.py, also at one moment",
    "triage.views.writing": "the others' helper",
    "clusters.views.pages": "the others' helper",
    "monitoring.returns.views": "what is asked is in the address: tests/monitoring/test_returns.py",
    "outcomes.followup.views": "each of its forms has a token of its own: tests/outcomes/test_followup.py",
    "clusters.views.account": "below: the token for the API is shown once",
}

# Forms that stand on another page than the one that takes them.
SHOWN_ON = {"meeting-attendees": "meeting", "meeting-actions": "meeting-recap"}


def on(name: str, day: date) -> dict[str, str]:
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


Ids = Callable[[Cast], list[Any]]
Data = Callable[[Cast], Mapping[str, Any]]


@dataclass(frozen=True)
class Creating:
    """A form: who sends it, its address, what it holds, and what it makes."""

    url: str
    who: str
    model: type[models.Model]
    data: Data
    ids: Ids = field(default=lambda cast: [])


def case(cast: Cast) -> list[Any]:
    return [cast.case.pk]


def meeting(cast: Cast) -> list[Any]:
    return [cast.meeting.pk]


def flagged(cast: Cast) -> list[Any]:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        Referral.objects.filter(pk=cast.referral.pk).update(harm_flagged_at=timezone.now())
    return [cast.referral.pk]


def an_offer(cast: Cast) -> list[Any]:
    with as_(cast.leader):
        there = Offer.objects.filter(decision__referral=cast.referral).first()
        return [(there or decided(cast.referral, by=cast.leader).offers.get()).pk]


def wellbeing(cast: Cast) -> dict[str, Any]:
    return {
        "person": "family",
        "q_life_satisfaction": "6",
        "q_worthwhile": "",
        "q_happiness": "7",
        "q_anxiety": "2",
        "occasion": "start",
        "how": "together",
        **on("taken_on", in_days(0)),
    }


def a_measure(cast: Cast) -> Any:
    ons4 = Instrument.objects.get(code="ons4")
    answers = {"life_satisfaction": 1, "worthwhile": 1, "happiness": 1, "anxiety": 1}
    with as_(cast.practitioner):
        there = Measure.objects.filter(corrects=None).first()
        about = Taken(occasion="start", taken_on=in_days(0))
        made = there or take_measure(
            by=cast.practitioner, case=cast.case, instrument=ons4, answers=answers, taken=about
        )
    return made.pk


def a_factor(cast: Cast) -> list[Any]:
    with as_(cast.practitioner):
        made = save_formulation(
            by=cast.practitioner,
            case=cast.case,
            lines=[Line(P.PERPETUATING, "A damp flat")],
            made_on=timezone.localdate(),
        )
        return [cast.case.pk, made.factors.get().pk]


def a_finding(cast: Cast) -> list[Any]:
    check_cluster(cast.cluster.pk)
    with as_(cast.practitioner):
        return [Finding.objects.get(rule__code="no_ethnicity", record_id=str(cast.child.pk)).pk]


def a_service_of_the_case(cast: Cast) -> list[Any]:
    rule, _ = Entitlement.objects.get_or_create(
        service=a_service("family_support"),
        effective_from="2020-01-01",
        defaults={"weeks": 4, "extendable": True, "rhythm": "weekly"},
    )
    with as_(cast.practitioner):
        service = CaseService.objects.get(case=cast.case, worker=cast.practitioner)
        CaseService.objects.filter(pk=service.pk).update(entitlement=rule)
    return [cast.case.pk, service.pk]


def a_case_with_a_plan(cast: Cast) -> list[Any]:
    with as_(cast.practitioner):
        set_goal(by=cast.practitioner, case=cast.case, words="Calm mornings")
    return [cast.case.pk]


def the_meeting_to_come(cast: Cast) -> uuid.UUID:
    with as_(cast.leader):
        found = Meeting.objects.exclude(pk=cast.meeting.pk).first()
        return (found or Meeting.objects.create(cluster=cast.cluster, starts_at=timezone.now() + timedelta(days=7))).pk


def before_another_meeting(cast: Cast) -> list[Any]:
    """The deferred referral goes to the meeting that is planned next."""
    the_meeting_to_come(cast)
    return [cast.meeting.pk, cast.referral.pk]


def to_service(cast: Cast) -> dict[str, Any]:
    return {
        "response": "service",
        "services": [str(a_service("family_support").pk)],
        "priority": "3",
        "rationale": "Family support fits.",
    }


def another_school(cast: Cast) -> School:
    return School.objects.get_or_create(name="Newcomer Primary")[0]


def another_supervisor(cast: Cast) -> User:
    found = User.objects.filter(name="Sam Second").first()
    return found or a_user("Sam Second", role=Role.CLINICAL_SUPERVISOR)


def passed_on(cast: Cast) -> list[Any]:
    with as_(cast.leader):
        there = Decision.objects.filter(referral=cast.referral).first()
        decision = there or decided(cast.referral, by=cast.leader)
        keys = {"cluster_id": decision.cluster_id, "family_id": decision.family_id, "sent_on": in_days(-3)}
        row, _ = PassingOn.objects.get_or_create(decision=decision, partner=a_lender(), defaults=keys)
    return [row.pk]


def an_agreement(cast: Cast) -> uuid.UUID:
    with as_(cast.leader):
        keys = {"cluster_id": cast.family.cluster_id, "family_id": cast.family.pk}
        return Agreement.objects.get_or_create(**keys, given_by="Jana", given_on=in_days(0))[0].pk


def a_reading_to_rate(cast: Cast) -> str:
    """A reading by the practitioner; who is to rate it again."""
    with as_(cast.practitioner):
        FamilyReading.objects.create(
            cluster_id=cast.case.cluster_id,
            family_id=cast.case.family_id,
            case=cast.case,
            moment="review",
            taken_on=in_days(0),
            author=cast.practitioner,
        )
    return str(cast.colleague.pk)


def an_audit(cast: Cast) -> list[Any]:
    with as_(cast.leader):
        sample = draw_sample(
            by=cast.leader,
            cluster=cast.cluster,
            which="open",
            stratum="worker",
            starts_on=in_days(-90),
            ends_on=in_days(0),
            wanted=1,
        )
        return [CaseAudit.objects.get(sample=sample).pk]


def a_supervision(cast: Cast) -> list[Any]:
    with as_(cast.leader):
        session = Supervision.objects.create(
            cluster=cast.cluster,
            held_at=timezone.now() - timedelta(hours=1),
            supervisor=cast.leader,
            author=cast.leader,
        )
        Supervisee.objects.create(cluster=cast.cluster, supervision=session, worker=cast.practitioner)
        return [session.pk, cast.case.pk]


def a_forum(cast: Cast) -> list[Any]:
    with as_(cast.leader):
        at = timezone.now() + timedelta(days=3)
        return [Forum.objects.create(cluster=cast.cluster, held_at=at, author=cast.leader).pk]


def a_group(cast: Cast) -> list[Any]:
    found = Details(title="Calm mornings", leaders=[cast.practitioner])
    at = timezone.now() + timedelta(days=3)
    with as_(cast.practitioner):
        made = plan_event(
            by=cast.practitioner, cluster=cast.cluster, kind="group", details=found, starts_at=at, weeks=2
        )
    return [made.pk]


def a_lender() -> PartnerService:
    return PartnerService.objects.get_or_create(name="Invented short work", defaults={"returns_expected": True})[0]


def manager_to_be(cast: Cast) -> int:
    """Somebody of the leader's Cluster, whose account needs two people already."""
    with as_(cast.leader):
        values = {"reason": "Invented", "starts_on": in_days(0), "asked_by": cast.leader}
        ManagerRequest.objects.get_or_create(user=cast.colleague, defaults=values)
    return cast.colleague.pk


def family(cast: Cast) -> list[Any]:
    return [cast.family.pk]


def what_came_in(cast: Cast) -> list[Any]:
    payload = {"last_name": "Newly"}
    with acting_as(NamedActor.FEED):
        made = receive_intake(
            by=Named("feed"), source="police", external_id="N-1", payload=payload, cluster=cast.cluster
        )
    return [made.id]


def from_csws(cast: Cast) -> list[Any]:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        Referral.objects.filter(pk=cast.referral.pk).update(channel="csws")
    return [cast.referral.pk]


FORMS = [
    # families
    Creating(
        "person-new",
        "practitioner",
        Person,
        lambda cast: {
            "first_name": "Marek",
            "last_name": "Novák",
            "is_child": "no",
            "gender": "male",
            "in_household": "yes",
            "involvement": "unknown",
        },
        family,
    ),
    Creating("flag-new", "practitioner", Flag, lambda cast: {"kind": "other", "text": "A loose dog"}, family),
    Creating(
        "relationship-new",
        "practitioner",
        Relationship,
        lambda cast: {"person": str(cast.mother.pk), "kind": "parent", "other": str(cast.child.pk)},
        family,
    ),
    Creating(
        "social-care-new",
        "practitioner",
        SocialCareInvolvement,
        lambda cast: {
            "people": [str(cast.child.pk)],
            "kind": "child_in_need",
            "source": "school",
            **on("starts_on", in_days(-90)),
        },
        family,
    ),
    Creating(
        "circumstances",
        "practitioner",
        Circumstances,
        lambda cast: {"housing": "social", "income": "work", **on("starts_on", in_days(-90))},
        family,
    ),
    Creating(
        "sharing-new",
        "practitioner",
        SharingDecision,
        lambda cast: {
            "decision": "shared",
            "with_whom": "The GP",
            "what": "That she is often tired",
            "reason": "The GP asked, and Jana agrees",
            "basis": "agreed",
            "told": "before",
            **on("decided_on", in_days(0)),
        },
        family,
    ),
    Creating(
        "agreement-new",
        "practitioner",
        Agreement,
        lambda cast: {"given_by": "Jana, mother", **on("given_on", in_days(0))},
        family,
    ),
    Creating(
        "rights-new",
        "practitioner",
        RightsRequest,
        lambda cast: {
            "kind": "complaint",
            "person": str(cast.child.pk),
            "asker": "parent",
            "asker_name": "Jana",
            "wanted": "Nobody rang back",
            "channel": "phone",
            "identity": "known",
            **on("received_on", in_days(0)),
        },
        family,
    ),
    # cases
    Creating(
        "contact-new",
        "practitioner",
        Contact,
        lambda cast: {
            "people": [str(cast.child.pk)],
            "kind": "phone",
            "attendance": "attended",
            "note": "She walked in by herself.",
            **on("at", in_days(-1)),
            "at-time": "10:00",
        },
        case,
    ),
    Creating("note-add", "practitioner", ContactNote, lambda cast: {"text": "More."}, lambda cast: [cast.contact.pk]),
    Creating("case-worry", "practitioner", Worry, lambda cast: {"worry": "Bruises on both arms."}, case),
    Creating(
        "case-step-up",
        "practitioner",
        SocialCareStep,
        lambda cast: {
            **on("at", in_days(-1)),
            "at-time": "09:30",
            "taken_by": "Sam Invented",
            "csws_reference": "CS-1",
            "decided_by": "Dee",
            "why": "Bruises.",
            "meanwhile": "stays",
        },
        case,
    ),
    Creating(
        "case-step-down",
        "practitioner",
        SocialCareStep,
        lambda cast: {**on("on", in_days(0)), "decided_by": "Sam Invented", "why": "Early help goes on."},
        case,
    ),
    Creating(
        "attendance-new",
        "practitioner",
        SchoolAttendance,
        lambda cast: {
            "person": str(cast.child.pk),
            **on("starts_on", in_days(-9)),
            **on("ends_on", in_days(-5)),
            "percentage": "91.5",
            "source": "register",
        },
        case,
    ),
    Creating(
        "legal-new",
        "practitioner",
        LegalStep,
        lambda cast: {
            "person": str(cast.child.pk),
            "stage": str(Term.objects.get(code="penalty_notice").pk),
            **on("taken_on", in_days(-5)),
        },
        case,
    ),
    Creating("goal-new", "practitioner", Goal, lambda cast: {"words": "Somewhere dry"}, case),
    Creating(
        "case-review",
        "practitioner",
        Review,
        lambda cast: {"decisions": "Carry on.", **on("reviewed_on", in_days(0)), **on("next_due_on", in_days(30))},
        a_case_with_a_plan,
    ),
    Creating(
        "case-meeting-new",
        "practitioner",
        CaseMeeting,
        lambda cast: {"kind": "taf", **on("held_at", in_days(3)), "held_at-time": "10:00"},
        case,
    ),
    Creating(
        "case-audit-new",
        "leader",
        AuditSample,
        lambda cast: {
            "cluster": str(cast.cluster.pk),
            "which": "open",
            "stratum": "worker",
            "wanted": "1",
            **on("starts_on", in_days(-90)),
            **on("ends_on", in_days(0)),
        },
    ),
    Creating(
        "case-audit",
        "leader",
        AuditAnswer,
        lambda cast: {f"answer_{AuditQuestion.objects.all()[0].pk}": "yes"},
        an_audit,
    ),
    Creating(
        "settings-audit-question-new",
        "manager",
        AuditQuestion,
        lambda cast: {"text": "Is it kind?", "order": "1"},
    ),
    Creating(
        "supervision-new",
        "leader",
        Supervision,
        lambda cast: {
            "kind": "group",
            "supervisor": str(cast.leader.pk),
            "workers": [str(cast.practitioner.pk)],
            **on("held_at", in_days(3)),
            "held_at-time": "10:00",
        },
    ),
    Creating(
        "supervision-case",
        "leader",
        SupervisionCase,
        lambda cast: {"track": "on_track", "notes": "Mornings."},
        a_supervision,
    ),
    Creating(
        "supervision-note",
        "leader",
        SupervisionNote,
        lambda cast: {"wellbeing": "Tired."},
        lambda cast: [a_supervision(cast)[0], cast.practitioner.pk],
    ),
    Creating(
        "clinical-session-new",
        "therapist",
        ClinicalSession,
        lambda cast: {"supervisor": "", "held_on": in_days(-1).isoformat(), "minutes": "60"},
    ),
    Creating(
        "settings-supervision-intervals",
        "manager",
        SupervisionInterval,
        lambda cast: {"post": "family_practitioner", "weeks": "3", **on("effective_from", in_days(9))},
    ),
    Creating(
        "forum-new",
        "practitioner",
        Forum,
        lambda cast: {
            "kind": "rethink",
            "cluster": str(cast.cluster.pk),
            **on("held_at", in_days(3)),
            "held_at-time": "10:00",
        },
    ),
    Creating(
        "forum",
        "practitioner",
        CaseMeeting,
        lambda cast: {"case": str(cast.case.pk), "purpose": "Mornings have not moved."},
        a_forum,
    ),
    Creating(
        "event-new",
        "practitioner",
        Event,
        lambda cast: {
            "kind": "drop_in",
            "cluster": str(cast.cluster.pk),
            "title": "Coffee at the gate",
            "leaders": [str(cast.practitioner.pk)],
            **on("starts_at", in_days(3)),
            "starts_at-time": "10:00",
        },
    ),
    Creating("event-people", "practitioner", EventPerson, lambda cast: {"people": [str(cast.mother.pk)]}, a_group),
    Creating(
        "event-session-new",
        "practitioner",
        EventSession,
        lambda cast: {**on("held_at", in_days(30)), "held_at-time": "10:00"},
        a_group,
    ),
    Creating(
        "task-new",
        "practitioner",
        Task,
        lambda cast: {"what_0": "Ring the landlord", "owner_0": str(cast.practitioner.pk), **on("due_0", in_days(3))},
        case,
    ),
    Creating(
        "case-documents",
        "practitioner",
        StoredFile,
        lambda cast: {"files": SimpleUploadedFile("letter.pdf", b"%PDF-1.7 invented")},
        case,
    ),
    Creating(
        "case-letter",
        "practitioner",
        StoredFile,
        lambda cast: {"to_name": "The school", "subject": "Early help", "body": "Dear colleagues, …"},
        case,
    ),
    Creating(
        "pin-new",
        "practitioner",
        Pin,
        lambda cast: {"reason": "The first good morning."},
        lambda cast: [cast.case.pk, "contacts", cast.contact.pk],
    ),
    Creating(
        "extension-ask",
        "practitioner",
        Extension,
        lambda cast: {"weeks": "6", "reason": "Housing takes longer."},
        a_service_of_the_case,
    ),
    Creating(
        "service-add",
        "leader",
        CaseService,
        lambda cast: {
            "service": str(a_service("adult_counselling").pk),
            "worker": str(cast.colleague.pk),
            **on("on", in_days(0)),
        },
        case,
    ),
    Creating(
        "service-worker",
        "leader",
        ServiceHandover,
        lambda cast: {"to": str(cast.colleague.pk), "text": "Ring first.", **on("on", in_days(0))},
        a_service_of_the_case,
    ),
    Creating(
        "session-plan",
        "practitioner",
        PlannedSession,
        lambda cast: {"kind": "home_visit", "times": "1", **on("at", in_days(3)), "at-time": "10:00"},
        case,
    ),
    Creating(
        "interpreter-new",
        "practitioner",
        InterpreterBooking,
        lambda cast: {
            "language": str(a_term("language").pk),
            "minutes_booked": "60",
            "mode": "phone",
            "status": "booked",
            **on("at", in_days(3)),
            "at-time": "10:00",
        },
        case,
    ),
    Creating(
        "settings-interpreters",
        "leader",
        InterpreterBudget,
        lambda cast: {
            "cluster": str(cast.cluster.pk),
            "year": str(financial_year(in_days(0))),
            "pounds": "4000",
            **on("effective_from", in_days(0)),
        },
    ),
    Creating(
        "settings-contributions",
        "leader",
        SchoolContribution,
        lambda cast: {
            "place": f"{cast.cluster.pk}-{cast.school.pk}",
            "year": str(financial_year(in_days(0))),
            "pounds": "9000",
            **on("effective_from", in_days(0)),
        },
    ),
    Creating(
        "case-lend",
        "practitioner",
        Loan,
        lambda cast: {
            "partner": str(a_lender().pk),
            "why": "Intensive work on mornings.",
            **on("on", in_days(0)),
            **on("back_expected_on", in_days(40)),
        },
        case,
    ),
    Creating(
        "case-hand-over",
        "leader",
        LeadWorker,
        lambda cast: {
            "to": str(cast.colleague.pk),
            **on("on", in_days(0)),
            "handover": "Mornings are hard.",
            "family_told": "At the last visit.",
        },
        case,
    ),
    Creating(
        "worker-move",
        "leader",
        Handover,
        lambda cast: {
            **on("on", in_days(0)),
            "to_all": str(cast.colleague.pk),
            "handover_all": "Mornings are hard.",
            f"move-lead-{cast.case.pk}": "on",
        },
        lambda cast: [cast.practitioner.pk, cast.cluster.pk],
    ),
    Creating(
        "cover-new",
        "leader",
        Cover,
        lambda cast: {
            "covering": str(cast.colleague.pk),
            **on("starts_on", in_days(0)),
            **on("ends_on", in_days(9)),
            "must_know": "Mornings are hard.",
            "cases": [str(cast.case.pk)],
        },
        lambda cast: [cast.practitioner.pk, cast.cluster.pk],
    ),
    Creating("allocate", "leader", Case, lambda cast: {"lead_worker": str(cast.colleague.pk), "worker": ""}, an_offer),
    # formulation
    Creating("factor-use", "practitioner", Goal, lambda cast: {"which": "new", "words": "Somewhere dry"}, a_factor),
    Creating(
        "assessment-new",
        "practitioner",
        Assessment,
        lambda cast: {**on("starts_on", in_days(-1)), "organisation": "Invented", "children": [str(cast.child.pk)]},
        case,
    ),
    # outcomes
    Creating(
        "case-close",
        "practitioner",
        Closure,
        lambda cast: {"outcomes": ["completed_full"], **on("closed_on", in_days(0))},
        case,
    ),
    Creating(
        "reading-new",
        "practitioner",
        FamilyReading,
        lambda cast: {
            "moment": "review",
            "people": [str(cast.mother.pk)],
            **on("taken_on", in_days(0)),
            **{f"points_{domain}": "4" for domain in Domain.values},
        },
        case,
    ),
    Creating(
        "reading-sample-new",
        "leader",
        ReadingSample,
        lambda cast: {
            "cluster": str(cast.cluster.pk),
            "reader": a_reading_to_rate(cast),
            "moments": ["review"],
            "wanted": "3",
            **on("starts_on", in_days(-30)),
            **on("ends_on", in_days(0)),
        },
    ),
    Creating(
        "needs-edit",
        "practitioner",
        NeedsRound,
        lambda cast: on("done_on", in_days(0)),
        lambda cast: [cast.case.pk, "start"],
    ),
    Creating(
        "averted-new",
        "practitioner",
        AvertedStep,
        lambda cast: {
            "level": "protection",
            "children": "2",
            "judged_by": "taf",
            "why": "Gran moved in.",
            **on("averted_on", in_days(0)),
        },
        case,
    ),
    Creating(
        "settings-unit-costs",
        "manager",
        UnitCost,
        lambda cast: {
            "level": "protection",
            "pounds": "10",
            "per": "week",
            "source": "Invented",
            **on("starts_on", in_days(0)),
        },
    ),
    Creating(
        "settings-reading-cuts",
        "manager",
        ReadingCuts,
        lambda cast: {"low": "3", "middle": "6", **on("starts_on", in_days(9))},
    ),
    Creating("measure-take", "practitioner", Measure, wellbeing, lambda cast: [cast.case.pk, "ons4"]),
    Creating(
        "measure-correct",
        "practitioner",
        Measure,
        lambda cast: wellbeing(cast) | {"reason": "Misread"},
        lambda cast: [a_measure(cast)],
    ),
    Creating(
        "measure-agree",
        "practitioner",
        AgreedMeasure,
        lambda cast: {"person": "family", "every_weeks": "4"},
        lambda cast: [cast.case.pk, "ons4"],
    ),
    Creating(
        "settings-measure-licence",
        "manager",
        InstrumentLicence,
        lambda cast: {"holder": "The council", "reference": "L-1", **on("starts_on", in_days(0))},
        lambda cast: ["sdq"],
    ),
    Creating(
        "survey-new",
        "manager",
        Survey,
        lambda cast: {
            "title": "Autumn",
            "clusters": [str(cast.cluster.pk)],
            "services": [str(pk) for pk in Service.objects.filter(cluster=None).values_list("pk", flat=True)],
            "wanted": "5",
            "scale_1": "How easy was it to reach us?",
            **on("starts_on", in_days(-90)),
            **on("ends_on", in_days(0)),
            **on("answer_until", in_days(30)),
        },
    ),
    # referrals
    Creating("intake", "practitioner", Referral, lambda cast: {"new": "yes"}, what_came_in),
    Creating(
        "transfer-new",
        "leader",
        Transfer,
        lambda cast: {
            "to_cluster": cast.other_cluster.pk,
            "why": "They move.",
            "agreement": str(an_agreement(cast)),
            "parts": ["plan"],
        },
        lambda cast: [cast.case_referral.pk],
    ),
    # triage
    Creating(
        "meeting-new",
        "leader",
        Meeting,
        lambda cast: {"kind": "screening", **on("starts_at", in_days(5)), "starts_at-time": "09:30"},
    ),
    Creating("board", "leader", Decision, to_service, lambda cast: [cast.meeting.pk, cast.referral.pk]),
    Creating("screen-referral", "leader", Decision, to_service, lambda cast: [cast.referral.pk]),
    Creating(
        "defer",
        "leader",
        AgendaItem,
        lambda cast: {
            "reason": "The school has not answered.",
            "to": str(the_meeting_to_come(cast)),
        },
        before_another_meeting,
    ),
    Creating(
        "step-up",
        "leader",
        StepUp,
        lambda cast: {
            "taken_by": "Invented Duty Worker",
            "csws_reference": "D-17",
            **on("at", in_days(-1)),
            "at-time": "10:00",
        },
        lambda cast: [cast.referral.pk],
    ),
    Creating("no-step-up", "leader", HarmAnswer, lambda cast: {"reason": "CSWS works with the family"}, flagged),
    Creating(
        "hand-down",
        "leader",
        HandDown,
        lambda cast: {"csws_reference": "CSWS/99"},
        from_csws,
    ),
    Creating(
        "offer-check-in",
        "practitioner",
        CheckIn,
        lambda cast: {"reached": "no", "said": "Nobody answered.", **on("on", in_days(0))},
        an_offer,
    ),
    Creating(
        "passing-on-chase",
        "leader",
        Chase,
        lambda cast: {"said": "Una: next week.", **on("on", in_days(0)), **on("next_on", in_days(7))},
        passed_on,
    ),
    Creating("meeting-attendees", "leader", Attendee, lambda cast: {"name": "Una Invented", "agency": "GP"}, meeting),
    Creating("meeting-actions", "leader", Action, lambda cast: {"text": "Ring the school"}, meeting),
    # keeping
    Creating(
        "legal-hold", "leader", RetentionReview, lambda cast: {"ground": "claim", "reason": "A claim was made"}, family
    ),
    # monitoring
    Creating(
        "report-new",
        "manager",
        ReportRun,
        lambda cast: {
            "report": "tables",
            "clusters": [cast.cluster.pk],
            **on("period_from", in_days(-60)),
            **on("period_to", in_days(-30)),
        },
    ),
    Creating(
        "extract-new",
        "manager",
        Extract,
        lambda cast: {
            "purpose": "To know who is reached",
            "recipient": "Ada Invented",
            "basis": "task",
            "clusters": [cast.cluster.pk],
            **on("period_from", in_days(-60)),
            **on("period_to", in_days(-30)),
        },
    ),
    Creating(
        "segment-new",
        "manager",
        NeedSegments,
        lambda cast: {
            "report": "tables",
            "clusters": [cast.cluster.pk],
            **on("period_from", in_days(-60)),
            **on("period_to", in_days(-30)),
        },
    ),
    Creating(
        "report-schedule-new",
        "manager",
        Schedule,
        lambda cast: {"name": "Monthly", "reports": ["tables"], "when": "monthly", "covers": "own", "active": "on"},
    ),
    Creating(
        "quality-aside",
        "practitioner",
        SetAside,
        lambda cast: {"reason": "They prefer not to say", **on("until", in_days(30))},
        a_finding,
    ),
    # imports
    Creating(
        "import-list",
        "leader",
        ImportRun,
        lambda cast: {
            "cluster": cast.cluster.pk,
            "file": SimpleUploadedFile("sheet.csv", f"{','.join(HEADINGS)}\nS1\n".encode()),
        },
    ),
    # settings
    Creating("settings-cluster-new", "manager", Cluster, lambda cast: {"name": "Third Invented", "prefix": "TI"}),
    Creating(
        "settings-register",
        "manager",
        RegisterFile,
        lambda cast: {"file": SimpleUploadedFile("edubase.csv", sheet(row("107001", "Oak"))), "authority": "383"},
    ),
    Creating("settings-school-new", "manager", School, lambda cast: {"name": "Fourth School", "phase": "primary"}),
    Creating(
        "settings-cluster-school",
        "manager",
        SchoolMembership,
        lambda cast: {"school": another_school(cast).pk, **on("starts_on", in_days(0))},
        lambda cast: [cast.cluster.pk],
    ),
    Creating(
        "settings-service-new", "manager", Service, lambda cast: {"name": "Music group", "kind": "other", "order": "9"}
    ),
    Creating(
        "settings-entitlement-new",
        "manager",
        Entitlement,
        lambda cast: {
            "weeks": "20",
            "extendable": "yes",
            "counts_not_attended": "no",
            "rhythm": "weekly",
            **on("effective_from", in_days(9)),
        },
        lambda cast: [a_service("family_support").pk],
    ),
    Creating(
        "settings-weights",
        "manager",
        CaseWeight,
        lambda cast: {
            "what": f"service:{a_service('family_support').pk}",
            "weight": "1.5",
            **on("effective_from", in_days(9)),
        },
    ),
    Creating(
        "letter-new",
        "leader",
        Letter,
        lambda cast: {"subject": "We can help", "body": "Thank you."},
        lambda cast: [cast.case_referral.pk, "family"],
    ),
    Creating(
        "settings-message-new",
        "manager",
        MessageTemplate,
        lambda cast: {
            "audience": "family",
            "about": "service",
            "language": "pl",
            "subject": "Pomoc",
            "body": "{child}",
        },
    ),
    Creating(
        "ask",
        "leader",
        Question,
        lambda cast: {"text": "Who lives at home?", **on("due_on", in_days(9))},
        lambda cast: [cast.meeting.pk, cast.referral.pk],
    ),
    Creating(
        "meeting-pattern-new",
        "leader",
        MeetingPattern,
        lambda cast: {
            "kind": "screening",
            "weekday": "2",
            "time": "09:30",
            "on_holiday": "skip",
            **on("starts_on", in_days(1)),
        },
    ),
    Creating(
        "settings-holiday-new",
        "manager",
        SchoolHoliday,
        lambda cast: {"name": "Half-term", **on("starts_on", in_days(9)), **on("ends_on", in_days(12))},
    ),
    Creating(
        "settings-partner-new",
        "manager",
        PartnerService,
        lambda cast: {"name": "Invented Advice", "returns_expected": "no", "is_social_care": "no", "order": "5"},
    ),
    Creating(
        "settings-feed-new",
        "manager",
        Feed,
        lambda cast: {
            "name": "City directory",
            "url": "https://directory.example/api",
            "every_hours": "24",
            "is_on": "yes",
        },
    ),
    Creating(
        "settings-term-new",
        "manager",
        Term,
        lambda cast: {"label": "Youth club", "published_as": "Other"},
        lambda cast: ["route"],
    ),
    Creating(
        "settings-threshold-new",
        "manager",
        ThresholdDocument,
        lambda cast: {"name": "Levels of need", "authority": "Leeds", **on("starts_on", in_days(30))},
    ),
    Creating(
        "settings-invite",
        "manager",
        User,
        lambda cast: {
            "name": "Ira Invited",
            "email": "ira@example.org",
            "role": "practitioner",
            "cluster": cast.cluster.pk,
            "post": "family_practitioner",
            **on("starts_on", in_days(0)),
        },
    ),
    Creating(
        "settings-role-new",
        "manager",
        StaffRole,
        lambda cast: {"role": "leader", "cluster": cast.other_cluster.pk, **on("starts_on", in_days(0))},
        lambda cast: [cast.leader.pk],
    ),
    Creating(
        "settings-manager-ask",
        "leader",
        ManagerRequest,
        lambda cast: {"reason": "The second manager retires", **on("starts_on", in_days(0))},
        lambda cast: [cast.colleague.pk],
    ),
    Creating(
        "settings-account-ask",
        "leader",
        AccountRequest,
        lambda cast: {"what": "address", "email": "new@example.org", "reason": "The address of before has gone"},
        lambda cast: [manager_to_be(cast)],
    ),
    Creating(
        "settings-acting",
        "manager",
        StaffRole,
        lambda cast: {
            "role": "leader",
            "cluster": cast.cluster.pk,
            "reason": "Dee is on leave",
            **on("starts_on", in_days(0)),
            **on("ends_on", in_days(20)),
        },
        lambda cast: [cast.colleague.pk],
    ),
    Creating(
        "settings-group-new",
        "manager",
        GroupRole,
        lambda cast: {
            "group": "eh-leaders",
            "role": "leader",
            "cluster": cast.cluster.pk,
            **on("starts_on", in_days(0)),
        },
    ),
    Creating(
        "settings-duty-new",
        "leader",
        DutyContact,
        lambda cast: {
            "kind": "deputy",
            "cluster": cast.cluster.pk,
            "email": "deputy@example.org",
            **on("starts_on", in_days(0)),
        },
    ),
    Creating(
        "settings-absence-new",
        "leader",
        Absence,
        lambda cast: {"user": cast.leader.pk, **on("starts_on", in_days(0)), **on("ends_on", in_days(7))},
    ),
    Creating(
        "settings-supervision-new",
        "manager",
        ClinicalSupervision,
        lambda cast: {
            "supervisor": another_supervisor(cast).pk,
            "worker": cast.colleague.pk,
            **on("starts_on", in_days(0)),
        },
    ),
]


def count(form: Creating, cast: Cast) -> int:
    with as_(getattr(cast, form.who)):
        return form.model._base_manager.count()


def address(cast: Cast, form: Creating) -> str:
    return reverse(form.url, args=form.ids(cast))


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.url} {form.model.__name__}")
def test_sent_twice_it_makes_one(cast: Cast, client: Client, form: Creating) -> None:
    url = address(cast, form)
    once = {"once": str(uuid.uuid4())}
    sign_in(client, getattr(cast, form.who))
    form.data(cast)
    before = count(form, cast)
    answers = [client.post(url, {**form.data(cast), **once}) for _ in range(2)]
    wrong = [answer.context["form"].errors for answer in answers if answer.status_code == 422]
    assert [answer.status_code for answer in answers] == [302, 302], wrong
    assert answers[0]["Location"] == answers[1]["Location"]
    assert count(form, cast) == before + 1


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.url} {form.model.__name__}")
def test_the_page_gives_each_form_a_token_of_its_own(cast: Cast, client: Client, form: Creating) -> None:
    form = replace(form, url=SHOWN_ON.get(form.url, form.url))
    url = address(cast, form)
    sign_in(client, getattr(cast, form.who))
    tokens = [re.findall(r'name="once" value="([^"]+)"', client.get(url).content.decode()) for _ in range(2)]
    assert tokens[0], "the form has a token"
    assert not set(tokens[0]) & set(tokens[1])


def test_a_familys_link_made_twice_leaves_one_that_works(cast: Cast, client: Client) -> None:
    """The link and its code are shown once, so the second answer cannot repeat the first: it replaces it."""
    sign_in(client, cast.leader)
    for _ in range(2):
        data = {"person": cast.mother.pk, "language": "en", **on("expires_on", in_days(30))}
        assert client.post(reverse("case-share", args=[cast.case.pk]), data).status_code == 200
    with as_(cast.leader):
        assert FamilyLink.objects.filter(case=cast.case, withdrawn_at=None).count() == 1


def test_a_token_for_the_api_made_twice_is_shown_again_or_refused(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    data = {"name": "Our sheet", "scopes": ["referrals:read"], **on("expires_on", in_days(30))}
    data["once"] = str(uuid.uuid4())
    for _ in range(2):
        client.post(reverse("account-token-new"), data)
    assert ApiToken.objects.filter(user=cast.practitioner).count() <= 1


def test_no_page_that_takes_tokens_is_missing_here(cast: Cast, client: Client) -> None:
    """Every module of views that takes tokens has at least one of its forms above."""
    root = Path(django_settings.BASE_DIR)
    taking = {
        ".".join(path.relative_to(root).with_suffix("").parts)
        for app in APPS
        for path in (root / app).rglob("*.py")
        if "views" in f"{path.parent.name} {path.stem}"
        and re.search(r"^from \S+ import .*\b(once|write_once|form_page)\b", path.read_text(), re.MULTILINE)
    }
    assert len(taking) > 10
    covered = {resolve(address(cast, form)).func.__module__ for form in FORMS}
    assert taking - covered - ELSEWHERE.keys() == set()
