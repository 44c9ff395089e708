"""Which pages are pictured, for whom, and with which record: the name of a URL and a chooser of its record."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from cases.models import (
    AuditSample,
    Case,
    CaseAudit,
    CaseMeeting,
    CaseService,
    CaseStatus,
    Contact,
    Event,
    EventSession,
    Extension,
    Forum,
    Goal,
    InterpreterBooking,
    PlannedSession,
    Supervision,
    SupervisionCase,
)
from cluster_ehs.core.models import Draft
from clusters.models import (
    AccessReview,
    AccountRequest,
    Cluster,
    ManagerRequest,
    Role,
    School,
    Service,
    StaffRole,
    Term,
    User,
)
from demo.sign_ins import SURVEY_TOKEN
from families.models import EmergencyAccess, Family, StoredFile
from formulation.models import Assessment, Factor
from imports.models import ImportRun
from keeping.models import Disposal, PrivateReading, RightsRequest
from monitoring.models import CuriosityFinding, Extract, Finding, NeedSegments, ReportRun, ReturnRun, Rule, Schedule
from outcomes.models import Closure, FollowUp, Measure, ReadingSample, SecondReading, Survey, SurveyInvitation
from referrals.models import Intake, Referral
from referrals.public.texts import texts
from triage.models import Meeting, MessageTemplate, Offer, PassingOn

Chooser = Callable[[User], dict[str, Any] | None]
SIGNED_OUT, FAMILY = "signed out", "family"
ROLES = {
    "practitioner": "asha",
    "leader": "dee",
    "therapist": "lee",
    "clinical supervisor": "sol",
    "manager": "mo",
    "panel guest": "gus",
    "referrer": "rae",
}


@dataclass(frozen=True)
class Page:
    """One page. roles: short names of `ROLES`. query: added to the address. post: fields of a posted form."""

    title: str
    url_name: str
    roles: tuple[str, ...]
    record: Chooser = lambda user: {}
    query: str = ""
    fill: tuple[tuple[str, str], ...] = ()


def fixed(**arguments: Any) -> Chooser:
    """The same arguments for everybody."""
    return lambda user: arguments


def pk_of(query: Callable[[User], Any]) -> Chooser:
    """The first row of a query, as the argument `pk`."""

    def choose(user: User) -> dict[str, Any] | None:
        found = query(user).values_list("pk", flat=True).first()
        return {"pk": found} if found else None

    return choose


def complaint_to_answer(user: User) -> dict[str, Any] | None:
    found = RightsRequest.objects.open().filter(kind="complaint").first()
    return {"pk": found.pk, "act": "answer"} if found else None


def _own(user: User) -> Any:
    """An open case of the user's with a plan, the one with most contacts first."""
    cases = Case.objects.filter(status=CaseStatus.OPEN, plan__isnull=False, opened_on__lt=timezone.localdate())
    mine = cases.filter(lead_workers__worker=user, lead_workers__ends_on__isnull=True)
    if user.roles.filter(post="childrens_therapist").exists():
        mine = cases.filter(services__worker=user)
    return (mine if mine.exists() else cases).order_by("opened_on")


def _named(kind: str, chosen: dict[str, Any] | None) -> dict[str, Any] | None:
    return chosen and {"kind": kind, **chosen}


def _fresh(user: User) -> Any:
    """A case just allocated: nothing in it yet."""
    return Case.objects.filter(status=CaseStatus.OPEN, plan__isnull=True).order_by("-opened_on")


def _board(harm: bool) -> Chooser:
    def choose(user: User) -> dict[str, Any] | None:
        meeting = Meeting.objects.filter(status="open").first()
        items = meeting.items.filter(referral__status="to_screen") if meeting else None
        if meeting is None or items is None:
            return None
        found = items.filter(referral__harm_flagged_at__isnull=not harm).order_by("position").last()
        return {"pk": meeting.pk, "referral_pk": found.referral_id} if found else None

    return choose


def _of_case(model: Any, argument: str, path: str = "case", **only: Any) -> Chooser:
    """A row under one of the user's own cases, with the case as `pk`."""

    def choose(user: User) -> dict[str, Any] | None:
        for case in _own(user)[:12]:
            found = model.objects.filter(**{path: case.pk}, **only).first()
            if found:
                return {"pk": case.pk, argument: found.pk}
        return None

    return choose


def _screened(harm: bool) -> Chooser:
    def choose(user: User) -> dict[str, Any] | None:
        found = Referral.objects.to_screen().filter(harm_flagged_at__isnull=not harm).order_by("received_on").first()
        return {"referral_pk": found.pk} if found else None

    return choose


def _talked_over(user: User) -> dict[str, Any] | None:
    found = SupervisionCase.objects.order_by("-held_at").first()
    return {"pk": found.supervision_id, "case_id": found.case_id} if found else None


def a_worker(user: User) -> dict[str, Any] | None:
    """A practitioner with cases in a Cluster that the user leads."""
    led = user.roles.filter(role=Role.LEADER).values_list("cluster_id", flat=True)
    asha = StaffRole.objects.filter(role=Role.PRACTITIONER, cluster_id__in=led, user__name__startswith="Asha").first()
    return {"worker": asha.user_id, "cluster": asha.cluster_id} if asha else None


own_case, fresh_case = pk_of(_own), pk_of(_fresh)
answered_alone = pk_of(lambda u: Measure.objects.filter(risk__isnull=False, risk__author=None))
measured_case = pk_of(lambda u: _own(u).filter(measures__isnull=False, measures__private=False))
closed_case = pk_of(lambda u: Case.objects.filter(status="closed", closures__isnull=False).order_by("-closed_on"))
two_versions = pk_of(lambda u: Case.objects.filter(formulations__number=2).order_by("opened_on"))
closing_case = pk_of(lambda u: Case.objects.filter(closures__status="returned"))
meeting_now = pk_of(lambda u: Meeting.objects.filter(status="open"))
meeting_past = pk_of(lambda u: Meeting.objects.filter(status="closed").order_by("-starts_at"))
a_cluster = pk_of(lambda u: Cluster.objects.filter(prefix="RD"))
P, L, T, S, M, G, R = (
    "practitioner",
    "leader",
    "therapist",
    "clinical supervisor",
    "manager",
    "panel guest",
    "referrer",
)
EVERYBODY = (P, L, T, S, M, G, R)

PAGES = (
    Page("My sessions", "my-sessions", (P, T)),
    Page("My sessions in a calendar", "my-calendar", (P,)),
    Page("Planned session", "planned-session", (P, T), pk_of(lambda u: PlannedSession.objects.filter(worker=u, contact__isnull=True, withdrawn_at__isnull=True).order_by("at"))),
    Page("Plan sessions", "session-plan", (P, T), own_case),
    Page("Add a service", "service-add", (L,), own_case),
    Page("Another worker of a service", "service-worker", (L,), _of_case(CaseService, "service_id", status="active")),
    Page("End a service", "service-end", (P,), _of_case(CaseService, "service_id", status="active")),
    Page("Book an interpreter", "interpreter-new", (P,), pk_of(lambda u: Case.objects.filter(interpreters__isnull=False))),
    Page("Services of a family with interpreters", "case-services", (P,), pk_of(lambda u: Case.objects.filter(interpreters__planned__isnull=False))),
    Page("Interpreter", "interpreter", (L,), pk_of(lambda u: InterpreterBooking.objects.filter(status="booked"))),
    Page("Interpreters' cost", "interpreter-spend", (L, M)),
    Page("Settings: measures", "settings-measures", (L, M)),
    Page("Settings: a measure", "settings-measure", (M,), lambda u: {"code": "sdq"}),
    Page("Settings: a measure with questions", "settings-measure", (M,), lambda u: {"code": "phq-9"}),
    Page("Settings: a licence", "settings-measure-licence", (M,), lambda u: {"code": "rcads"}),
    Page("Settings: budgets for interpreters", "settings-interpreters", (M,)),
    Page("Settings: contributions of schools", "settings-contributions", (M,)),
    Page("Sign in", "account_login", (SIGNED_OUT,)),
    Page("Password reset", "account_reset_password", (SIGNED_OUT,)),
    Page("Home", "home", EVERYBODY),
    Page("Notices", "notices", (P, L)),
    # referrals and families
    Page("Referrals", "referral-list", (P, L)),
    Page("Referral to screen", "referral", (P, L), pk_of(lambda u: Referral.objects.to_screen().order_by("received_on"))),
    Page("Referral with a harm flag", "referral", (L,), pk_of(lambda u: Referral.objects.filter(harm_flagged_at__isnull=False))),
    Page("Referral that ended", "referral", (P,), pk_of(lambda u: Referral.objects.filter(status="ended").order_by("-received_on"))),
    Page("Log a referral: search first", "referral-new", (P,)),
    Page("Log a referral: who was found", "referral-new", (P,), fill=(("name", "Samuel"),)),
    Page("Own school's referrals", "school-referrals", (R,)),
    Page("To match", "intake-list", (P, L)),
    Page("To match: one beside the children it may be about", "intake", (P,), pk_of(lambda u: Intake.objects.filter(state="new", proven=True).order_by("received_at"))),
    Page("To match: changed by its sender", "intake", (L,), pk_of(lambda u: Intake.objects.filter(changed_at__isnull=False))),
    Page("Public form: first page", "public-start", (SIGNED_OUT,), lambda user: {"language": "en"}),
    Page("Public form: first page in Urdu", "public-start", (SIGNED_OUT,), lambda user: {"language": "ur"}),
    Page("Translations: correct a text", "settings-translation-text", (M,), lambda user: {"language": "ur", "digest": texts("ur")[0].digest}),
    Page("Families", "family-list", (P, L)),
    Page("Duplicates", "duplicate-list", (L,)),
    Page("Family", "family", (P, L), pk_of(lambda u: Family.objects.filter(cases__in=_own(u)))),
    Page("Family: genogram and network", "family-picture", (P,), pk_of(lambda u: Family.objects.filter(relationships__kind="foster_carer"))),
    Page("Family: relationship", "relationship-new", (P,), pk_of(lambda u: Family.objects.filter(cases__in=_own(u)))),
    Page("Family: social care", "social-care-new", (P,), pk_of(lambda u: Family.objects.filter(cases__in=_own(u)))),
    Page("Family: how they live", "circumstances", (P,), pk_of(lambda u: Family.objects.filter(cases__in=_own(u)))),
    Page("Family: decision to share", "sharing-new", (P,), pk_of(lambda u: Family.objects.filter(cases__in=_own(u)))),
    Page("Who sees a family", "who-sees", (P, L), lambda u: _named("family", pk_of(lambda u: Family.objects.filter(cases__in=_own(u)))(u))),
    Page("Who sees a session", "who-sees", (T,), lambda u: _named("contact", pk_of(lambda u: Contact.objects.filter(author=u, private=True))(u))),
    Page("Family, restricted", "family", (L,), pk_of(lambda u: Family.objects.filter(restricted=True))),
    Page("Search", "search", (P,), fill=(("q", "novak"),)),
    # screening
    Page("Screening", "screening", (P, L)),
    Page("Meeting", "meeting", (L, G), meeting_now),
    Page("Board", "board", (L, G), _board(harm=False)),
    Page("Board with a harm flag", "board", (L,), _board(harm=True)),
    Page("Defer", "defer", (L,), _board(harm=False)),
    Page("Recap", "meeting-recap", (L,), meeting_past),
    Page("Plan a meeting", "meeting-new", (L,)),
    Page("Meetings that repeat", "meeting-patterns", (L,)),
    Page("Pattern of meetings: new", "meeting-pattern-new", (L,)),
    Page("Ask the referrer", "ask", (L,), _board(harm=False)),
    Page("School holidays", "settings-holidays", (M,)),
    Page("Messages", "settings-messages", (M,)),
    Page("Message: change", "settings-message", (M,), pk_of(lambda u: MessageTemplate.objects.all())),
    Page("Screen outside a meeting", "screen-referral", (L,), _screened(harm=False)),
    Page("Step up", "step-up", (L,), _screened(harm=True)),
    Page("Waiting list", "waiting-list", (P, L)),
    Page("Waiting: a call", "offer-check-in", (P, L), pk_of(lambda u: Offer.objects.filter(status="waiting").order_by("waiting_since"))),
    Page("Waiting: change", "offer", (L,), pk_of(lambda u: Offer.objects.filter(status="waiting").order_by("waiting_since"))),
    Page("Waiting: withdraw", "offer-withdraw", (L,), pk_of(lambda u: Offer.objects.filter(status="waiting").order_by("waiting_since"))),
    Page("Allocate", "allocate", (L,), pk_of(lambda u: Offer.objects.filter(status="waiting", service__code="family_support").order_by("waiting_since"))),
    Page("Transfers", "transfers", (L,)),
    Page("Partner ledger", "partner-ledger", (P, L)),
    Page("Passed on: news", "passing-on", (L,), pk_of(lambda u: PassingOn.objects.filter(status="sent").order_by("sent_on"))),
    # casework
    Page("Cases", "case-list", (P, L, T, M)),
    Page("Case", "case", (P, L, T), own_case),
    Page("Case just allocated", "case", (P,), fresh_case),
    Page("Case that is closed", "case", (P,), closed_case),
    Page("Formulation", "case-formulation", (P,), own_case),
    Page("Formulation: write", "formulation-edit", (P,), own_case),
    Page("Formulation: none yet", "case-formulation", (P,), fresh_case),
    Page("Formulation: compare two versions", "formulation-compare", (P,), two_versions),
    Page("Formulation: use in the plan", "factor-use", (P,), _of_case(Factor, "factor_pk", "formulation__case")),
    Page("Formulation at screening", "referral-formulation", (P,), pk_of(lambda u: Referral.objects.filter(formulations__case=None, formulations__isnull=False))),
    Page("Assessment: begin", "assessment-new", (P,), fresh_case),
    Page("Assessment: finish", "assessment-finish", (P,), pk_of(lambda u: Assessment.objects.filter(status="begun", author=u, case__isnull=False))),
    Page("Plan", "case-plan", (P, T), own_case),
    Page("Plan: none yet", "case-plan", (P,), fresh_case),
    Page("Goal: new", "goal-new", (P,), own_case),
    Page("Goal: change", "goal-edit", (P,), _of_case(Goal, "goal_id", "plan__case", status="live")),
    Page("Goal: end", "goal-end", (P,), _of_case(Goal, "goal_id", "plan__case", status="live")),
    Page("Review", "case-review", (P,), own_case),
    Page("Share the plan", "case-share", (P,), own_case),
    Page("Plan for the family, in Urdu", "plan-for-family", (P,), lambda u: {**(own_case(u) or {}), "language": "ur"}),
    Page("Contacts", "case-contacts", (P, T), own_case),
    Page("Log a contact", "contact-new", (P, T), own_case),
    Page("Log a contact: which case", "contact-choose", (P,)),
    Page("Contact", "contact", (P,), pk_of(lambda u: Contact.objects.filter(author=u).order_by("-at"))),
    Page("Contact: add to the note", "note-add", (P,), pk_of(lambda u: Contact.objects.filter(author=u).order_by("-at"))),
    Page("Worry", "case-worry", (P,), own_case),
    Page("Children's social care", "case-social-care", (P,), own_case),
    Page("Step up to CSWS", "case-step-up", (P,), own_case),
    Page("Attendance", "case-attendance", (P,), own_case),
    Page("Attendance from a file", "attendance-file", (P,), own_case),
    Page("Workers of a case", "case-workers", (P, L), own_case),
    Page("Hand over", "case-hand-over", (L,), own_case),
    Page("Workers and their cases", "worker-list", (L,)),
    Page("Cover for absence", "cover-new", (L,), a_worker),
    Page("Move a worker's cases", "worker-move", (L,), a_worker),
    Page("Services", "case-services", (P, L, T), own_case),
    Page("Extension: ask", "extension-ask", (P,), _of_case(CaseService, "service_id", service__kind="family_support")),
    Page("Extension: answer", "extension-answer", (L,), pk_of(lambda u: Extension.objects.filter(status="asked"))),
    Page("Hand over", "case-hand-over", (L,), own_case),
    Page("People", "case-people", (P,), own_case),
    Page("Meetings", "case-meetings", (P,), pk_of(lambda u: _own(u).filter(meetings__isnull=False))),
    Page("Meeting of a case", "case-meeting", (P,), _of_case(CaseMeeting, "meeting_id")),
    Page("Meeting of a case: plan", "case-meeting-new", (P,), own_case),
    Page("Meeting of a case: change the record", "case-meeting-record", (P,), _of_case(CaseMeeting, "meeting_id")),
    Page("Supervision: the team", "supervision-team", (P, L)),
    Page("Supervision: a worker's cases", "supervision-worker", (L,), pk_of(lambda u: User.objects.filter(email="asha@example.org"))),
    Page("Supervision: a session", "supervision-record", (L,), pk_of(lambda u: Supervision.objects.filter(kind="group").order_by("-held_at"))),
    Page("Supervision: a case", "supervision-case", (L,), _talked_over),
    Page("Supervision: new", "supervision-new", (L,)),
    Page("Clinical supervision took place", "clinical-session-new", (T,)),
    Page("Supervision: how often", "settings-supervision-intervals", (M,)),
    Page("Case-file audits", "case-audits", (L,)),
    Page("Case-file audit: draw", "case-audit-new", (L,)),
    Page("Case-file audit: the sample", "case-audit-sample", (L,), pk_of(lambda u: AuditSample.objects.all())),
    Page("Case-file audit: a file", "case-audit", (L,), pk_of(lambda u: CaseAudit.objects.filter(finished_at=None))),
    Page("Case-file audit: finished", "case-audit", (P, L), pk_of(lambda u: CaseAudit.objects.exclude(finished_at=None))),
    Page("Questions of the audit", "settings-audit-questions", (M,)),
    Page("Groups, drop-ins, consultations", "event-list", (P,)),
    Page("Group: new", "event-new", (P,)),
    Page("Group", "event", (P,), pk_of(lambda u: Event.objects.filter(kind="group"))),
    Page("Consultation", "event", (P,), pk_of(lambda u: Event.objects.filter(kind="consultation"))),
    Page("Group: who takes part", "event-people", (P,), pk_of(lambda u: Event.objects.filter(kind="group"))),
    Page("Group: register", "event-register", (P,), pk_of(lambda u: EventSession.objects.filter(event__kind="group"))),
    Page("Groups and drop-ins counted", "event-figures", (L, M)),
    Page("Forums", "forum-list", (P,)),
    Page("Forum", "forum", (L,), pk_of(lambda u: Forum.objects.order_by("-held_at"))),
    Page("Task: new", "task-new", (P,), own_case),
    Page("Documents", "case-documents", (P,), pk_of(lambda u: _own(u).filter(family__storedfiles__isnull=False))),
    Page("Document", "case-document", (P,), _of_case(StoredFile, "file_id", "family__cases")),
    Page("Letter from a case", "case-letter", (P,), own_case),
    Page("Chronology", "case-chronology", (P,), own_case),
    Page("Chronology to print", "case-chronology-print", (P,), own_case),
    Page("Significant event", "pin-new", (P,), lambda u: {**(_of_case(Contact, "ref", case_service=None)(u) or {}), "kind": "contacts"}),
    Page("Outcomes, open case", "case-outcomes", (P,), own_case),
    Page("Outcomes, returned closure", "case-outcomes", (P,), closing_case),
    Page("Outcomes, closed case", "case-outcomes", (L,), closed_case),
    Page("Measures of a case", "case-measures", (P,), measured_case),
    Page("Measure: the form", "measure-take", (P,), lambda u: {**(own_case(u) or {}), "code": "ons4"}),
    Page("Measure: mood", "measure-take", (P,), lambda u: {**(own_case(u) or {}), "code": "phq-9"}),
    Page("Measure over time", "measure-history", (P,), lambda u: {**(measured_case(u) or {}), "code": "ons4"}),
    Page("Measure with an answer on safety", "measure", (P,), pk_of(lambda u: Measure.objects.filter(risk__isnull=False))),
    Page("Measure answered alone, about safety", "measure", (P, L), answered_alone),
    Page("Measure answered alone: what was done", "measure-seen-to", (L,), answered_alone),
    Page("Measure asked regularly", "measure-agree", (P,), lambda u: {**(own_case(u) or {}), "code": "gad-7"}),
    Page("Measure in counselling", "measure", (L, S), pk_of(lambda u: Measure.objects.filter(private=True))),
    Page("Outcomes with measures", "case-outcomes", (P,), measured_case),
    Page("Surveys", "survey-list", (L, M)),
    Page("Survey: draw", "survey-new", (M,)),
    Page("Survey: response and results", "survey", (L, M), pk_of(lambda u: Survey.objects.all())),
    Page("Survey: families", "survey-families", (L,), pk_of(lambda u: Survey.objects.all())),
    Page("Survey: from paper", "survey-paper", (L,), pk_of(lambda u: SurveyInvitation.objects.filter(state="sent"))),
    Page("Survey: the family answers", "survey-answer", (SIGNED_OUT,), lambda u: {"token": SURVEY_TOKEN}),
    Page("Survey: the family answers in Romanian", "survey-answer", (SIGNED_OUT,), lambda u: {"token": SURVEY_TOKEN}, query="?language=ro"),
    Page("Survey: our questions in other languages", "survey-words", (M,), pk_of(lambda u: Survey.objects.all())),
    Page("Close", "case-close", (P,), own_case),
    Page("Follow-up to ask", "follow-up", (P,), pk_of(lambda u: FollowUp.objects.filter(holder=u, status="due", due_on__lte=timezone.localdate()))),
    Page("Follow-up answered", "follow-up", (P,), pk_of(lambda u: FollowUp.objects.filter(holder=u, status="done"))),
    Page("Closure to sign off", "closure", (L,), pk_of(lambda u: Closure.objects.filter(status="asked"))),
    Page("Exit plan", "exit-plan", (L,), closed_case),
    Page("Open again", "case-reopen", (L,), closed_case),
    Page("Readings of a case", "case-readings", (P,), pk_of(lambda u: _own(u).filter(readings__moment="review"))),
    Page("Reading with a family", "reading-new", (P,), pk_of(lambda u: _own(u).filter(readings__moment="start"))),
    Page("Second readings", "reading-samples", (L,)),
    Page("Second readings: draw", "reading-sample-new", (L,)),
    Page("Second readings: the form", "second-reading", (P,), pk_of(lambda u: SecondReading.objects.filter(sample__reader=u, finished_at=None))),
    Page("Second readings: agreement", "reading-sample", (L,), pk_of(lambda u: ReadingSample.objects.filter(seconds__finished_at__isnull=False))),
    Page("Needs and social care", "case-needs", (P,), pk_of(lambda u: _own(u).filter(needs_rounds__moment="start"))),
    Page("Needs at the end", "needs-edit", (P,), lambda u: {**(own_case(u) or {}), "moment": "end"}),
    Page("Averted step", "averted-new", (P,), own_case),
    Page("Unit costs", "settings-unit-costs", (M,)),
    Page("Cut points of readings", "settings-reading-cuts", (M,)),
    Page("Supervised sessions", "supervised-sessions", (S,)),
    Page("Supervised session", "supervised-session", (S,), pk_of(lambda u: Contact.objects.filter(private=True).order_by("-at"))),
    # figures
    Page("Reports", "reports", (L, M)),
    *(Page(f"Report: {key}", "report-page", (M,), fixed(key=key)) for key in ("waiting", "times", "schools", "practice")),
    Page("Practice principles", "principles", (L, M)),
    Page("Data quality", "quality", (L, M)),
    Page("Data quality, one rule", "quality-list", (M,), query="pilot"),
    Page("To put right", "quality-mine", (P, L)),
    Page("Set a finding aside", "quality-aside", (P,), pk_of(lambda user: Finding.objects.to_do().filter(ask=user))),
    Page("Rules of data quality", "settings-quality", (M,)),
    Page("Rule of data quality", "settings-quality-rule", (M,), pk_of(lambda user: Rule.objects.all())),
    Page("Statutory returns", "returns", (M,)),
    Page("A statutory return", "return-run", (M,), pk_of(lambda user: ReturnRun.objects.filter(asked_by=user))),
    Page("Tables", "monitoring-tables", (L, M)),
    Page("Tables, pilot", "monitoring-tables", (M,), query="pilot"),
    Page("Levels of need", "need-levels", (L, M)),
    Page("Levels of need, list", "need-list", (M,)),
    Page("Dashboard", "dashboard", (L, M)),
    Page("Figure of the dashboard", "dashboard-figure", (L, M), lambda u: {"key": "waiting_long"}),
    Page("Figure of the dashboard, all Clusters", "dashboard-figure", (M,), lambda u: {"key": "days_to_decision"}),
    Page("What is kept, and how long", "retention", (L, M)),
    Page("Look before disposal", "retention-review", (L,), pk_of(lambda u: Family.objects.filter(name="Ashdown"))),
    Page("Legal hold", "legal-hold", (L,), pk_of(lambda u: Family.objects.filter(name="Ashdown"))),
    Page("Lift a legal hold", "legal-hold", (L,), pk_of(lambda u: Family.objects.filter(name="Mbeki"))),
    Page("Disposal asked for", "disposal", (L,), pk_of(lambda u: Disposal.objects.filter(status="asked"))),
    Page("Disposal: certificate", "disposal", (L,), pk_of(lambda u: Disposal.objects.filter(status="done"))),
    Page("How long records are kept", "settings-retention", (M,)),
    Page("Schedules", "report-schedules", (M,)),
    Page("Schedule", "report-schedule-edit", (M,), pk_of(lambda u: Schedule.objects.all())),
    Page("Report on demand", "report-new", (M,)),
    Page("Report", "report-run", (L, M), pk_of(lambda u: ReportRun.objects.filter(status="done"))),
    Page("Evaluation extracts", "extracts", (M,)),
    Page("New extract", "extract-new", (M,)),
    Page("Extract", "extract", (M,), pk_of(lambda u: Extract.objects.filter(status="done", ended_at=None))),
    Page("Need segments", "segments", (M,)),
    Page("Need segments: result", "segments-run", (M,), pk_of(lambda u: NeedSegments.objects.filter(status="done"))),
    Page("Imports", "import-list", (L,)),
    Page("Import: result", "import-run", (L,), pk_of(lambda u: ImportRun.objects.order_by("-created_at"))),
    # settings
    Page("Settings", "settings", (L, M)),
    Page("Clusters", "settings-clusters", (M,)),
    Page("Cluster", "settings-cluster", (L, M), a_cluster),
    Page("Schools", "settings-schools", (M,)),
    Page("School", "settings-school", (M,), pk_of(lambda u: School.objects.filter(name__startswith="Legend"))),
    Page("Services and entitlements", "settings-services", (M,)),
    Page("Service", "settings-service", (M,), pk_of(lambda u: Service.objects.filter(code="childrens_therapy"))),
    Page("Entitlement: new", "settings-entitlement-new", (M,), pk_of(lambda u: Service.objects.filter(code="childrens_therapy"))),
    Page("Partner directory", "settings-partners", (M,)),
    Page("Partner directory feeds", "settings-feeds", (M,)),
    Page("Partner directory feed: new", "settings-feed-new", (M,)),
    Page("Schools from the register", "settings-register", (M,)),
    Page("Lists", "settings-vocabularies", (M,)),
    Page("Reasons", "settings-vocabulary", (M,), lambda u: {"vocabulary": "reason"}),
    Page("Reason: change", "settings-term-edit", (M,), pk_of(lambda u: Term.objects.filter(code="family.parenting"))),
    Page("Levels of need: documents", "settings-thresholds", (M,)),
    Page("Levels of need: new document", "settings-threshold-new", (M,)),
    Page("Staff", "settings-staff", (L, M)),
    Page("Account: where you live", "account-home", (P,)),
    Page("Looks", "curiosity", (L, M)),
    Page("Look to go through", "curiosity-finding", (L,), pk_of(lambda u: CuriosityFinding.objects.filter(family_key__isnull=False))),
    Page("Opened in an emergency", "emergencies", (L, M)),
    Page("Closed again early", "emergency-end", (L,), pk_of(lambda u: EmergencyAccess.objects.filter(ends_at__gt=timezone.now()))),
    Page("Looks that are asked about", "settings-curiosity", (M,)),
    Page("Managers: two people", "settings-manager-requests", (M,)),
    Page("Manager to confirm", "settings-manager-request", (M,), pk_of(lambda u: ManagerRequest.objects.filter(status="waiting"))),
    Page("Manager's account: ask", "settings-account-ask", (L, M), pk_of(lambda u: User.objects.filter(pk__in=ManagerRequest.objects.filter(status="waiting").values("user_id")))),
    Page("Manager's account: to confirm", "settings-account-request", (M,), pk_of(lambda u: AccountRequest.objects.filter(status="waiting"))),
    Page("Groups of the directory", "settings-groups", (M,)),
    Page("What a group means", "settings-group-new", (M,)),
    Page("Acting up", "settings-acting", (M,), lambda u: {"pk": User.objects.get(name__startswith="Ben ").pk}),
    Page("Reviews of access", "settings-access-reviews", (L, M)),
    Page("Review of access", "settings-access-review", (L, M), pk_of(lambda u: AccessReview.objects.filter(cluster__in=[r.cluster_id for r in u.roles.all() if r.cluster_id]) if u.roles.filter(cluster__isnull=False).exists() else AccessReview.objects.all())),
    Page("Person", "settings-person", (M,), pk_of(lambda u: User.objects.filter(email="asha@example.org"))),
    Page("Invite", "settings-invite", (L, M)),
    Page("Role: change", "settings-role-edit", (M,), pk_of(lambda u: StaffRole.objects.filter(role=Role.PRACTITIONER, ends_on=None))),
    Page("Supervision", "settings-supervision", (M,)),
    Page("Translations", "settings-translations", (M,)),
    Page("Translations: Urdu", "settings-translation", (M,), lambda user: {"language": "ur"}),
    Page("Changes", "settings-changes", (M,)),
    Page("Live data", "settings-live", (M,)),
    # requests about records
    Page("Requests about records", "rights", (L,)),
    Page("Request: log", "rights-new", (P,), pk_of(lambda u: Family.objects.filter(restricted=False).order_by("reference"))),
    Page("Request: a copy", "rights-request", (L,), pk_of(lambda u: RightsRequest.objects.filter(kind="access").order_by("received_on"))),
    Page("Request: to put right", "rights-request", (L,), pk_of(lambda u: RightsRequest.objects.filter(kind="rectification"))),
    Page("Request: answer", "rights-step", (L,), complaint_to_answer),
    Page("Redaction of a copy", "access-entries", (L,), pk_of(lambda u: RightsRequest.objects.filter(kind="access").order_by("received_on"))),
    Page("Private notes asked for", "access-private", (T,), pk_of(lambda u: PrivateReading.objects.filter(author=u))),
    Page("Privacy", "privacy", (SIGNED_OUT,)),
    Page("Privacy, Urdu", "privacy-in", (SIGNED_OUT,), fixed(language="ur")),
    Page("Accessibility", "accessibility", (SIGNED_OUT,)),
    # everyone
    Page("Account", "account", (P,)),
    Page("Second factor", "mfa_index", (P,)),
    Page("Second factor: app", "mfa_activate_totp", (P,)),
    Page("Second factor: passkey", "mfa_add_webauthn", (P,)),
    Page("Kept draft", "kept-draft", (P,), pk_of(lambda u: Draft.objects.filter(user_id=u.pk, key__startswith="kept:"))),
    Page("Gallery", "gallery", (M,)),
    Page("Not found", "case", (M,), own_case),
    Page("Not allowed", "case-close", (S,), own_case),
)  # fmt: skip
