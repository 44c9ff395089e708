"""How a case is closed: asked for, returned or signed off, and opened again while that is still possible."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case, CaseService, CaseStatus, Extension, Goal, GoalScore, GoalStatus, LeadWorker, Loan
from cases.services.common import keys, locked, tell
from cases.services.plan import REVIEW_WEEKS, end_goal
from cases.workflow import CASE, EXTENSION
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import Role, User
from outcomes.followup.services import REOPENED, end_follow_ups, plan_follow_ups
from outcomes.models import Closure, ClosureGoal, ClosureOutcome, ExitPlan
from outcomes.policies import check_ask, check_reopen, check_share, check_sign, signers
from outcomes.workflow import CLOSURE
from referrals.models import Referral, Status
from referrals.workflow import REFERRAL
from triage.models import Ending, Offer, Outcome
from triage.services.endings import record_ending

# “As the publication prints it” is for sheets; here one of the three is said.
OUTCOMES = tuple(outcome for outcome in Outcome if outcome != Outcome.COMPLETED)
COMPLETED = frozenset({Outcome.COMPLETED_FULL, Outcome.COMPLETED_PART, Outcome.COMPLETED_NFA})
EXIT_PLAN = ("in_place", "wider_family", "community", "school", "if_things_slip", "back_in_touch", "who_stays")


@dataclass(frozen=True)
class GoalEnd:
    """How a live goal is to end. score: 0 to 10, None when the family did not score. reason: unless achieved."""

    goal_id: UUID
    result: str
    score: int | None = None
    reason: str = ""


@transaction.atomic
def ask_closure(
    *,
    by: User,
    case: Case,
    outcomes: Collection[str],
    closed_on: date,
    goals: Iterable[GoalEnd] = (),
    exit_plan: Mapping[str, str] | None = None,
    family_view: str = "",
    unresolved: str = "",
    follow_up_by: User | None = None,
) -> Closure:
    """Ask the leader to close a case [E 3.1][P]. Nothing of the plan changes before the sign-off.

    follow_up_by: who of the Cluster asks after 3 and 12 months; without one the leaders.
    Raises Denied, Conflict (asked already) or ValidationError (`outcomes`, `closed_on`, `unresolved`, `goals`,
    `offers`, `follow_up_by`).
    """
    case = locked(case)
    check_ask(by, case)
    waiting = Closure.objects.filter(case=case, status=Closure.Status.ASKED).select_related("asked_by").first()
    if waiting:
        raise Conflict(f"{_who_when(waiting.asked_by, waiting)} asked for this closure. It waits for the leader.")
    CASE.step(case.status, CaseStatus.CLOSING)
    CLOSURE.step("", Closure.Status.ASKED)
    out = Loan.objects.filter(case=case, back_on__isnull=True).select_related("partner").first()
    if out:
        raise Conflict(f"This case is on loan to {out.partner.name}. Note its return before it is closed.")
    live = list(Goal.objects.filter(plan__case=case, status=GoalStatus.LIVE).order_by("position"))
    ends = list(goals)
    _check(case, outcomes=outcomes, closed_on=closed_on, unresolved=unresolved, live=live, ends=ends)
    if follow_up_by is not None:
        _check_works_here(follow_up_by, case, "follow_up_by", "stay in touch")

    closure = Closure.objects.create(
        **keys(case),
        case=case,
        closed_on=closed_on,
        family_view=family_view.strip(),
        unresolved=unresolved.strip(),
        asked_by=by,
    )
    ClosureOutcome.objects.bulk_create(
        ClosureOutcome(**keys(case), closure=closure, outcome=outcome) for outcome in OUTCOMES if outcome in outcomes
    )
    ClosureGoal.objects.bulk_create(
        ClosureGoal(
            **keys(case),
            closure=closure,
            goal_id=end.goal_id,
            result=end.result,
            score=end.score,
            reason=end.reason.strip(),
        )
        for end in ends
    )
    texts = {name: (exit_plan or {}).get(name, "").strip() for name in EXIT_PLAN}
    ExitPlan.objects.create(**keys(case), closure=closure, follow_up_by=follow_up_by, **texts)
    Case.objects.filter(pk=case.pk).update(status=CaseStatus.CLOSING)
    audit.event(by=by, kind="closure.asked", text="Asked for the case to be closed", about=closure)
    for leader in signers(case):
        tell(
            leader,
            key=f"closure-asked:{closure.pk}:{leader.pk}",
            subject="A closure waits for your sign-off",
            text="A worker of your Cluster asks for a case to be closed.",
            url_name="closure",
            pk=closure.pk,
            about=closure,
        )
    return closure


def _who_when(who: User | None, closure: Closure) -> str:
    at = timezone.localtime(closure.answered_at or closure.created_at)
    return f"On {at:%-d %B %Y} at {at:%H:%M} {who.name if who else 'somebody'}"


def _check(
    case: Case,
    *,
    outcomes: Collection[str],
    closed_on: date,
    unresolved: str,
    live: list[Goal],
    ends: list[GoalEnd],
) -> None:
    wrong: dict[str, str] = {}
    chosen = set(outcomes)
    if not chosen:
        wrong["outcomes"] = "Choose at least one outcome: no case closes without one"
    elif not chosen <= set(OUTCOMES):
        wrong["outcomes"] = "Choose outcomes from the list"
    elif len(chosen & COMPLETED) > 1:
        wrong["outcomes"] = "Choose one of the three “Service completed” outcomes: needs met in full, in part, or NFA"
    if closed_on < case.opened_on:
        wrong["closed_on"] = f"Closing date must be on or after the day the case was opened, {case.opened_on:%-d %B %Y}"
    elif closed_on > timezone.localdate():
        wrong["closed_on"] = "Closing date must be today or in the past"
    if Outcome.UNRESOLVED in chosen and not unresolved.strip():
        wrong["unresolved"] = "Enter what is unresolved, and who knows about it"
    waiting = _waiting(case)
    if waiting:
        wrong["offers"] = waiting
    _check_goals(live, ends, wrong)
    if wrong:
        raise ValidationError(wrong)


def _check_goals(live: list[Goal], ends: list[GoalEnd], wrong: dict[str, str]) -> None:
    by_id = {end.goal_id: end for end in ends}
    for goal in live:
        end = by_id.pop(goal.pk, None)
        if end is None or end.result not in ClosureGoal.RESULTS:
            wrong["goals"] = f"Choose how the goal “{goal.words}” ends: achieved, changed or dropped"
        elif end.result != GoalStatus.ACHIEVED and not end.reason.strip():
            wrong["goals"] = f"Enter why the goal “{goal.words}” is {GoalStatus(end.result).label.lower()}"
        elif end.score is not None and not 0 <= end.score <= 10:
            wrong["goals"] = f"The score of “{goal.words}” must be a whole number from 0 to 10"
    if by_id:
        wrong["goals"] = "A goal has ended or is not of this plan. Load the page again."


def _waiting(case: Case) -> str:
    """A place on a waiting list is not taken from a family by the way: the leader decides about it first."""
    rows = Offer.objects.filter(decision__referral__case_link__case=case, status=Offer.Status.WAITING).select_related(
        "service"
    )
    names = ", ".join(sorted({row.service.name for row in rows}))
    return (
        f"The family still waits for: {names}. A leader allocates it or takes it off the waiting list first, "
        "so that no place is lost by the way"
        if names
        else ""
    )


def _lock_asked(by: User, closure: Closure) -> tuple[Closure, Case]:
    """The closure as it is now, held, and its case. Raises Denied, or Conflict that says who was first and when."""
    case = locked(closure.case)
    closure = (
        Closure.objects.select_for_update(of=("self",)).select_related("answered_by", "asked_by").get(pk=closure.pk)
    )
    check_sign(by, closure)
    if closure.status != Closure.Status.ASKED:
        done = "signed this closure off" if closure.status == Closure.Status.SIGNED_OFF else "returned this closure"
        raise Conflict(f"{_who_when(closure.answered_by, closure)} {done}. Nothing was changed.")
    return closure, case


def _answer(closure: Closure, *, by: User, status: str, answer: str = "") -> None:
    CLOSURE.step(closure.status, status)
    closure.status, closure.answer = status, answer
    closure.answered_by, closure.answered_at = by, timezone.now()
    closure.save(update_fields=["status", "answer", "answered_by", "answered_at"])


@transaction.atomic
def return_closure(*, by: User, closure: Closure, reason: str) -> Closure:
    """Send a closure back to its worker with the reason; the case is worked on again. Raises Denied, Conflict."""
    closure, case = _lock_asked(by, closure)
    if not reason.strip():
        raise ValidationError({"reason": "Enter why it goes back and what is missing"})
    CASE.step(case.status, CaseStatus.OPEN)
    _answer(closure, by=by, status=Closure.Status.RETURNED, answer=reason.strip())
    Case.objects.filter(pk=case.pk).update(status=CaseStatus.OPEN)
    audit.event(by=by, kind="closure.returned", text=f"Returned the closure: {reason.strip()}", about=closure)
    tell(
        closure.asked_by,
        key=f"closure-returned:{closure.pk}",
        subject="A closure has come back to you",
        text="The leader returned a closure that you asked for, with a reason.",
        url_name="case-outcomes",
        pk=case.pk,
        about=case,
    )
    return closure


@transaction.atomic
def sign_off_closure(*, by: User, closure: Closure) -> Closure:
    """Close the case: goals, services and lead worker end, and every referral of it gets its ending [E Table 13].

    Raises Denied, Conflict (somebody answered first: who and when) or ValidationError (`outcomes`, `offers`, `goals`).
    """
    closure, case = _lock_asked(by, closure)
    outcomes = [Outcome(row.outcome) for row in closure.outcomes.all()]
    ends = {end.goal_id: end for end in closure.goals.all()}
    live = list(Goal.objects.filter(plan__case=case, status=GoalStatus.LIVE).select_related("plan"))
    _check(
        case,
        outcomes=outcomes,
        closed_on=closure.closed_on,
        unresolved=closure.unresolved,
        live=live,
        ends=[GoalEnd(g.pk, ends[g.pk].result, ends[g.pk].score, ends[g.pk].reason) for g in live if g.pk in ends],
    )
    for goal in live:
        end = ends[goal.pk]
        if end.score is not None:
            GoalScore.objects.create(**keys(case), goal=goal, score=end.score, scored_on=closure.closed_on)
        end_goal(by=by, goal=goal, status=end.result, reason=end.reason, on=closure.closed_on)
    CASE.step(case.status, CaseStatus.CLOSED)
    _end_work(by, case, closure.closed_on)
    _answer(closure, by=by, status=Closure.Status.SIGNED_OFF)
    referrals = Referral.objects.select_for_update(of=("self",)).filter(case_link__case=case, status=Status.DECIDED)
    for referral in referrals.order_by("pk"):
        record_ending(by=by, referral=referral, where=Ending.Where.CASE, outcomes=outcomes, ended_on=closure.closed_on)
    Case.objects.filter(pk=case.pk).update(
        status=CaseStatus.CLOSED, closed_on=closure.closed_on, review_due_on=None, next_step="", next_step_on=None
    )
    plan_follow_ups(
        by=by,
        case=case,
        closure_id=closure.pk,
        closed_on=closure.closed_on,
        holder=closure.exit_plan.follow_up_by,
        why_not="The child moved out of the Cluster" if outcomes == [Outcome.MOVED] else "",
    )
    words = "; ".join(str(outcome.label) for outcome in outcomes)
    audit.event(by=by, kind="closure.signed_off", text=f"Signed the closure off: {words}", about=closure)
    tell(
        closure.asked_by,
        key=f"closure-signed:{closure.pk}",
        subject="A closure has been signed off",
        text="The leader signed off a closure that you asked for. The exit plan can be given to the family.",
        url_name="case-outcomes",
        pk=case.pk,
        about=case,
    )
    return closure


def _end_work(by: User, case: Case, day: date) -> None:
    """Lead worker and services end on the day, or on their own first day when they began later."""
    for row in LeadWorker.objects.filter(case=case, ends_on__isnull=True):
        row.ends_on = max(day, row.starts_on)
        row.save(update_fields=["ends_on"])
    for service in CaseService.objects.filter(case=case, status=CaseService.Status.ACTIVE):
        service.status, service.ends_on = CaseService.Status.ENDED, max(day, service.starts_on)
        service.save(update_fields=["status", "ends_on"])
    for extension in Extension.objects.filter(case_service__case=case, status=Extension.Status.ASKED):
        EXTENSION.step(extension.status, Extension.Status.REFUSED)
        extension.status, extension.answer = Extension.Status.REFUSED, "The case was closed."
        extension.answered_by, extension.answered_at = by, timezone.now()
        extension.save(update_fields=["status", "answer", "answered_by", "answered_at"])


@transaction.atomic
def reopen_case(*, by: User, case: Case, reason: str, lead_worker: User | None = None) -> Case:
    """Take a closure back within 28 days: the case goes on with its services, and its referrals have no ending.

    lead_worker: who leads it now; without one, who led it last. Goals that ended stay ended.
    Raises Denied (not a leader; too late, with the reason), Conflict (another case is open) or ValidationError.
    """
    case = locked(case)
    check_reopen(by, case)
    if not reason.strip():
        raise ValidationError({"reason": "Enter why the case is opened again"})
    other = Case.objects.open().filter(family_id=case.family_id).first()
    if other:
        raise Conflict(f"The family already has an open case, {other.reference}. A family has one at a time.")
    CASE.step(case.status, CaseStatus.OPEN)
    closed_on, today = case.closed_on, timezone.localdate()
    last = LeadWorker.objects.filter(case=case).select_related("worker").order_by("-starts_on", "-created_at").first()
    worker = lead_worker or (last.worker if last else by)
    _check_works_here(worker, case)

    Closure.objects.filter(case=case, status=Closure.Status.SIGNED_OFF, reopened_at__isnull=True).update(
        reopened_by=by, reopened_at=timezone.now(), reopened_reason=reason.strip()
    )
    for ending in Ending.objects.filter(referral__case_link__case=case, where=Ending.Where.CASE).select_related(
        "referral"
    ):
        REFERRAL.step(ending.referral.status, Status.DECIDED)
        Referral.objects.filter(pk=ending.referral_id).update(status=Status.DECIDED)
        ending.outcomes.all().delete()
        ending.delete()
    Case.objects.filter(pk=case.pk).update(
        status=CaseStatus.OPEN, closed_on=None, review_due_on=today + timedelta(weeks=REVIEW_WEEKS)
    )
    LeadWorker.objects.create(**keys(case), case=case, worker=worker, starts_on=today, after_closure=True)
    for service in CaseService.objects.filter(case=case, status=CaseService.Status.ENDED, ends_on__gte=closed_on):
        service.status, service.ends_on = CaseService.Status.ACTIVE, None
        service.save(update_fields=["status", "ends_on"])
    end_follow_ups(by=by, case=case, why=REOPENED)
    audit.event(by=by, kind="case.reopened", text=f"Opened the case again: {reason.strip()}", about=case)
    tell(
        worker,
        key=f"case-reopened:{case.pk}:{timezone.now():%Y%m%d%H%M%S}",
        subject="A case has been opened again",
        text="A leader opened a closed case again, with you as the lead worker.",
        url_name="case",
        pk=case.pk,
    )
    case.refresh_from_db()
    return case


def _check_works_here(worker: User, case: Case, field: str = "lead_worker", what: str = "lead the case") -> None:
    works = (
        worker.is_active
        and worker.roles.today().filter(cluster_id=case.cluster_id, role__in=[Role.PRACTITIONER, Role.LEADER]).exists()
    )
    if not works:
        raise ValidationError({field: f"{worker.name} no longer works in this Cluster. Choose somebody else to {what}"})


@transaction.atomic
def share_exit_plan(*, by: User, exit_plan: ExitPlan, on: date | None = None) -> ExitPlan:
    """Record that the family has its exit plan. The first day stays. Raises Denied, ValidationError (`on`)."""
    case = exit_plan.closure.case
    exit_plan = ExitPlan.objects.select_for_update(of=("self",)).get(pk=exit_plan.pk)
    check_share(by, exit_plan)
    day = on or timezone.localdate()
    if day > timezone.localdate():
        raise ValidationError({"on": "The day it was given must be today or in the past"})
    if exit_plan.shared_with_family_on is None:
        exit_plan.shared_with_family_on = day
        exit_plan.save(update_fields=["shared_with_family_on"])
        audit.event(by=by, kind="exit_plan.shared", text="Gave the family its exit plan", about=case)
    return exit_plan
