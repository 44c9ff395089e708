"""What a hand-down came from, and what became of a step-up afterwards."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from referrals.models import Channel, Intake, Referral
from triage.models import HandDown, StepUp


@dataclass(frozen=True)
class Handed:
    """own: what this referral came from. suggested: earlier step-ups, while nobody has said. sent: the reference that
    came with it. again: referrals that were handed down after a step-up of this one."""

    own: HandDown | None
    suggested: list[StepUp]
    sent: str
    again: list[HandDown]

    @property
    def anything(self) -> bool:
        return bool(self.own or self.suggested or self.sent or self.again)


def earlier_step_ups(referral: Referral) -> list[StepUp]:
    """Step-ups of the family that another referral of it had, the latest first."""
    found = StepUp.objects.filter(family_id=referral.family_id).exclude(referral_id=referral.pk)
    return list(found.select_related("referral").order_by("-stepped_up_at")[:10])


def sent_reference(referral_id: UUID) -> str:
    """The CSWS reference as the notification brought it."""
    payload = Intake.objects.filter(referral_id=referral_id).values_list("payload", flat=True).first() or {}
    return str(payload.get("csws_reference", ""))[:60]


def handed(referral: Referral) -> Handed:
    if referral.channel != Channel.CSWS and referral.harm_flagged_at is None:
        # It was not handed down, and nothing was stepped up from it: recording a step-up raises the flag.
        return Handed(None, [], "", [])
    rows = HandDown.objects.filter(Q(referral_id=referral.pk) | Q(step_up__referral_id=referral.pk))
    found = list(rows.select_related("referral", "step_up__referral", "recorded_by").order_by("created_at"))
    own = next((row for row in found if row.referral_id == referral.pk), None)
    asks = own is None and referral.channel == Channel.CSWS
    return Handed(
        own,
        earlier_step_ups(referral) if asks else [],
        sent_reference(referral.pk) if asks else "",
        [row for row in found if row.referral_id != referral.pk],
    )
