"""What became of the referrals passed to partner services."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import User
from referrals.models import Referral, Status
from triage import policies
from triage.models import Chase, Ending, Outcome, PassingOn, Response
from triage.selectors.state import AWAITED, has_case, live_offers
from triage.services.endings import lock_referral, record_ending, take_back_ending
from triage.workflow import PASSING_ON

NEEDS_WORDS = {
    PassingOn.Status.DECLINED: "Say why it was declined.",
    PassingOn.Status.OUTCOME_KNOWN: "Say what became of it.",
    PassingOn.Status.BACK: "Say why it came back, and what is needed now.",
}


@transaction.atomic
def update_passing_on(
    *,
    by: User,
    passing_on: PassingOn,
    status: str,
    known_on: date | None = None,
    outcome: str = "",
    news_due_on: date | None = None,
) -> PassingOn:
    """Note news from a partner service.

    Once a partner that was to hand back is finished (outcome known), and nothing else of the referral is
    left, the referral ends as passed on. One that comes back after its ending is taken up again.

    One that is accepted is asked after again by `news_due_on`, or after the partner's days.

    Raises Denied for who is not staff of the Cluster, Conflict for a step that is not in the workflow,
    ValidationError by field.
    """
    policies.check_update_passing_on(by, passing_on)
    if status not in PassingOn.Status.values:
        raise ValidationError({"status": "Choose what is known now."})
    target = PassingOn.Status(status)
    known_on = known_on or timezone.localdate()
    outcome = outcome.strip()
    wrong = {}
    if known_on > timezone.localdate():
        wrong["known_on"] = "The day cannot lie in the future."
    elif known_on < passing_on.sent_on:
        wrong["known_on"] = "The day cannot be before it was sent."
    if target in NEEDS_WORDS and not outcome:
        wrong["outcome"] = NEEDS_WORDS[target]
    if wrong:
        raise ValidationError(wrong)
    referral = lock_referral(passing_on.decision.referral)
    passing_on = (
        PassingOn.objects.select_for_update(of=("self",)).select_related("partner", "decision").get(pk=passing_on.pk)
    )
    step = PASSING_ON.step(passing_on.status, target)
    passing_on.status, passing_on.known_on = target, known_on
    passing_on.outcome = outcome or passing_on.outcome
    if target == PassingOn.Status.ACCEPTED:
        passing_on.news_due_on = news_due_on or known_on + timedelta(days=passing_on.partner.answer_days)
    passing_on.save(update_fields=["status", "known_on", "outcome", "news_due_on"])
    words = f": {outcome}" if outcome else ""
    audit.event(
        by=by, kind="passed_on", text=f"{passing_on.partner.name}: {step.logged.lower()}{words}", about=passing_on
    )
    if target == PassingOn.Status.BACK and referral.status == Status.ENDED and not has_case(referral):
        take_back_ending(by=by, referral=referral)
    elif target == PassingOn.Status.OUTCOME_KNOWN and _all_is_known(passing_on, referral):
        record_ending(
            by=by, referral=referral, where=Ending.Where.TRIAGE, outcomes={Outcome.PASSED_ON}, ended_on=known_on
        )
    return passing_on


@transaction.atomic
def chase(*, by: User, passing_on: PassingOn, said: str, next_on: date, on: date | None = None) -> Chase:
    """Note that a partner was asked for news, what it said, and when to ask again.

    Raises Denied for who is not staff of the Cluster, Conflict when nothing is awaited, ValidationError by field.
    """
    policies.check_update_passing_on(by, passing_on)
    today = timezone.localdate()
    on = on or today
    passing_on = PassingOn.objects.select_for_update(of=("self",)).select_related("partner").get(pk=passing_on.pk)
    if passing_on.status not in (PassingOn.Status.SENT, PassingOn.Status.ACCEPTED):
        raise Conflict(f"Nothing is awaited here: {passing_on.get_status_display().lower()}.")
    wrong = {}
    if not said.strip():
        wrong["said"] = "Write who was asked and what they said."
    if not passing_on.sent_on <= on <= today:
        wrong["on"] = "The day must lie between the day it was sent and today."
    if next_on <= today:
        wrong["next_on"] = "The next time must be on a day to come."
    if wrong:
        raise ValidationError(wrong)
    made = Chase.objects.create(
        cluster_id=passing_on.cluster_id,
        family_id=passing_on.family_id,
        passing_on=passing_on,
        chased_on=on,
        chased_by=by,
        said=said.strip(),
        next_on=next_on,
    )
    passing_on.news_due_on = next_on
    passing_on.save(update_fields=["news_due_on"])
    audit.event(by=by, kind="passed_on", text=f"{passing_on.partner.name} asked for news: {made.said}", about=made)
    return made


def _all_is_known(passing_on: PassingOn, referral: Referral) -> bool:
    """Whether a referral that was only passed on has nothing left to come."""
    if passing_on.decision.response != Response.PASSED_ON or referral.status != Status.DECIDED:
        return False
    others = PassingOn.objects.filter(decision=passing_on.decision).exclude(pk=passing_on.pk)
    open_ends = others.filter(status__in=(PassingOn.Status.DECLINED, PassingOn.Status.BACK))
    awaited = others.filter(AWAITED)
    return not (open_ends | awaited).exists() and not live_offers(referral) and not has_case(referral)
