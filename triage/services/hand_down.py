"""A referral that Children's Social Work Services handed down keeps the link to what it came from."""

from django.core.exceptions import ValidationError
from django.db import transaction

from cluster_ehs.core import audit
from clusters.models import User
from referrals.models import Channel, Referral
from triage import policies
from triage.models import HandDown, StepUp


@transaction.atomic
def record_hand_down(*, by: User, referral: Referral, csws_reference: str, step_up: StepUp | None = None) -> HandDown:
    """Say what a hand-down came from; a second time corrects it, and history keeps what stood there.

    step_up: the family's own step-up that CSWS hand back. Raises Denied for anyone who is not staff of the Cluster,
    ValidationError by field.
    """
    policies.check_step_up(by, referral)
    reference = csws_reference.strip()
    if referral.channel != Channel.CSWS:
        raise ValidationError("This referral did not come from Children’s Social Work Services.")
    if not reference and step_up is None:
        raise ValidationError({"csws_reference": "Enter their reference, or choose the step-up that it came from."})
    if step_up is not None and step_up.family_id != referral.family_id:
        raise ValidationError({"step_up": "That step-up is another family’s."})
    made, _ = HandDown.objects.update_or_create(
        referral=referral,
        defaults={"csws_reference": reference, "step_up": step_up, "recorded_by": by},
        create_defaults={
            "cluster_id": referral.cluster_id,
            "family_id": referral.family_id,
            "csws_reference": reference,
            "step_up": step_up,
            "recorded_by": by,
        },
    )
    back = f", from the step-up of {step_up.referral.reference}" if step_up else ""
    text = f"Referral {referral.reference} was handed down by CSWS{f' ({reference})' if reference else ''}{back}"
    audit.event(by=by, kind="hand_down", text=text, about=made)
    return made
