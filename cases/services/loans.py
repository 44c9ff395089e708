"""Lending a case to a partner service that hands back, and taking it up again."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case, CaseStatus, LeadWorker, Loan
from cases.services.common import keys, locked_for_writing, tell
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import PartnerService, User


@transaction.atomic
def lend_case(
    *, by: User, case: Case, partner: PartnerService, why: str, back_expected_on: date, on: date | None = None
) -> Loan:
    """Lend an open case. Nothing of it ends: lead worker, services, plan and formulation stay as they are.

    Raises Denied, Conflict when it is lent already or waits for its sign-off, ValidationError by field.
    """
    case = locked_for_writing(by=by, case=case)
    today = timezone.localdate()
    on = on or today
    if case.status != CaseStatus.OPEN:
        raise Conflict("A closure has been asked for. The leader returns it before the case can be lent.")
    out = Loan.objects.filter(case=case, back_on__isnull=True).select_related("partner").first()
    if out:
        raise Conflict(f"This case is on loan to {out.partner.name} since {out.lent_on:%-d %B %Y}.")
    wrong = {}
    if not partner.returns_expected or (partner.retired_on and partner.retired_on <= today):
        wrong["partner"] = "Choose a partner service that hands families back."
    if not why.strip():
        wrong["why"] = "Say what the partner is asked to do."
    if not case.opened_on <= on <= today:
        wrong["on"] = f"The day must lie between {case.opened_on:%-d %B %Y} and today."
    if back_expected_on <= on:
        wrong["back_expected_on"] = "The return must be expected after the day it is lent."
    if wrong:
        raise ValidationError(wrong)
    loan = Loan.objects.create(
        **keys(case),
        case=case,
        partner=partner,
        lent_on=on,
        lent_by=by,
        why=why.strip(),
        back_expected_on=back_expected_on,
    )
    audit.event(by=by, kind="case.lent", text=f"On loan to {partner.name}: {loan.why}", about=loan)
    return loan


@transaction.atomic
def take_case_back(*, by: User, case: Case, brought_back: str, on: date | None = None) -> Loan:
    """The case is back and carries on where it was. The lead worker is told.

    Raises Denied, Conflict when it is not on loan, ValidationError by field.
    """
    case = locked_for_writing(by=by, case=case)
    today = timezone.localdate()
    on = on or today
    loan = Loan.objects.filter(case=case, back_on__isnull=True).select_related("partner").first()
    if loan is None:
        raise Conflict("This case is not on loan. Load the page again.")
    wrong = {}
    if not brought_back.strip():
        wrong["brought_back"] = "Say what was done there, and what is needed now."
    if not loan.lent_on <= on <= today:
        wrong["on"] = f"The day must lie between {loan.lent_on:%-d %B %Y} and today."
    if wrong:
        raise ValidationError(wrong)
    loan.back_on, loan.back_by, loan.brought_back = on, by, brought_back.strip()
    loan.save(update_fields=["back_on", "back_by", "brought_back"])
    audit.event(by=by, kind="case.back", text=f"Back from {loan.partner.name}: {loan.brought_back}", about=loan)
    holder = LeadWorker.objects.filter(case=case, ends_on__isnull=True).select_related("worker").first()
    if holder and holder.worker_id != by.pk:
        tell(
            holder.worker,
            key=f"loan-back:{loan.pk}",
            subject="A case is back from a partner service",
            text="A case that was on loan has come back. It carries on where it was.",
            url_name="case",
            pk=case.pk,
            about=case,
        )
    return loan
