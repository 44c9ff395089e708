"""Answers to a risk of significant harm, other than the step-up itself."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import User
from referrals.models import Referral
from triage import policies
from triage.models import HarmAnswer
from triage.services.endings import lock_referral


def _answer(by: User, referral: Referral, kind: str, reason: str = "") -> HarmAnswer:
    return HarmAnswer.objects.create(
        cluster_id=referral.cluster_id,
        family_id=referral.family_id,
        referral=referral,
        kind=kind,
        answered_at=timezone.now(),
        answered_by=by,
        reason=reason,
    )


@transaction.atomic
def seeing_to_it(*, by: User, referral: Referral) -> HarmAnswer | None:
    """Nobody further is told. The flag stays above all else until the step-up is recorded. A second time does nothing.

    Raises Denied.
    """
    policies.check_answer_harm(by, referral)
    referral = lock_referral(referral)
    if not policies.waits_for_step_up(referral):
        return None
    if referral.harm_answers.filter(kind=HarmAnswer.Kind.SEEN).exists():
        return None
    answer = _answer(by, referral, HarmAnswer.Kind.SEEN)
    audit.event(by=by, kind="harm.seen", text=f"{by.name} is seeing to referral {referral.reference}", about=referral)
    return answer


@transaction.atomic
def no_step_up(*, by: User, referral: Referral, reason: str) -> HarmAnswer:
    """A leader says why this flag needs no step-up; it then waits like any other referral.

    Raises Denied, Conflict when a step-up or this was recorded already, ValidationError without a reason.
    """
    policies.check_no_step_up(by, referral)
    if not reason.strip():
        raise ValidationError({"reason": "Say why no step-up to Children's Social Work Services is needed."})
    referral = lock_referral(referral)
    if not policies.waits_for_step_up(referral):
        raise Conflict("This has been answered already. Load the page again.")
    answer = _answer(by, referral, HarmAnswer.Kind.NO_STEP_UP, reason.strip())
    text = f"Referral {referral.reference}: no step-up to CSWS is needed, with the reason"
    audit.event(by=by, kind="harm.no_step_up", text=text, about=referral)
    return answer
