"""The early help assessment around a formulation: begun, put right, finished, taken up again, carried into the case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case, CaseReferral
from cases.policies import check_write
from cases.services.common import keys, locked
from cases.services.stale import check_version
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import User
from families.models import Family, Person
from formulation.models import AssessedChild, Assessment, Formulation
from formulation.policies import check_formulate, check_formulate_at_screening, check_works_at_screening
from formulation.workflow import ASSESSMENT
from referrals.models import Referral

Status = Assessment.Status
ONE_LIVE = "An assessment is in progress already: a case has one at a time. Finish it first, or go on in it."
NOTHING_WRITTEN = "Write the formulation first: it is what the assessment says."


@dataclass(frozen=True)
class Subject:
    """What an assessment and its formulation are about, locked: the case, or a referral that no case has taken up."""

    case: Case | None
    referral: Referral | None

    @property
    def record(self) -> Case | Referral:
        found = self.case or self.referral
        assert found is not None  # noqa: S101 - `subject` gives one of them
        return found

    @property
    def rows(self) -> dict[str, Any]:
        """What its rows are found by."""
        return {"case": self.case} if self.case else {"referral": self.referral, "case": None}


def subject(
    *, by: User, case: Case | None = None, referral: Referral | None = None, also_after_the_end: bool = False
) -> Subject:
    """Lock the case, or the referral as long as it has none, and see that the user may write there. Raises Denied.

    also_after_the_end: what was left in progress is finished after the case was closed, or the referral ended.
    """
    if case is None:
        if referral is None:
            raise ValueError("a case or a referral")
        # The family first, as the opening of a case does: what is begun here cannot miss being carried into it.
        Family.objects.select_for_update(of=("self",)).get(pk=referral.family_id)
        referral = Referral.objects.get(pk=referral.pk)
        link = CaseReferral.objects.filter(referral=referral).select_related("case").first()
        if link is None:
            (check_works_at_screening if also_after_the_end else check_formulate_at_screening)(by, referral)
            return Subject(None, referral)
        case = link.case
    case = locked(case)
    (check_write if also_after_the_end else check_formulate)(by, case)
    return Subject(case, None)


def check_may_change(*, by: User, assessment: Assessment, also_after_the_end: bool = False) -> None:
    """Raises Denied when the user may not write in the assessment."""
    subject(by=by, case=assessment.case, referral=assessment.referral, also_after_the_end=also_after_the_end)


def live_of(of: Subject) -> Assessment | None:
    return Assessment.objects.filter(**of.rows, status=Status.BEGUN).first()


@transaction.atomic
def begin_assessment(
    *,
    by: User,
    case: Case | None = None,
    referral: Referral | None = None,
    starts_on: date | None = None,
    organisation: str = "",
    child_ids: Iterable[UUID] | None = None,
) -> Assessment:
    """Begin an assessment of a case, or of a referral at its screening.

    organisation: the Cluster when empty. child_ids: the children of the household, and the child referred, when None.
    Raises Denied, Conflict (one is in progress) or ValidationError (`starts_on`, `organisation`, `children`).
    """
    of = subject(by=by, case=case, referral=referral)
    if live_of(of):
        raise Conflict(ONE_LIVE)
    return begin(by=by, of=of, starts_on=starts_on, organisation=organisation, child_ids=child_ids)


def begin(
    *,
    by: User,
    of: Subject,
    starts_on: date | None = None,
    organisation: str = "",
    child_ids: Iterable[UUID] | None = None,
) -> Assessment:
    """As `begin_assessment`, of what the caller has locked and knows to have none in progress."""
    record = of.record
    starts_on = starts_on or timezone.localdate()
    organisation = " ".join(organisation.split()) or str(record.cluster)
    children = _children(record, child_ids)
    _check(starts_on=starts_on, organisation=organisation, children=children)
    ASSESSMENT.step("", Status.BEGUN)
    made = Assessment.objects.create(
        **keys(record), **of.rows, starts_on=starts_on, organisation=organisation, author=by
    )
    AssessedChild.objects.bulk_create(
        AssessedChild(**keys(record), assessment=made, person_id=pk) for pk in sorted(children)
    )
    audit.event(by=by, kind="assessment.begun", text=f"Began an assessment ({organisation})", about=made)
    return made


def _children(record: Case | Referral, wanted: Iterable[UUID] | None) -> set[UUID]:
    people = {p.pk: p for p in Person.objects.filter(family_id=record.family_id)}
    if wanted is not None:
        chosen = set(wanted)
        if not chosen <= people.keys():
            raise ValidationError({"children": "Choose children of this family"})
        return chosen
    found = {pk for pk, p in people.items() if p.is_child and p.in_household}
    return found | {record.child_id} if isinstance(record, Referral) else found


def _check(*, starts_on: date, organisation: str, children: set[UUID]) -> None:
    wrong: dict[str, str] = {}
    if starts_on > timezone.localdate():
        wrong["starts_on"] = "The day it began must be today or in the past"
    if not organisation:
        wrong["organisation"] = "Enter the organisation that makes the assessment"
    elif len(organisation) > 160:
        wrong["organisation"] = "The organisation must be 160 characters or fewer"
    if not children:
        wrong["children"] = "Choose at least one child: the assessment is about them"
    if wrong:
        raise ValidationError(wrong)


def _locked(
    by: User, assessment: Assessment, version: int | None, *, also_after_the_end: bool = False
) -> tuple[Assessment, Subject]:
    of = subject(by=by, case=assessment.case, referral=assessment.referral, also_after_the_end=also_after_the_end)
    now = Assessment.objects.select_for_update(of=("self",)).get(pk=assessment.pk)
    check_version(now, version)
    return now, of


def _save(assessment: Assessment, *names: str) -> None:
    assessment.version += 1
    assessment.save(update_fields=[*names, "version"])


@transaction.atomic
def change_assessment(
    *,
    by: User,
    assessment: Assessment,
    starts_on: date,
    organisation: str,
    child_ids: Iterable[UUID],
    version: int | None = None,
) -> Assessment:
    """Put right when it began, who makes it and whom it is about. Raises Denied, Stale or ValidationError."""
    now, of = _locked(by, assessment, version)
    organisation = " ".join(organisation.split())
    children = _children(of.record, child_ids)
    _check(starts_on=starts_on, organisation=organisation, children=children)
    if now.finished_on and starts_on > now.finished_on:
        raise ValidationError({"starts_on": f"It was finished on {now.finished_on:%-d %B %Y}: it began by then"})
    now.starts_on, now.organisation = starts_on, organisation
    _save(now, "starts_on", "organisation")
    there = set(now.children.values_list("person_id", flat=True))
    if there - children:
        now.children.filter(person_id__in=there - children).delete()
    AssessedChild.objects.bulk_create(
        AssessedChild(**keys(now), assessment=now, person_id=pk) for pk in sorted(children - there)
    )
    audit.event(by=by, kind="assessment.changed", text="Changed the assessment’s details", about=now)
    return now


@transaction.atomic
def finish_assessment(
    *, by: User, assessment: Assessment, on: date | None = None, why: str = "", version: int | None = None
) -> Assessment:
    """Complete an assessment, or end it without completion for a reason (`why`, of Assessment.Why).

    Its formulation stays as it is; what is written later goes into a new version.
    Raises Denied, Conflict (finished already), Stale or ValidationError (`on`, `why`).
    """
    now, _of = _locked(by, assessment, version, also_after_the_end=True)
    target = Status.ENDED if why else Status.COMPLETED
    ASSESSMENT.step(now.status, target)
    on = on or timezone.localdate()
    if on > timezone.localdate():
        raise ValidationError({"on": "The day must be today or in the past"})
    if on < now.starts_on:
        raise ValidationError({"on": f"It began on {now.starts_on:%-d %B %Y}: the day must be then or later"})
    if why and why not in Assessment.Why.values:
        raise ValidationError({"why": "Choose why it ended"})
    if not why and not now.formulations.exists():
        raise ValidationError(NOTHING_WRITTEN)
    now.status, now.why_ended = target, why
    now.completed_on, now.ended_on = (None, on) if why else (on, None)
    _save(now, "status", "why_ended", "completed_on", "ended_on")
    said = f"Ended the assessment: {Assessment.Why(why).label}" if why else "Completed the assessment"
    audit.event(by=by, kind=f"assessment.{target}", text=said, about=now)
    return now


@transaction.atomic
def take_up_again(*, by: User, assessment: Assessment) -> Assessment:
    """Go on in an assessment that was finished by mistake. Raises Denied or Conflict (another is in progress)."""
    now, of = _locked(by, assessment, None)
    ASSESSMENT.step(now.status, Status.BEGUN)
    if live_of(of):
        raise Conflict(ONE_LIVE)
    now.status, now.completed_on, now.ended_on, now.why_ended = Status.BEGUN, None, None, ""
    _save(now, "status", "completed_on", "ended_on", "why_ended")
    audit.event(by=by, kind="assessment.taken_up_again", text="Took the assessment up again", about=now)
    return now


def carry_over(*, by: User, case: Case, referral: Referral) -> None:
    """A case takes a referral up (the family is locked): what was formulated at screening goes on in the case.

    In a case that has a formulation of its own it stays with the referral, to be read, and its assessment goes on in
    the case's.
    """
    written = list(Formulation.objects.filter(referral=referral, case=None))
    assessments = list(Assessment.objects.filter(referral=referral, case=None))
    if not written and not assessments:
        return
    if Formulation.objects.filter(case=case).exists() or Assessment.objects.filter(case=case).exists():
        for assessment in assessments:
            if assessment.status == Status.BEGUN:
                _end_elsewhere(by, assessment)
        return
    Formulation.objects.filter(pk__in=[f.pk for f in written]).update(case=case)
    Assessment.objects.filter(pk__in=[a.pk for a in assessments]).update(case=case)
    audit.event(
        by=by, kind="formulation.carried", text="The formulation begun at screening goes on in the case", about=case
    )


def _end_elsewhere(by: User, assessment: Assessment) -> None:
    ASSESSMENT.step(assessment.status, Status.ENDED)
    assessment.status, assessment.why_ended = Status.ENDED, Assessment.Why.ELSEWHERE
    assessment.ended_on = max(timezone.localdate(), assessment.starts_on)
    _save(assessment, "status", "why_ended", "ended_on")
    text = f"Ended the assessment: {Assessment.Why.ELSEWHERE.label}"
    audit.event(by=by, kind="assessment.ended", text=text, about=assessment)
