"""The waiting list: the services offered and not yet taken up."""

from collections.abc import Collection
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import Service, Term, User, Vocabulary
from families.models import Person
from referrals.models import Referral, Status
from triage import policies
from triage.models import CheckIn, Decision, Ending, Offer, Outcome, PassingOn
from triage.selectors.state import has_case, live_offers, returns_awaited
from triage.services.endings import check_triage_outcomes, lock_referral, record_ending
from triage.workflow import OFFER


def _lock(offer: Offer) -> Offer:
    return Offer.objects.select_for_update(of=("self",)).select_related("service", "decision").get(pk=offer.pk)


@transaction.atomic
def change_offer(*, by: User, offer: Offer, priority: int, wait_reason: Term | None) -> Offer:
    """Set the priority and the reason for waiting. Raises Conflict when it no longer waits."""
    policies.check_manage_waiting(by, offer)
    offer = _lock(offer)
    if offer.status != Offer.Status.WAITING:
        raise Conflict(f"This no longer waits: {offer.get_status_display().lower()}.")
    if priority not in Offer.Priority.values:
        raise ValidationError({"priority": "Choose a priority."})
    if wait_reason and wait_reason.vocabulary != Vocabulary.WAIT_REASON:
        raise ValidationError({"wait_reason": "Choose a reason for waiting."})
    if (offer.priority, offer.wait_reason_id) == (priority, wait_reason and wait_reason.pk):
        return offer
    offer.priority, offer.wait_reason = priority, wait_reason
    offer.save(update_fields=["priority", "wait_reason"])
    reason = f", {wait_reason.label}" if wait_reason else ""
    audit.event(
        by=by, kind="offer", text=f"{offer.service.name}: {offer.get_priority_display().lower()}{reason}", about=offer
    )
    return offer


@transaction.atomic
def move_offer(*, by: User, offer: Offer, up: bool) -> Offer:
    """One priority up or down. At the end nothing happens. Raises Denied, Conflict when it no longer waits."""
    offer = Offer.objects.select_related("wait_reason").get(pk=offer.pk)
    wanted = offer.priority - 1 if up else offer.priority + 1
    if wanted not in Offer.Priority.values:
        policies.check_manage_waiting(by, offer)
        return offer
    return change_offer(by=by, offer=offer, priority=wanted, wait_reason=offer.wait_reason)


@transaction.atomic
def check_in(
    *,
    by: User,
    offer: Offer,
    said: str,
    reached: bool,
    spoke_with: str = "",
    told: bool = False,
    on: date | None = None,
    next_on: date | None = None,
) -> CheckIn:
    """Note a call to a family that waits. Without `next_on` the next is due after the service's weeks again.

    Raises Denied for who is not staff of the Cluster, Conflict when it no longer waits, ValidationError by field.
    """
    policies.check_check_in(by, offer)
    today = timezone.localdate()
    on = on or today
    offer = _lock(offer)
    if offer.status not in (Offer.Status.WAITING, Offer.Status.ALLOCATED):
        raise Conflict(f"This no longer waits: {offer.get_status_display().lower()}.")
    next_on = next_on or today + timedelta(weeks=offer.service.check_in_weeks)
    wrong = {}
    if not said.strip():
        wrong["said"] = "Write what was said, or that nobody answered."
    if reached and not spoke_with.strip():
        wrong["spoke_with"] = "Enter who was spoken with."
    if told and not reached:
        wrong["told"] = "Nobody was reached, so nobody was told."
    if on > today:
        wrong["on"] = "The call cannot lie in the future."
    elif on < offer.waiting_since:
        wrong["on"] = "The call cannot be before the waiting began."
    if next_on <= today:
        wrong["next_on"] = "The next call must be on a day to come."
    if wrong:
        raise ValidationError(wrong)
    made = CheckIn.objects.create(
        cluster_id=offer.cluster_id,
        family_id=offer.family_id,
        offer=offer,
        checked_on=on,
        checked_by=by,
        reached=reached,
        spoke_with=spoke_with.strip(),
        said=said.strip(),
        told=told,
        next_on=next_on,
    )
    if not CheckIn.objects.filter(offer=offer, checked_on__gt=on).exists():
        offer.next_check_on = next_on
        offer.save(update_fields=["next_check_on"])
    who = f"spoke with {made.spoke_with}" if reached else "nobody was reached"
    audit.event(by=by, kind="check_in", text=f"Check-in while waiting for {offer.service.name}: {who}", about=made)
    return made


@transaction.atomic
def withdraw_offer(*, by: User, offer: Offer, reason: str, outcomes: Collection[Outcome] = ()) -> Offer:
    """End an offered service before it began.

    When nothing else is left of the referral (no other offer, no case, no return expected), the referral
    ends with it and `outcomes` are required. Raises Denied, Conflict, ValidationError by field.
    """
    policies.check_manage_waiting(by, offer)
    if not reason.strip():
        raise ValidationError({"reason": "Say why it is withdrawn."})
    referral = lock_referral(offer.decision.referral)
    offer = _lock(offer)
    step = OFFER.step(offer.status, Offer.Status.WITHDRAWN)
    offer.status = Offer.Status.WITHDRAWN
    offer.save(update_fields=["status"])
    audit.event(by=by, kind="offer", text=f"{offer.service.name}: {step.logged.lower()}. {reason.strip()}", about=offer)
    if not live_offers(referral) and not has_case(referral) and not returns_awaited(referral):
        check_triage_outcomes(outcomes)
        record_ending(by=by, referral=referral, where=Ending.Where.BEFORE_START, outcomes=outcomes)
    elif outcomes:
        raise ValidationError({"outcomes": "The referral goes on, so it has no outcome yet."})
    return offer


@transaction.atomic
def offer_service(
    *,
    by: User,
    referral: Referral,
    service: Service,
    person: Person | None = None,
    priority: int = Offer.Priority.ROUTINE,
) -> Offer:
    """Offer a service to a referral that a partner has handed back; its waiting begins today.

    The response stays as it was decided. Raises Denied, Conflict when it is not back with the Cluster.
    """
    policies.check_manage_waiting(by, referral)
    referral = lock_referral(referral)
    decision = Decision.objects.filter(referral=referral).first()
    back = decision and decision.passed_on.filter(status=PassingOn.Status.BACK).exists()
    if decision is None or not back or referral.status != Status.DECIDED:
        raise Conflict("This referral has not come back to the Cluster. Load the page again.")
    if person and person.family_id != referral.family_id:
        raise ValidationError({"person": "Choose somebody of this family."})
    if Offer.objects.filter(decision=decision, service=service, person=person).exists():
        raise Conflict(f"{service.name} has been offered already.")
    offer = Offer.objects.create(
        cluster_id=referral.cluster_id,
        family_id=referral.family_id,
        decision=decision,
        service=service,
        person=person,
        priority=Offer.Priority(priority),
        waiting_since=timezone.localdate(),
    )
    audit.event(by=by, kind="offer", text=f"{service.name} offered after the return to the Cluster", about=offer)
    return offer
