"""Up to Children's Social Work Services from an open case, and down from there."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case, SocialCareStep
from cases.services.common import keys, locked_for_writing
from cluster_ehs.core import audit
from clusters.models import User
from referrals.models import Referral
from triage import services as triage

Direction, Meanwhile, Outcome = SocialCareStep.Direction, SocialCareStep.Meanwhile, SocialCareStep.Outcome


@transaction.atomic
def step_up_case(
    *,
    by: User,
    case: Case,
    referral: Referral,
    taken_by: str,
    csws_reference: str,
    decided_by: str,
    why: str,
    meanwhile: str,
    at: datetime | None = None,
) -> SocialCareStep:
    """Record the step up of a child of the case: the referral's own record of harm, and what the case needs beside it.

    referral: one of the case's, of the child whom it is about. Raises Denied, ValidationError by field.
    """
    case = locked_for_writing(by=by, case=case)
    wrong = _missing(decided_by=decided_by, why=why, meanwhile=meanwhile)
    if not case.case_referrals.filter(referral=referral).exists():
        wrong["referral"] = "Choose a child of this case"
    if wrong:
        raise ValidationError(wrong)
    taken = triage.step_up(by=by, referral=referral, taken_by=taken_by, csws_reference=csws_reference, at=at)
    step = SocialCareStep.objects.create(
        **keys(case),
        case=case,
        direction=Direction.UP,
        stepped_on=timezone.localdate(taken.stepped_up_at),
        step_up=taken,
        csws_reference=taken.csws_reference,
        decided_by=decided_by.strip(),
        why=why.strip(),
        meanwhile=meanwhile,
        recorded_by=by,
    )
    audit.event(by=by, kind="case.step_up", text=f"Stepped up to CSWS: {_meanwhile(step)}", about=step)
    return step


@transaction.atomic
def step_down_case(
    *,
    by: User,
    case: Case,
    on: date,
    csws_reference: str,
    decided_by: str,
    why: str,
    answers: SocialCareStep | None = None,
) -> SocialCareStep:
    """CSWS step a family down whose case stayed open. One that was closed comes as a new referral that links back.

    answers: the step up that comes back with it. Raises Denied, ValidationError by field.
    """
    case = locked_for_writing(by=by, case=case)
    wrong = _missing(decided_by=decided_by, why=why, meanwhile=Meanwhile.STAYS)
    if on > timezone.localdate():
        wrong["on"] = "The step down cannot lie ahead"
    elif answers is not None and on < answers.stepped_on:
        wrong["on"] = f"The family was stepped up on {answers.stepped_on:%-d %B %Y}; it cannot come back before"
    if answers is not None and answers.case_id != case.pk:
        wrong["answers"] = "Choose a step up of this case"
    if wrong:
        raise ValidationError(wrong)
    step = SocialCareStep.objects.create(
        **keys(case),
        case=case,
        direction=Direction.DOWN,
        stepped_on=on,
        step_up=answers.step_up if answers else None,
        csws_reference=csws_reference.strip(),
        decided_by=decided_by.strip(),
        why=why.strip(),
        meanwhile=Meanwhile.STAYS,
        recorded_by=by,
    )
    audit.event(by=by, kind="case.step_down", text="Stepped down from CSWS to the open case", about=step)
    return step


@transaction.atomic
def note_step_outcome(*, by: User, step: SocialCareStep, outcome: str, on: date, words: str = "") -> SocialCareStep:
    """What CSWS decided after a step up. A second time corrects it. Raises Denied, ValidationError by field."""
    locked_for_writing(by=by, case=step.case)
    wrong = {}
    if outcome not in Outcome.values:
        wrong["outcome"] = "Choose what came of it"
    if not step.stepped_on <= on <= timezone.localdate():
        wrong["on"] = f"The day must lie between {step.stepped_on:%-d %B %Y} and today"
    if wrong:
        raise ValidationError(wrong)
    step.outcome, step.outcome_on, step.outcome_words = outcome, on, words.strip()
    step.save(update_fields=["outcome", "outcome_on", "outcome_words"])
    text = f"CSWS answered the step up: {Outcome(outcome).label}"
    audit.event(by=by, kind="case.step_outcome", text=text, about=step)
    return step


def _missing(*, decided_by: str, why: str, meanwhile: str) -> dict[str, str]:
    wrong = {}
    if not decided_by.strip():
        wrong["decided_by"] = "Enter who decided, with their role"
    if not why.strip():
        wrong["why"] = "Enter why, and what was agreed"
    if meanwhile not in Meanwhile.values:
        wrong["meanwhile"] = "Choose what happens to the case meanwhile"
    return wrong


def _meanwhile(step: SocialCareStep) -> str:
    return "the case stays open" if step.meanwhile == Meanwhile.STAYS else "the case is to close"
