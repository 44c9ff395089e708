"""What a hand-down came from, and what became of a step-up afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from referrals.models import Channel, Intake, Referral
from triage.models import HandDown, StepUp


@dataclass(frozen=True)
class Earlier:
    """A step-up of the family that another referral had."""

    referral_id: UUID
    reference: str
    stepped_up_at: datetime


@dataclass(frozen=True)
class Handed:
    """own: what this referral came from. suggested: earlier step-ups, while nobody has said. sent: the reference that
    came with it. again: referrals that were handed down after a step-up of this one."""

    own: HandDown | None
    suggested: list[Earlier]
    sent: str
    again: list[HandDown]

    @property
    def anything(self) -> bool:
        return bool(self.own or self.suggested or self.sent or self.again)


def earlier_step_ups(referral: Referral) -> list[StepUp]:
    """Step-ups of the family that another referral of it had, the latest first."""
    found = StepUp.objects.filter(family_id=referral.family_id).exclude(referral_id=referral.pk)
    return list(found.select_related("referral").order_by("-stepped_up_at")[:10])


def _what_is_known(referral: Referral) -> tuple[list[Earlier], str]:
    """Earlier step-ups of the family, and the CSWS reference as the notification brought it; one query."""
    steps = StepUp.objects.filter(family_id=OuterRef("family_id")).exclude(referral_id=OuterRef("pk"))
    data = JSONObject(referral="referral_id", reference="referral__reference", at="stepped_up_at")
    found = Referral.objects.filter(pk=referral.pk).values_list(
        ArraySubquery(steps.order_by("-stepped_up_at").values(data=data)[:10]),
        Subquery(Intake.objects.filter(referral_id=OuterRef("pk")).values("payload")[:1]),
    )
    rows, payload = found.first() or ([], None)
    earlier = [Earlier(UUID(row["referral"]), row["reference"], datetime.fromisoformat(row["at"])) for row in rows]
    return earlier, str((payload or {}).get("csws_reference", ""))[:60]


def handed(referral: Referral) -> Handed:
    if referral.channel != Channel.CSWS and referral.harm_flagged_at is None:
        # It was not handed down, and nothing was stepped up from it: recording a step-up raises the flag.
        return Handed(None, [], "", [])
    rows = HandDown.objects.filter(Q(referral_id=referral.pk) | Q(step_up__referral_id=referral.pk))
    found = list(rows.select_related("referral", "step_up__referral", "recorded_by").order_by("created_at"))
    own = next((row for row in found if row.referral_id == referral.pk), None)
    asks = own is None and referral.channel == Channel.CSWS
    earlier, sent = _what_is_known(referral) if asks else ([], "")
    return Handed(
        own,
        earlier,
        sent,
        [row for row in found if row.referral_id != referral.pk],
    )
