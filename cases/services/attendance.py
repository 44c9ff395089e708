"""School attendance of the children of a case, and the stages of legal action on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case, LegalStep, SchoolAttendance, percentage_of
from cases.services.common import keys, locked_for_writing
from cluster_ehs.core import audit
from clusters.models import Term, User
from families.models import Person

LEGAL = "attendance_legal"


@dataclass(frozen=True)
class Period:
    """One child's attendance from a first to a last day, in sessions (half days) or as a percentage."""

    person: Person
    starts_on: date
    ends_on: date
    possible: int | None = None
    authorised: int | None = None
    unauthorised: int | None = None
    percentage: Decimal | None = None
    source: str = SchoolAttendance.Source.REGISTER


def wrong_with(period: Period, today: date) -> dict[str, str]:
    """What is wrong with a period, by field; empty when nothing is."""
    wrong: dict[str, str] = {}
    if not period.person.is_child:
        wrong["person"] = "Choose a child of the family"
    if period.ends_on < period.starts_on:
        wrong["ends_on"] = "The last day cannot be before the first"
    elif period.ends_on > today:
        wrong["ends_on"] = "The last day cannot lie ahead"
    elif (period.ends_on - period.starts_on).days > 366:
        wrong["ends_on"] = "A period is at most a school year. Check the years"
    absent = (period.authorised or 0) + (period.unauthorised or 0)
    if period.possible is None:
        if period.percentage is None:
            wrong["possible"] = "Enter the possible sessions and the absences, or the percentage"
        elif absent:
            wrong["possible"] = "Enter how many sessions were possible"
    elif period.possible == 0:
        wrong["possible"] = "There must be at least one possible session"
    elif absent > period.possible:
        wrong["possible"] = f"{absent} absences are more than the {period.possible} possible sessions"
    elif period.percentage is not None and abs(period.percentage - percentage_of(period.possible, absent)) >= 1:
        wrong["percentage"] = (
            f"The sessions make {percentage_of(period.possible, absent)} %. Leave one of the two empty"
        )
    if period.percentage is not None and not 0 <= period.percentage <= 100:
        wrong["percentage"] = "The percentage must lie between 0 and 100"
    return wrong


@transaction.atomic
def record_attendance(
    *, by: User, case: Case, periods: Sequence[Period], correct: SchoolAttendance | None = None
) -> list[SchoolAttendance]:
    """Add periods, or put one right. All of them, or none.

    Raises Denied, ValidationError: of a single period by field, of several with the number of each wrong one.
    """
    case = locked_for_writing(by=by, case=case)
    today = timezone.localdate()
    made = []
    for number, period in enumerate(periods, start=1):
        wrong = wrong_with(period, today)
        if period.person.family_id != case.family_id:
            wrong["person"] = "Choose a child of this family"
        same = SchoolAttendance.objects.filter(person=period.person, starts_on=period.starts_on, ends_on=period.ends_on)
        if correct is not None:
            same = same.exclude(pk=correct.pk)
        if not wrong and same.exists():
            wrong["starts_on"] = f"{period.person.short_name} has this period already. Correct it in the table"
        if wrong:
            raise ValidationError(wrong if len(periods) == 1 else [f"Line {number}: {t}" for t in wrong.values()])
        row = correct or SchoolAttendance(**keys(case), case=case, recorded_by=by)
        row.person, row.starts_on, row.ends_on, row.source = (
            period.person,
            period.starts_on,
            period.ends_on,
            period.source,
        )
        row.possible = period.possible
        row.authorised = (period.authorised or 0) if period.possible is not None else None
        row.unauthorised = (period.unauthorised or 0) if period.possible is not None else None
        row.percentage = _percentage(period)
        row.save()
        made.append(row)
    text = "Corrected attendance" if correct else f"Recorded attendance: {len(made)} period{'s'[: len(made) > 1]}"
    audit.event(by=by, kind="case.attendance", text=text, about=case)
    return made


def _percentage(period: Period) -> Decimal:
    if period.possible is not None:
        return percentage_of(period.possible, (period.authorised or 0) + (period.unauthorised or 0))
    return Decimal(period.percentage or 0).quantize(Decimal("0.1"), ROUND_HALF_UP)


@transaction.atomic
def record_legal_step(
    *,
    by: User,
    case: Case,
    person: Person,
    stage: Term,
    taken_on: date,
    words: str = "",
    outcome: str = "",
    outcome_on: date | None = None,
    correct: LegalStep | None = None,
) -> LegalStep:
    """Record a stage of legal action on a child's attendance, or what came of one. Raises Denied, ValidationError."""
    case = locked_for_writing(by=by, case=case)
    today = timezone.localdate()
    wrong: dict[str, str] = {}
    if person.family_id != case.family_id or not person.is_child:
        wrong["person"] = "Choose a child of this family"
    if stage.vocabulary != LEGAL:
        wrong["stage"] = "Choose a stage"
    if taken_on > today:
        wrong["taken_on"] = "The day cannot lie ahead"
    if outcome_on is not None and not taken_on <= outcome_on <= today:
        wrong["outcome_on"] = f"The day must lie between {taken_on:%-d %B %Y} and today"
    if outcome_on is not None and not outcome.strip():
        wrong["outcome"] = "Enter what came of it"
    if wrong:
        raise ValidationError(wrong)
    row = correct or LegalStep(**keys(case), case=case, recorded_by=by)
    row.person, row.stage, row.taken_on, row.words = person, stage, taken_on, words.strip()
    row.outcome, row.outcome_on = outcome.strip(), outcome_on or (today if outcome.strip() else None)
    row.save()
    audit.event(by=by, kind="case.legal_step", text=f"Legal action on attendance: {stage.label}", about=row)
    return row
