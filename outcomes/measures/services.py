"""Writing: a measure that was taken, a correction, what is asked regularly, licences and use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cases.models import Case, CaseService
from cases.services.common import keys, locked, refuse_later_than
from cases.services.safety import raise_worry
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.changes import record, said, wrong
from clusters.models import User
from clusters.notices import tell
from families.alerts import people_to_tell
from families.models import Person
from outcomes.measures import policies
from outcomes.measures.models import (
    AgreedMeasure,
    How,
    Instrument,
    InstrumentLicence,
    Measure,
    MeasureResult,
    MeasureRisk,
    Occasion,
)
from outcomes.measures.scoring import Score, WrongAnswer, band, score
from referrals.models import Referral

Answers = Mapping[str, Decimal | int | None]


@dataclass(frozen=True)
class Taken:
    """About whom and how an instrument was answered. person: None for the family. told: who was named to ring."""

    occasion: str
    taken_on: date
    how: str = How.TOGETHER
    person: Person | None = None
    answerer: Person | None = None
    answered_by: str = Measure.AnsweredBy.FAMILY
    done: str = ""
    told: str = ""


@transaction.atomic
def take_measure(*, by: User, case: Case, instrument: Instrument, answers: Answers, taken: Taken) -> Measure:
    """Record what was answered, with its score and band. Where an answer is a risk, tell at once.

    Raises Denied, or ValidationError by question (`q_<key>`) and field (`taken_on`, `person`, `done`).
    """
    case = locked(case)
    policies.check_take(by, case)
    return _write(by=by, case=case, instrument=instrument, answers=answers, taken=taken)


@transaction.atomic
def correct_measure(*, by: User, measure: Measure, answers: Answers, taken: Taken, reason: str) -> Measure:
    """A measure in place of another, which stays to be read with what it said.

    Raises Denied, Conflict when it has been corrected already, ValidationError as `take_measure`, and `reason`.
    """
    case = locked(measure.case)
    measure = Measure.objects.select_for_update(of=("self",)).select_related("instrument").get(pk=measure.pk)
    policies.check_correct(by, measure, case)
    if Measure.objects.filter(corrects=measure).exists():
        raise Conflict("This measure has been corrected already. Look at the correction.")
    if not reason.strip():
        raise ValidationError({"reason": "Enter why it is corrected"})
    return _write(
        by=by,
        case=case,
        instrument=measure.instrument,
        answers=answers,
        taken=taken,
        corrects=measure,
        reason=reason.strip(),
    )


def _write(
    *,
    by: User,
    case: Case,
    instrument: Instrument,
    answers: Answers,
    taken: Taken,
    corrects: Measure | None = None,
    reason: str = "",
) -> Measure:
    if corrects is None:
        policies.check_asked_here(instrument)
        _check_licence(instrument, taken.taken_on)
    refuse_later_than(taken.taken_on, timezone.localdate(), field="taken_on", what="The day it was answered")
    for field, person in (("person", taken.person), ("answerer", taken.answerer)):
        if person is not None and person.family_id != case.family_id:
            raise ValidationError({field: "Choose somebody of this family"})
    if taken.how == How.LINK:
        raise ValidationError({"how": "What is answered by a private link is not entered here"})
    try:
        result = score(instrument.sheet(), answers)
    except WrongAnswer as error:
        raise ValidationError({f"q_{error.key}": f"{error}"}) from error
    if result.risks and not taken.done.strip():
        raise ValidationError({"done": "Enter what you did about the answer on safety before you save"})
    service = corrects.case_service if corrects else _private_service(by, case)
    private = corrects.private if corrects else service is not None
    measure = Measure.objects.create(
        **keys(case),
        case=case,
        case_service=service,
        instrument=instrument,
        person=taken.person,
        answerer=taken.answerer,
        answered_by=taken.answered_by,
        occasion=taken.occasion,
        taken_on=taken.taken_on,
        how=taken.how,
        private=private,
        author=by,
        corrects=corrects,
        reason=reason,
    )
    _keep_result(measure, instrument, answers, result)
    text = f"{instrument.name}: {'corrected' if corrects else 'answered'}"
    audit.event(by=by, kind="measure.corrected" if corrects else "measure.taken", text=text, about=measure)
    if result.risks:
        _see_to_risk(by, case, measure, taken)
    return measure


def _private_service(by: User, case: Case) -> CaseService | None:
    return policies.private_service(by, list(CaseService.objects.filter(case=case).select_related("service")))


def _check_licence(instrument: Instrument, day: date) -> None:
    if instrument.licence_needed and not licences_on(instrument, day):
        raise ValidationError(
            {"taken_on": f"No licence for {instrument.name} is recorded for this day. A manager records it."}
        )


def licences_on(instrument: Instrument, day: date) -> list[InstrumentLicence]:
    rows = instrument.licences.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)
    return list(rows)


def _keep_result(measure: Measure, instrument: Instrument, answers: Answers, result: Score) -> None:
    MeasureResult.objects.create(
        cluster_id=measure.cluster_id,
        family_id=measure.family_id,
        measure=measure,
        **result_of_answers(instrument, answers, result) | {"total": result.total},
        private=measure.private,
        author_id=measure.author_id,
    )


def result_of_answers(instrument: Instrument, answers: Answers, result: Score) -> dict[str, Any]:
    """What is kept of answers and their score, as JSON takes it: answers, total, estimated, band, alarming."""
    found = band(instrument.ranges(), result.total)
    items = {item.key: item for item in instrument.items.all()}
    of_items = [band(instrument.ranges(items[key].pk), value) for key, value in result.parts.items()]
    return {
        "answers": {key: None if value is None else _number(value) for key, value in answers.items()},
        "total": None if result.total is None else _number(result.total),
        "estimated": result.estimated,
        "band": found.label if found else "",
        "alarming": any(each.alarming for each in [found, *of_items] if each),
    }


def _number(value: Decimal | int) -> int | float:
    """For JSON: a whole number where it is one."""
    return int(value) if value == int(value) else float(value)


def _see_to_risk(by: User, case: Case, measure: Measure, taken: Taken) -> None:
    """The same way as “I am worried about safety”: who is on duty is told at once; the leaders always, with a link."""
    done = taken.done.strip()
    MeasureRisk.objects.create(**keys(case), measure=measure, done=done, told=taken.told, author=by)
    family = case.family
    named = list(family.named_readers.values_list("user_id", flat=True)) if family.restricted else []
    for leader in people_to_tell(cluster_id=case.cluster_id, restricted=family.restricted, named=named):
        tell(
            leader,
            key=f"measure-risk:{measure.pk}:{leader.pk}",
            subject="An answer about safety needs you now",
            text="Somebody answered a question about their safety so that it must be seen to now. Read what was done:",
            url_name="measure",
            pk=measure.pk,
            about=case,
            urgent=True,
        )
    if Referral.objects.filter(case_link__case=case).exists():
        words = f"An answer about safety in {measure.instrument.name}. What was done at once: {done}"
        raise_worry(by=by, case=case, worry=words)


@transaction.atomic
def see_to_own_answer(*, by: User, measure: Measure, done: str) -> MeasureRisk:
    """Say what was done about an answer on safety that somebody gave alone, on the family's page.

    Raises Denied, Conflict when it was said already, ValidationError (`done`).
    """
    policies.check_see_to(by, measure)
    risk = MeasureRisk.objects.select_for_update(of=("self",)).get(measure=measure)
    if risk.author_id:
        raise Conflict("What was done has been said already. Read it first.")
    if not done.strip():
        raise ValidationError({"done": "Enter what you did about the answer on safety"})
    risk.done, risk.author, risk.done_at = done.strip(), by, timezone.now()
    risk.save(update_fields=["done", "author", "done_at"])
    audit.event(by=by, kind="measure.risk_seen_to", text="Said what was done about an answer on safety", about=measure)
    return risk


# --- what is asked regularly ---
@transaction.atomic
def agree_measure(
    *,
    by: User,
    case: Case,
    instrument: Instrument,
    person: Person | None,
    every_weeks: int | None,
    by_itself: bool = False,
) -> AgreedMeasure:
    """From today this instrument is asked in the case; a former agreement about the same ends.

    by_itself: whoever is asked may answer it on the family's page, with nobody there.
    Raises Denied, ValidationError (`person`, `by_itself`).
    """
    case = locked(case)
    policies.check_take(by, case)
    policies.check_asked_here(instrument)
    if person is not None and person.family_id != case.family_id:
        raise ValidationError({"person": "Choose somebody of this family"})
    if by_itself and instrument.kind != Instrument.Kind.ITEMS:
        raise ValidationError({"by_itself": f"The questions of {instrument.name} are on the publisher’s form alone"})
    today = timezone.localdate()
    live = AgreedMeasure.objects.filter(case=case, instrument=instrument, person=person, ends_on__isnull=True)
    live.update(ends_on=today)
    made = AgreedMeasure.objects.create(
        **keys(case),
        case=case,
        instrument=instrument,
        person=person,
        every_weeks=every_weeks,
        by_itself=by_itself,
        starts_on=today,
        agreed_by=by,
    )
    audit.event(by=by, kind="measure.agreed", text=f"{instrument.name} is asked in this case", about=made)
    return made


@transaction.atomic
def stop_measure(*, by: User, agreed: AgreedMeasure) -> None:
    """Not asked any more from today. Raises Denied."""
    policies.check_take(by, locked(agreed.case))
    agreed = AgreedMeasure.objects.select_for_update(of=("self",)).select_related("instrument").get(pk=agreed.pk)
    if agreed.ends_on is None:
        agreed.ends_on = timezone.localdate()
        agreed.save(update_fields=["ends_on"])
        text = f"{agreed.instrument.name} is not asked in this case any more"
        audit.event(by=by, kind="measure.stopped", text=text, about=agreed)


def occasion_of(case: Case, *, answered_before: bool, today: date) -> str:
    """What the form proposes: the end when the case is coming to it, the start for the first, else a review."""
    if case.status == "closing":
        return Occasion.END
    return Occasion.REVIEW if answered_before else Occasion.START


# --- settings ---
@transaction.atomic
def record_licence(
    *, by: User, instrument: Instrument, holder: str, reference: str, starts_on: date, ends_on: date | None
) -> InstrumentLicence:
    """Raises Denied (managers), ValidationError by field."""
    policies.check_set_instruments(by)
    if not instrument.licence_needed:
        raise ValidationError(f"{instrument.name} needs no licence.")
    if ends_on is not None and ends_on < starts_on:
        raise wrong("ends_on", "The last day must not be before the first.")
    made = InstrumentLicence(
        instrument=instrument,
        holder=holder.strip(),
        reference=reference.strip(),
        starts_on=starts_on,
        ends_on=ends_on,
        recorded_by=by,
    )
    made.full_clean()
    made.save()
    text = f"Licence for {instrument.name}: {made.holder}, {made.reference}, from {said(starts_on)}."
    record(by=by, kind="measure", text=text, about=made)
    return made


@transaction.atomic
def set_use(
    *, by: User, instrument: Instrument, in_use: bool, every_case: bool = False, every_weeks: int | None = None
) -> Instrument:
    """Switch an instrument on or off, and say whether it is asked in every case from today on, and how often.

    Raises Denied (managers), ValidationError where a licence is needed and none holds today.
    """
    policies.check_set_instruments(by)
    today = timezone.localdate()
    instrument = Instrument.objects.select_for_update().get(pk=instrument.pk)
    if in_use and instrument.licence_needed and not licences_on(instrument, today):
        raise wrong("in_use", f"Record the licence for {instrument.name} first: none holds today.")
    was = (instrument.in_use, instrument.every_case_from, instrument.every_weeks)
    instrument.in_use = in_use
    if not (in_use and every_case):
        instrument.every_case_from = None
    elif instrument.every_case_from is None:
        instrument.every_case_from = today
    instrument.every_weeks = every_weeks
    if was != (instrument.in_use, instrument.every_case_from, instrument.every_weeks):
        instrument.save(update_fields=["in_use", "every_case_from", "every_weeks"])
        words = "in use" if in_use else "not in use"
        if instrument.every_case_from:
            words += f", asked in every case opened from {said(instrument.every_case_from)}"
        if every_weeks:
            words += f", every {every_weeks} weeks"
        record(by=by, kind="measure", text=f"{instrument.name}: {words}.", about=instrument)
    return instrument
