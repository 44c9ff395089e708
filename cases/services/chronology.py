"""Significant events of a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case, Pin
from cases.services.common import keys, locked_for_writing
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import User

MOST = 12


@transaction.atomic
def pin_event(*, by: User, case: Case, entry: dict[str, Any], reason: str) -> Pin:
    """Mark an entry of the chronology as a significant event, with the reason why.

    Raises Denied, Conflict when it is marked already, ValidationError (`reason`) without a reason or beyond twelve:
    where everything stands out nothing does.
    """
    case = locked_for_writing(by=by, case=case)
    if not reason.strip():
        raise ValidationError({"reason": "Say why it matters, in a few words."})
    pinned = list(Pin.objects.filter(case=case, removed_at__isnull=True).values_list("kind", "ref"))
    if (entry["kind"], entry["ref"]) in pinned:
        raise Conflict("Somebody has marked this as a significant event already.")
    if len(pinned) >= MOST:
        raise ValidationError({"reason": f"There are {MOST} significant events. Take one off before you add another."})
    pin = Pin.objects.create(
        **keys(case),
        case=case,
        kind=entry["kind"],
        ref=entry["ref"],
        at=entry["moment"],
        timed=isinstance(entry["at"], datetime),
        title=str(entry["title"])[:400],
        url=entry.get("url", "")[:300],
        reason=reason.strip(),
        author=by,
    )
    audit.event(by=by, kind="case.pinned", text=f"Significant event: {pin.title}. {pin.reason}", about=pin)
    return pin


@transaction.atomic
def unpin_event(*, by: User, pin: Pin) -> Pin:
    """Shown on top no longer; that it was stays in the history. Raises Denied, Conflict when it is off already."""
    locked_for_writing(by=by, case=pin.case)
    pin = Pin.objects.select_for_update(of=("self",)).get(pk=pin.pk)
    if pin.removed_at:
        raise Conflict("Somebody has taken it off already.")
    pin.removed_at, pin.removed_by = timezone.now(), by
    pin.save(update_fields=["removed_at", "removed_by"])
    audit.event(by=by, kind="case.unpinned", text=f"No longer a significant event: {pin.title}", about=pin)
    return pin
