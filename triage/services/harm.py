"""Answers to a risk of significant harm, other than the step-up itself."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.audit import Named
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import User
from referrals.harm import read_contact_token, tell
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
def raise_harm(*, by: User, referral: Referral) -> Referral:
    """Flag a referral while help is under way: the same flag, told to the same people, above all else until answered.

    What was answered to an earlier flag stays and is marked as that flag's. One that nobody has answered is not raised
    a second time: it is being told on already. Raises Denied.
    """
    policies.check_step_up(by, referral)
    referral = lock_referral(referral)
    answers = referral.harm_answers.filter(superseded=False)
    if policies.waits_for_step_up(referral) and not answers.exists():
        return referral
    again = bool(referral.harm_flagged_at)
    answers.update(superseded=True)
    referral.step_ups.filter(superseded=False).update(superseded=True)
    referral.harm_flagged_at, referral.harm_flagged_by = timezone.now(), by
    referral.save(update_fields=["harm_flagged_at", "harm_flagged_by"])
    text = f"Referral {referral.reference} flagged: risk of significant harm. Those on duty are told"
    audit.event(by=by, kind="referral.harm", text=text, about=referral)
    family = referral.family
    tell(
        referral_id=referral.pk,
        cluster_id=referral.cluster_id,
        restricted=family.restricted,
        named=list(family.named_readers.values_list("user_id", flat=True)) if family.restricted else [],
        at=referral.harm_flagged_at,
        flag=referral.harm_flagged_at if again else None,
    )
    return referral


@transaction.atomic
def seeing_to_it(*, by: User, referral: Referral) -> HarmAnswer | None:
    """Nobody further is told. The flag stays above all else until the step-up is recorded. A second time does nothing.

    Raises Denied.
    """
    policies.check_answer_harm(by, referral)
    referral = lock_referral(referral)
    if not policies.waits_for_step_up(referral):
        return None
    if referral.harm_answers.filter(kind=HarmAnswer.Kind.SEEN, superseded=False).exists():
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


# --- a contact on duty who has no sign-in ---
@dataclass(frozen=True)
class ToTakeOn:
    """What the page behind the link shows: which referral by its reference and whom to ring, nothing of the child."""

    referral_id: UUID
    contact_id: int
    family_id: UUID
    cluster_id: int
    reference: str
    cluster: str
    telephone: str
    flagged_at: datetime
    contact: str


def find_to_take_on(token: str) -> ToTakeOn | None:
    """The flag behind a contact's link; None when the link is not ours, its day is over or somebody has answered."""
    named = read_contact_token(token)
    if named is None:
        return None
    with acting_as(NamedActor.CONTACT), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ehs_harm_of_contact(%s, %s)", named)
        row = cursor.fetchone()
    return ToTakeOn(*named, *row) if row else None


def take_on_by_link(*, flag: ToTakeOn) -> bool:
    """Record that this contact is seeing to it, so that nobody further is told. False when somebody was first."""
    with acting_as(NamedActor.CONTACT), connection.cursor() as cursor:
        cursor.execute("SELECT ehs_harm_taken_on(%s, %s)", [flag.referral_id, flag.contact_id])
        taken = bool(cursor.fetchone()[0])
        if taken:
            about = Referral(pk=flag.referral_id, family_id=flag.family_id, cluster_id=flag.cluster_id)
            text = f"{flag.contact}, on duty, is seeing to referral {flag.reference} (by the link in the mail)"
            audit.event(by=Named(str(NamedActor.CONTACT)), kind="harm.seen", text=text, about=about)
    return taken
