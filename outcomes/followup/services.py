"""Follow-ups are planned when a closure is signed off, and answered by who stays in touch or by the family itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case, Goal
from cases.services.common import keys, tell
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import Role, User
from outcomes.followup.models import FollowUp, FollowUpScore, FollowUpTry, Known
from outcomes.followup.policies import MONTHS, TRIES, check_give_up, check_record, months_after
from outcomes.followup.workflow import FOLLOW_UP

REOPENED = "The case was opened again"


@transaction.atomic
def plan_follow_ups(
    *, by: User, case: Case, closure_id: UUID, closed_on: date, holder: User | None, why_not: str = ""
) -> None:
    """Plan the follow-ups of a case that has just been closed; with `why_not` they stand as not needed."""
    for months in MONTHS:
        FollowUp.objects.update_or_create(
            closure_id=closure_id,
            months=months,
            defaults={
                **keys(case),
                "case": case,
                "due_on": months_after(closed_on, months),
                "holder": holder,
            },
        )
    if why_not:
        end_follow_ups(by=by, case=case, why=why_not)


def end_follow_ups(*, by: User, case: Case, why: str) -> int:
    """Those that are still to be asked are needed no more: the case goes on, or the family has moved."""
    FOLLOW_UP.step(FollowUp.Status.DUE, FollowUp.Status.NOT_NEEDED)
    return FollowUp.objects.filter(case=case, status=FollowUp.Status.DUE).update(
        status=FollowUp.Status.NOT_NEEDED, ended_on=timezone.localdate(), why=why[:300], recorded_by=by
    )


def take_up_again(*, closure_id: UUID) -> int:
    """Follow-ups that ended with a reopening that was undone are to be asked again."""
    FOLLOW_UP.step(FollowUp.Status.NOT_NEEDED, FollowUp.Status.DUE)
    return FollowUp.objects.filter(closure_id=closure_id, status=FollowUp.Status.NOT_NEEDED, why=REOPENED).update(
        status=FollowUp.Status.DUE, ended_on=None, why="", recorded_by=None
    )


def _locked(follow_up: FollowUp) -> FollowUp:
    rows = FollowUp.objects.select_for_update(of=("self",)).select_related("case", "by_person", "recorded_by")
    return rows.get(pk=follow_up.pk)


def _refuse_ended(follow_up: FollowUp) -> None:
    if follow_up.status == FollowUp.Status.DONE:
        who = follow_up.by_person.short_name if follow_up.by_person else follow_up.recorded_by
        raise Conflict(f"{who or 'Somebody'} answered this follow-up on {follow_up.ended_on:%-d %B %Y}.")
    if follow_up.status == FollowUp.Status.NOT_NEEDED:
        raise Conflict(f"This follow-up is not needed any more: {follow_up.why}")


@transaction.atomic
def record_answer(
    *,
    by: User,
    follow_up: FollowUp,
    how: str,
    things: int,
    on: date | None = None,
    words: str = "",
    slipped: str = "",
    wants_help: str = "",
    re_referral: str = "",
    social_care: str = "",
    scores: Mapping[UUID, int] | None = None,
) -> FollowUp:
    """Record what the family answered. scores: goal id -> 0 to 10.

    Raises Denied, Conflict (answered meanwhile, also by the family) or ValidationError by field.
    """
    follow_up = _locked(follow_up)
    check_record(by, follow_up)
    _refuse_ended(follow_up)
    day = on or timezone.localdate()
    wrong: dict[str, str] = {}
    if how not in FollowUp.How.values or how == FollowUp.How.PAGE:
        wrong["how"] = "Choose how the family was asked"
    if things not in FollowUp.Things.values:
        wrong["things"] = "Choose how things are"
    if day > timezone.localdate() or (follow_up.case.closed_on and day < follow_up.case.closed_on):
        wrong["on"] = "The day must be after the ending, and today or in the past"
    for name, value in (("wants_help", wants_help), ("re_referral", re_referral), ("social_care", social_care)):
        if value and value not in Known.values:
            wrong[name] = "Choose one of the answers"
    given = dict(scores or {})
    goals = Goal.objects.filter(plan__case=follow_up.case, pk__in=given).values_list("pk", flat=True)
    if set(goals) != set(given) or any(not 0 <= score <= 10 for score in given.values()):
        wrong["scores"] = "The score must be a whole number from 0 to 10, for a goal of this plan"
    if wrong:
        raise ValidationError(wrong)
    FOLLOW_UP.step(follow_up.status, FollowUp.Status.DONE)
    follow_up.status, follow_up.ended_on, follow_up.recorded_by = FollowUp.Status.DONE, day, by
    follow_up.how, follow_up.things = how, things
    follow_up.words, follow_up.slipped = words.strip(), slipped.strip()
    follow_up.wants_help, follow_up.re_referral, follow_up.social_care = wants_help, re_referral, social_care
    follow_up.save()
    FollowUpScore.objects.bulk_create(
        FollowUpScore(**keys(follow_up), follow_up=follow_up, goal_id=goal, score=score)
        for goal, score in given.items()
    )
    text = f"Follow-up after {follow_up.months} months: {follow_up.get_things_display().lower()}"
    audit.event(by=by, kind="follow_up.answered", text=text, about=follow_up)
    return follow_up


@transaction.atomic
def record_try(*, by: User, follow_up: FollowUp, how: str, words: str = "", last: bool = False) -> FollowUpTry:
    """Nobody answered. last: after three tries “not reached” is the answer; it can still be answered later.

    Raises Denied, Conflict or ValidationError (`how`, `last`).
    """
    follow_up = _locked(follow_up)
    check_record(by, follow_up)
    _refuse_ended(follow_up)
    if how not in FollowUp.How.values or how == FollowUp.How.PAGE:
        raise ValidationError({"how": "Choose how you tried"})
    made = FollowUpTry.objects.create(
        **keys(follow_up), follow_up=follow_up, tried_on=timezone.localdate(), how=how, words=words.strip()[:300], by=by
    )
    number = FollowUpTry.objects.filter(follow_up=follow_up).count()
    audit.event(by=by, kind="follow_up.tried", text=f"Follow-up: nobody answered, try {number}", about=follow_up)
    if last:
        if number < TRIES:
            raise ValidationError({"last": f"“Not reached” is an answer after {TRIES} tries; this is number {number}"})
        FOLLOW_UP.step(follow_up.status, FollowUp.Status.NOT_REACHED)
        follow_up.status, follow_up.ended_on = FollowUp.Status.NOT_REACHED, timezone.localdate()
        follow_up.recorded_by = by
        follow_up.save(update_fields=["status", "ended_on", "recorded_by"])
        audit.event(by=by, kind="follow_up.not_reached", text="Follow-up: the family was not reached", about=follow_up)
    return made


@transaction.atomic
def not_needed(*, by: User, follow_up: FollowUp, why: str) -> FollowUp:
    """A leader says that a follow-up is not needed. Raises Denied, Conflict or ValidationError (`why`)."""
    follow_up = _locked(follow_up)
    check_give_up(by, follow_up)
    _refuse_ended(follow_up)
    if not why.strip():
        raise ValidationError({"why": "Enter why it is not needed"})
    FOLLOW_UP.step(follow_up.status, FollowUp.Status.NOT_NEEDED)
    follow_up.status, follow_up.ended_on = FollowUp.Status.NOT_NEEDED, timezone.localdate()
    follow_up.why, follow_up.recorded_by = why.strip()[:300], by
    follow_up.save(update_fields=["status", "ended_on", "why", "recorded_by"])
    audit.event(by=by, kind="follow_up.not_needed", text=f"Follow-up not needed: {why.strip()}", about=follow_up)
    return follow_up


@transaction.atomic
def pass_on(*, by: User, follow_up: FollowUp, holder: User) -> FollowUp:
    """A leader says who asks from now on, for all that is still to be asked. Raises Denied, ValidationError."""
    follow_up = _locked(follow_up)
    check_give_up(by, follow_up)
    works = holder.roles.today().filter(cluster_id=follow_up.cluster_id, role__in=[Role.PRACTITIONER, Role.LEADER])
    if not holder.is_active or not works.exists():
        raise ValidationError({"holder": f"{holder.name} does not work in this Cluster"})
    FollowUp.objects.filter(case_id=follow_up.case_id, status=FollowUp.Status.DUE).update(holder=holder)
    audit.event(by=by, kind="follow_up.passed_on", text=f"{holder.name} asks at the follow-up", about=follow_up)
    if holder.pk != by.pk:
        tell(
            holder,
            key=f"follow-up-holder:{follow_up.case_id}:{timezone.now():%Y%m%d%H%M}",
            subject="You ask at a follow-up",
            text="A leader asks you to stay in touch with a family after the ending.",
            url_name="follow-up",
            pk=follow_up.pk,
            about=follow_up,
        )
    follow_up.refresh_from_db()
    return follow_up
