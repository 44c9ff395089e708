"""How a referral ends at triage, or before its service began. With its case it ends in `outcomes`."""

from collections.abc import Collection
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.audit import Actor
from cluster_ehs.core.denied import Conflict
from clusters.models import User
from referrals.models import Referral, Status
from referrals.workflow import REFERRAL
from triage import policies
from triage.models import TRIAGE_OUTCOMES, Ending, EndingOutcome, Outcome
from triage.selectors.state import has_case, live_offers, returns_awaited, was_offered


def lock_referral(referral: Referral) -> Referral:
    """The row as it is now, held until the end of the transaction."""
    return Referral.objects.select_for_update(of=("self",)).get(pk=referral.pk)


def record_ending(
    *,
    by: Actor,
    referral: Referral,
    where: Ending.Where,
    outcomes: Collection[Outcome],
    ended_on: date | None = None,
) -> Ending:
    """End a decided referral whose row the caller has locked. One or several outcomes [E Table 13].

    Raises ValidationError without an outcome, Conflict when it has ended already.
    """
    if not outcomes:
        raise ValidationError({"outcomes": "Choose at least one outcome: no referral ends without one."})
    REFERRAL.step(referral.status, Status.ENDED)
    referral.status = Status.ENDED
    referral.save(update_fields=["status"])
    place = {"cluster_id": referral.cluster_id, "family_id": referral.family_id}
    ending = Ending.objects.create(
        **place, referral=referral, where=where, ended_on=ended_on or timezone.localdate(), ended_by_id=by.pk
    )
    chosen = [outcome for outcome in Outcome if outcome in set(outcomes)]
    EndingOutcome.objects.bulk_create(EndingOutcome(**place, ending=ending, outcome=outcome) for outcome in chosen)
    words = "; ".join(str(outcome.label) for outcome in chosen)
    audit.event(by=by, kind="ending", text=f"Referral {referral.reference} ended: {words}", about=referral)
    return ending


@transaction.atomic
def end_at_triage(
    *, by: User, referral: Referral, outcomes: Collection[Outcome], ended_on: date | None = None
) -> Ending:
    """End a decided referral that no service helps and no partner is to hand back.

    Raises Denied unless a leader acts, Conflict while help is on its way, ValidationError for the outcomes.
    """
    policies.check_end(by, referral)
    referral = lock_referral(referral)
    check_triage_outcomes(outcomes)
    if live_offers(referral) or has_case(referral):
        raise Conflict("A service is offered or under way. The referral ends with it, or when the offer is withdrawn.")
    awaited = returns_awaited(referral)
    if awaited:
        raise Conflict(f"A return is still expected: {', '.join(awaited)}. The referral ends when that is known.")
    where = Ending.Where.BEFORE_START if was_offered(referral) else Ending.Where.TRIAGE
    return record_ending(by=by, referral=referral, where=where, outcomes=outcomes, ended_on=ended_on)


def check_triage_outcomes(outcomes: Collection[Outcome]) -> None:
    """A service that never began cannot have been completed."""
    if not set(outcomes) <= TRIAGE_OUTCOMES:
        raise ValidationError({"outcomes": "A service that did not begin cannot be completed. Choose another outcome."})


def take_back_ending(*, by: User, referral: Referral) -> None:
    """Undo the ending of a referral that a partner hands back; its row is locked by the caller."""
    REFERRAL.step(referral.status, Status.DECIDED)
    Ending.objects.filter(referral=referral).delete()
    referral.status = Status.DECIDED
    referral.save(update_fields=["status"])
    audit.event(by=by, kind="ending", text=f"Ending of referral {referral.reference} taken back", about=referral)
