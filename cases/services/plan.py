"""The plan with its goals: at most three at once, agreed with the family, scored, reviewed [P][E]."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case, Goal, GoalAction, GoalAgreement, GoalScore, GoalStatus, Plan, Review, ReviewPerson
from cases.services.common import keys, locked_for_writing, refuse_later_than
from cases.services.stale import check_version
from cases.workflow import GOAL
from cluster_ehs.core import audit
from cluster_ehs.core.db import add_together
from clusters.models import User
from families.models import Person

AT_MOST = 3
REVIEW_WEEKS = 6
FOURTH_GOAL = (
    "A plan has at most three goals at once, so that the family can keep them all in mind. "
    "To agree another, end one first: achieved, changed or dropped."
)


@dataclass(frozen=True)
class Step:
    """Who does what by when."""

    what: str
    who: str
    by_when: date | None = None
    done_on: date | None = None


@dataclass(frozen=True)
class Answer:
    """Whether a member of the family agrees with a goal, or says it in own words."""

    agrees: bool
    words: str = ""


@transaction.atomic
def set_goal(
    *,
    by: User,
    case: Case,
    words: str,
    different: str = "",
    whose: Person | None = None,
    baseline: int | None = None,
    target: int | None = None,
    agreements: Mapping[UUID, Answer] | None = None,
    actions: Iterable[Step] = (),
    goal: Goal | None = None,
    version: int | None = None,
    on: date | None = None,
) -> Goal:
    """Agree a goal, or with `goal` change one. The first goal makes the plan.

    baseline, target: 0 to 10. agreements: person id -> Answer; people left out were not asked.
    Raises Denied, ValidationError (a fourth goal; fields by name) or Stale.
    """
    case = locked_for_writing(by=by, case=case)
    _check_goal(case, words=words, whose=whose, baseline=baseline, target=target)
    day = on or timezone.localdate()
    refuse_later_than(day, timezone.localdate(), field="on", what="The day of the agreement")
    if goal is None:
        plan = Plan.objects.filter(case=case).first()
        if plan is None:
            plan = Plan.objects.create(**keys(case), case=case, agreed_on=day)
            Case.objects.filter(pk=case.pk, review_due_on__isnull=True).update(
                review_due_on=day + timedelta(weeks=REVIEW_WEEKS)
            )
        taken = set(plan.goals.filter(status=GoalStatus.LIVE).values_list("position", flat=True))
        free = [place for place in range(1, AT_MOST + 1) if place not in taken]
        if not free:
            raise ValidationError({"words": ValidationError(FOURTH_GOAL, code="fourth_goal")})
        GOAL.step("", GoalStatus.LIVE)
        goal = Goal(**keys(case), plan=plan, position=free[0])
        said = "Agreed the goal"
    else:
        goal = Goal.objects.select_for_update(of=("self",)).get(pk=goal.pk, plan__case=case)
        if goal.status != GoalStatus.LIVE:
            raise ValidationError("This goal has ended. What was agreed stays as it was; set a new one.")
        check_version(goal, version)
        goal.version += 1
        said = "Changed the goal"
    goal.words, goal.different, goal.whose = words.strip(), different.strip(), whose
    goal.baseline, goal.target = baseline, target
    goal.save()
    _baseline(goal, day)
    _agreements(goal, agreements)
    _actions(goal, actions)
    audit.event(by=by, kind="case.goal_set", text=f"{said} “{goal.words}”", about=goal)
    return goal


def _check_goal(case: Case, *, words: str, whose: Person | None, baseline: int | None, target: int | None) -> None:
    wrong: dict[str, str] = {}
    if not words.strip():
        wrong["words"] = "Enter the goal, in the family’s words"
    for name, label, score in (("baseline", "Where it stands now", baseline), ("target", "The aim", target)):
        if score is not None and not 0 <= score <= 10:
            wrong[name] = f"{label} must be a whole number from 0 to 10"
    if whose is not None and whose.family_id != case.family_id:
        wrong["whose"] = "Choose somebody of this family"
    if wrong:
        raise ValidationError(wrong)


def _baseline(goal: Goal, day: date) -> None:
    """The baseline is the first score of the line."""
    first = GoalScore.objects.filter(goal=goal, contact__isnull=True, given_by__isnull=True).first()
    if goal.baseline is None:
        if first:
            first.delete()
    elif first is None:
        GoalScore.objects.create(**keys(goal), goal=goal, score=goal.baseline, scored_on=day)
    elif first.score != goal.baseline:
        GoalScore.objects.filter(pk=first.pk).update(score=goal.baseline)


def _agreements(goal: Goal, answers: Mapping[UUID, Answer] | None) -> None:
    if answers is None:
        return
    # What somebody said on the family's page stands until that person says otherwise, there or to a worker.
    own_words = GoalAgreement.objects.filter(goal=goal, by_itself_at__isnull=False)
    itself = {row.person_id: (row.agrees, row.words) for row in own_words}
    GoalAgreement.objects.filter(goal=goal).exclude(person_id__in={*answers, *itself}).delete()
    for person_id, answer in answers.items():
        if itself.get(person_id) == (answer.agrees, answer.words.strip()):
            continue
        GoalAgreement.objects.update_or_create(
            goal=goal,
            person_id=person_id,
            defaults={
                **keys(goal),
                "agrees": answer.agrees,
                "words": answer.words.strip(),
                "by_itself_at": None,
            },
        )


def _actions(goal: Goal, steps: Iterable[Step]) -> None:
    wanted = [step for step in steps if step.what.strip()]
    kept = {(action.what, action.who): action for action in goal.actions.all()}
    for step in wanted:
        known = kept.pop((step.what.strip(), step.who.strip()), None)
        if known is None:
            GoalAction.objects.create(
                **keys(goal),
                goal=goal,
                what=step.what.strip(),
                who=step.who.strip(),
                by_when=step.by_when,
                done_on=step.done_on,
            )
        elif (known.by_when, known.done_on) != (step.by_when, step.done_on):
            GoalAction.objects.filter(pk=known.pk).update(by_when=step.by_when, done_on=step.done_on)
    if kept:
        GoalAction.objects.filter(pk__in=[action.pk for action in kept.values()]).delete()


@transaction.atomic
def end_goal(*, by: User, goal: Goal, status: str, reason: str = "", on: date | None = None) -> Goal:
    """End a goal: achieved, changed or dropped; its place is free again. A reason is needed unless achieved.

    Raises Denied, Conflict (ended already) or ValidationError (`status`, `reason`, `on`).
    """
    locked_for_writing(by=by, case=goal.plan.case)
    goal = Goal.objects.select_for_update(of=("self",)).get(pk=goal.pk)
    GOAL.step(goal.status, status)
    day = on or timezone.localdate()
    refuse_later_than(day, timezone.localdate(), field="on", what="The day")
    if status != GoalStatus.ACHIEVED and not reason.strip():
        raise ValidationError({"reason": "Enter why the goal is changed or dropped"})
    goal.status, goal.ended_on, goal.ended_reason = status, day, reason.strip()
    goal.version += 1
    goal.save(update_fields=["status", "ended_on", "ended_reason", "version"])
    audit.event(
        by=by, kind="case.goal_ended", text=f"Goal “{goal.words}”: {GoalStatus(status).label.lower()}", about=goal
    )
    return goal


@transaction.atomic
def review_plan(
    *,
    by: User,
    case: Case,
    reviewed_on: date | None = None,
    people: Iterable[Person] = (),
    took_part: str = "",
    decisions: str = "",
    next_due_on: date | None = None,
) -> Review:
    """Record a review of the plan. The next one is due in six weeks unless a day is given.

    people: members of the family who took part. took_part: professionals and others, as words.
    Raises Denied or ValidationError (`reviewed_on`, `people`, `decisions`, `next_due_on`; no plan yet).
    """
    case = locked_for_writing(by=by, case=case)
    plan = Plan.objects.filter(case=case).first()
    if plan is None:
        raise ValidationError("There is no plan to review yet. Agree the first goal with the family.")
    today = timezone.localdate()
    day = reviewed_on or today
    due = next_due_on or day + timedelta(weeks=REVIEW_WEEKS)
    refuse_later_than(day, today, field="reviewed_on", what="The day of the review")
    if not decisions.strip():
        raise ValidationError({"decisions": "Enter what was decided, also when nothing changes"})
    if due <= day:
        raise ValidationError({"next_due_on": "The next review must be after this one"})
    present = list(people)
    if any(person.family_id != case.family_id for person in present):
        raise ValidationError({"people": "Choose people of this family"})
    review = Review(
        **keys(case),
        plan=plan,
        reviewed_on=day,
        took_part=took_part.strip(),
        decisions=decisions.strip(),
        next_due_on=due,
        author=by,
    )
    said = f"Reviewed the plan; next by {due:%-d %B %Y}"
    add_together(
        [
            review,
            *(ReviewPerson(**keys(case), review=review, person=person) for person in present),
            audit.event_row(by=by, kind="case.plan_reviewed", text=said, about=review),
        ]
    )
    Case.objects.filter(pk=case.pk).update(review_due_on=due)
    return review


@transaction.atomic
def finish_action(*, by: User, action: GoalAction, done: bool = True) -> GoalAction:
    """Mark what somebody was to do as done, or not done after all."""
    locked_for_writing(by=by, case=action.goal.plan.case)
    action.done_on = timezone.localdate() if done else None
    action.save(update_fields=["done_on"])
    audit.event(
        by=by,
        kind="case.action_done",
        text=f"Done: {action.what}" if done else f"Not done: {action.what}",
        about=action,
    )
    return action
