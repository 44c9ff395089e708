"""Writes of readings, their corrections, the cut points, samples for a second reader and what the reader gives."""

from __future__ import annotations

import random
import secrets
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case
from cases.services.common import keys, locked, tell
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters import changes
from clusters.models import Cluster, User
from clusters.policies import check_manage
from families.models import Person
from outcomes.models import (
    FamilyReading,
    ReadingCuts,
    ReadingPerson,
    ReadingPoints,
    ReadingSample,
    ReadingWords,
    SecondPoints,
    SecondReading,
)
from outcomes.readings import policies
from outcomes.readings.arithmetic import Cuts
from outcomes.readings.scale import HIGHEST, LOWEST, Domain

Moment = FamilyReading.Moment
MOST_SEED = 999_999
UNANSWERED = "Choose a number from 1 to 10, or “Not discussed”"


@transaction.atomic
def record_reading(
    *,
    by: User,
    case: Case,
    moment: str,
    taken_on: date,
    points: Mapping[str, int | None],
    person_ids: Collection[UUID] = (),
    others: str = "",
    words: Mapping[str, str] | None = None,
    corrects: FamilyReading | None = None,
) -> FamilyReading:
    """Add a reading, or the corrected version of one; the one that it corrects stays as it was.

    points: every domain with its points, None where it was not discussed. words: by domain, "" for the whole.
    Raises Denied, Conflict (corrected by somebody else meanwhile), ValidationError by field.
    """
    case = locked(case)
    policies.check_record(by, case, moment)
    if corrects is not None and FamilyReading.objects.filter(corrects=corrects).exists():
        raise Conflict("Somebody corrected this reading in the meantime. Look at the newer one first.")
    _check(case, moment, taken_on, points, person_ids, others, corrects)
    reading = FamilyReading.objects.create(
        **keys(case),
        case=case,
        moment=moment,
        taken_on=taken_on,
        others=others.strip(),
        corrects=corrects,
        author=by,
    )
    ReadingPoints.objects.bulk_create(
        ReadingPoints(**keys(case), reading=reading, domain=domain, points=points[domain]) for domain in Domain.values
    )
    said = {name: text.strip() for name, text in (words or {}).items() if text.strip()}
    ReadingWords.objects.bulk_create(
        ReadingWords(**keys(case), reading=reading, domain=domain, text=text) for domain, text in said.items()
    )
    ReadingPerson.objects.bulk_create(
        ReadingPerson(**keys(case), reading=reading, person_id=pk) for pk in dict.fromkeys(person_ids)
    )
    verb = "Corrected a reading" if corrects else "Recorded a reading"
    audit.event(by=by, kind="case.reading", text=f"{verb}: {Moment(moment).label.lower()}", about=reading)
    return reading


def _check(
    case: Case,
    moment: str,
    taken_on: date,
    points: Mapping[str, int | None],
    person_ids: Collection[UUID],
    others: str,
    corrects: FamilyReading | None,
) -> None:
    wrong: dict[str, str] = {}
    for domain in Domain:
        value = points.get(domain.value, 0)
        if value is not None and not LOWEST <= value <= HIGHEST:
            wrong[f"points_{domain.value}"] = f"{domain.label}: {UNANSWERED[:1].lower()}{UNANSWERED[1:]}"
    if not wrong and all(points[domain] is None for domain in Domain.values):
        wrong[f"points_{Domain.HOME.value}"] = "At least one domain must have been discussed"
    if taken_on > timezone.localdate():
        wrong["taken_on"] = "The day of the reading must be today or in the past"
    elif taken_on < case.opened_on:
        wrong["taken_on"] = f"The day must be on or after {case.opened_on:%-d %B %Y}, when the case was opened"
    if not person_ids and not others.strip():
        wrong["people"] = "Choose with whom it was made. If nobody of the family took part, write below why"
    elif Person.objects.filter(pk__in=person_ids, family_id=case.family_id).count() != len(set(person_ids)):
        wrong["people"] = "Choose people of this family"
    there = _live(case).exclude(pk=corrects.pk) if corrects else _live(case)
    if moment == Moment.START and (start := there.filter(moment=Moment.START).first()):
        wrong["moment"] = (
            f"The start was read on {start.taken_on:%-d %B %Y}. Correct that reading, or record this one as a review"
        )
    if wrong:
        raise ValidationError(wrong)


def _live(case: Case):  # type: ignore[no-untyped-def]
    return FamilyReading.objects.filter(case=case, corrected_by__isnull=True)


# --- settings ---
@transaction.atomic
def set_cuts(*, by: User, low: Decimal, middle: Decimal, starts_on: date, why: str = "") -> ReadingCuts:
    """Where low ends and high begins, from a day on. Earlier ones stay to be seen.

    Raises Denied unless a manager acts, ValidationError by field.
    """
    check_manage(by)
    try:
        Cuts(low, middle)
    except ValueError as error:
        raise ValidationError({"middle": str(error)}) from error
    if ReadingCuts.objects.filter(starts_on=starts_on).exists():
        raise ValidationError({"starts_on": f"There are cut points from {starts_on:%-d %B %Y} already"})
    made = ReadingCuts(low=low, middle=middle, starts_on=starts_on, why=why.strip())
    made.full_clean()
    made.save()
    text = f"Cut points of readings: low to {low}, middle to {middle}, from {changes.said(starts_on)}."
    changes.record(by=by, kind="reading_cuts", text=text, about=made)
    return made


# --- second readers ---
@transaction.atomic
def draw_sample(
    *,
    by: User,
    cluster: Cluster,
    reader: User,
    moments: Collection[str],
    starts_on: date,
    ends_on: date,
    wanted: int,
    seed: int | None = None,
) -> ReadingSample:
    """Draw readings of a period for a second reader, from those that the leader sees and the reader did not make.

    The same frame, number and seed draw the same readings. Raises Denied, ValidationError by field.
    """
    policies.check_draws_in(by, cluster.pk)
    if ends_on < starts_on:
        raise ValidationError({"ends_on": "The last day must be on or after the first"})
    frame = list(
        FamilyReading.objects.filter(
            cluster=cluster,
            moment__in=moments,
            taken_on__range=(starts_on, ends_on),
            corrected_by__isnull=True,
            family__restricted=False,
        )
        .exclude(author=reader)
        .order_by("taken_on", "pk")
    )
    if not frame:
        raise ValidationError({"starts_on": "There is no such reading in this period that somebody else made"})
    chosen_seed = secrets.randbelow(MOST_SEED) + 1 if seed is None else seed
    sample = ReadingSample.objects.create(
        cluster=cluster,
        moments=sorted(moments),
        starts_on=starts_on,
        ends_on=ends_on,
        wanted=wanted,
        frame=len(frame),
        seed=chosen_seed,
        reader=reader,
        drawn_by=by,
    )
    drawn = draw(frame, wanted, chosen_seed)
    SecondReading.objects.bulk_create(
        SecondReading(**keys(reading), sample=sample, reading=reading, reader=reader) for reading in drawn
    )
    tell(
        reader,
        key=f"second-readings:{sample.pk}",
        subject="Readings wait for you as second reader",
        text="Please rate them from the record, without looking at the first reading.",
        url_name="reading-samples",
    )
    text = f"Drew {len(drawn)} of {len(frame)} readings for a second reader"
    audit.event(by=by, kind="readings.drawn", text=text, about=sample)
    return sample


def draw(frame: list[FamilyReading], wanted: int, seed: int) -> list[FamilyReading]:
    generator = random.Random(seed)  # noqa: S311 - drawn again by the seed that the page shows; no secret
    return generator.sample(frame, min(wanted, len(frame)))


@transaction.atomic
def rate_again(*, by: User, second: SecondReading, points: Mapping[str, int | None]) -> SecondReading:
    """What the second reader gives from the record; None where it does not say. Raises Denied, Conflict,
    ValidationError by field."""
    row = SecondReading.objects.select_for_update(of=("self",)).get(pk=second.pk)
    policies.check_second(by, row)
    if row.finished_at:
        raise Conflict("You have rated this reading already.")
    wrong = {
        f"points_{d.value}": f"{d.label}: choose a number from 1 to 10, or “The record does not say”"
        for d in Domain
        if (value := points.get(d.value, 0)) is not None and not LOWEST <= value <= HIGHEST
    }
    if wrong:
        raise ValidationError(wrong)
    SecondPoints.objects.bulk_create(
        SecondPoints(**keys(row), second=row, domain=domain, points=points[domain]) for domain in Domain.values
    )
    row.finished_at = timezone.now()
    row.save(update_fields=["finished_at"])
    audit.event(by=by, kind="case.read_again", text="Rated a reading as second reader", about=row)
    return row
