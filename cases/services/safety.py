"""A worry about significant harm is never parked: what the referral's flag does, from an open case (domain 2.1)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case, Contact, Worry
from cases.policies import check_open, check_write
from cases.services.common import keys, locked
from cluster_ehs.core import audit
from clusters.models import User
from referrals.models import Referral
from triage.services.harm import raise_harm


@transaction.atomic
def raise_worry(
    *, by: User, case: Case, worry: str, referral: Referral | None = None, contact: Contact | None = None
) -> Worry:
    """Flag the referral of the child it is about, as its form would have: those on duty are told at once, then others.

    referral: of the case, by its child; without one the latest. contact: where the worry came up.
    The words stay in the record; the message says only that there is something to read.
    Raises Denied or ValidationError (`worry`, `referral`).
    """
    case = locked(case)
    check_write(by, case)
    check_open(case)
    if not worry.strip():
        raise ValidationError({"worry": "Enter what you are worried about"})
    of_case = Referral.objects.filter(case_link__case=case).order_by("-received_on", "-pk")
    chosen = of_case.filter(pk=referral.pk).first() if referral else of_case.first()
    if chosen is None:
        raise ValidationError({"referral": "Choose the child whom it is about"})
    if contact is not None and contact.case_id != case.pk:
        contact = None
    made = Worry.objects.create(
        **keys(case),
        case=case,
        referral=chosen,
        contact=contact,
        words=worry.strip(),
        raised_at=timezone.now(),
        raised_by=by,
    )
    audit.event(by=by, kind="case.safety_worry", text=f"Worried about safety: {worry.strip()}", about=case)
    raise_harm(by=by, referral=chosen)
    return made
