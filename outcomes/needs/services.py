"""Writes of needs, averted steps and unit costs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case
from cases.services.common import keys, locked
from cases.services.stale import Stale, check_version
from cluster_ehs.core import audit
from clusters import changes
from clusters.models import Term, User, Vocabulary
from clusters.policies import check_manage
from families.models import Person
from outcomes.models import (
    AvertedReason,
    AvertedStep,
    NeedEvidence,
    NeedFound,
    NeedPerson,
    NeedsRound,
    StatutoryLevel,
    UnitCost,
)
from outcomes.readings.policies import check_record

Moment = NeedsRound.Moment
MOST_PENCE = 100_000_000


@dataclass(frozen=True)
class Found:
    """A need that is there: whose it is, and how we know."""

    need_id: int
    person_ids: Collection[UUID] = ()
    evidence: str = ""


@transaction.atomic
def record_needs(
    *, by: User, case: Case, moment: str, done_on: date, found: Sequence[Found], version: int | None = None
) -> NeedsRound:
    """Which needs are there at the start or the end. What is not named is not there. A second time it is put right.

    version: of the round that the editor saw, None when there was none. Raises Denied, Stale, ValidationError by field.
    """
    case = locked(case)
    check_record(by, case, moment)
    there = NeedsRound.objects.filter(case=case, moment=moment).first()
    if there is not None and version is None:
        raise Stale(there)
    if there is not None:
        check_version(there, version)
    wrong: dict[str, str] = {}
    if done_on > timezone.localdate():
        wrong["done_on"] = "The day must be today or in the past"
    elif done_on < case.opened_on:
        wrong["done_on"] = f"The day must be on or after {case.opened_on:%-d %B %Y}, when the case was opened"
    known = Term.objects.of(Vocabulary.NEED).filter(pk__in=[one.need_id for one in found], parent__isnull=False)
    if known.count() != len({one.need_id for one in found}) or len({one.need_id for one in found}) < len(found):
        wrong["done_on"] = "Choose each need once, from the list"
    people = {pk for one in found for pk in one.person_ids}
    if Person.objects.filter(pk__in=people, family_id=case.family_id).count() != len(people):
        wrong["done_on"] = "Choose people of this family"
    if wrong:
        raise ValidationError(wrong)
    round_ = there or NeedsRound(**keys(case), case=case, moment=moment)
    round_.done_on, round_.author = done_on, by
    if there is not None:
        round_.version += 1
        round_.found.all().delete()
    round_.save()
    rows = [NeedFound(**keys(case), round=round_, need_id=one.need_id) for one in found]
    NeedFound.objects.bulk_create(rows)
    NeedPerson.objects.bulk_create(
        NeedPerson(**keys(case), found=row, person_id=pk)
        for row, one in zip(rows, found, strict=True)
        for pk in dict.fromkeys(one.person_ids)
    )
    NeedEvidence.objects.bulk_create(
        NeedEvidence(**keys(case), found=row, text=one.evidence.strip())
        for row, one in zip(rows, found, strict=True)
        if one.evidence.strip()
    )
    text = f"{'Corrected' if there else 'Recorded'} the needs {Moment(moment).label.lower()}: {len(rows)}"
    audit.event(by=by, kind="case.needs", text=text, about=round_)
    return round_


@transaction.atomic
def record_averted(
    *,
    by: User,
    case: Case,
    level: str,
    averted_on: date,
    judged_by: str,
    why: str,
    children: int = 1,
    weeks: int | None = None,
    averted: AvertedStep | None = None,
    mistaken: bool = False,
    version: int | None = None,
) -> AvertedStep:
    """A step up that did not come; or, with `averted`, that entry put right or marked as a mistake.

    weeks: how long it would have lasted. Raises Denied, Stale, ValidationError by field.
    """
    case = locked(case)
    check_record(by, case, Moment.END)
    row = AvertedStep.objects.select_for_update(of=("self",)).get(pk=averted.pk) if averted else None
    if row is not None:
        check_version(row, version)
    wrong: dict[str, str] = {}
    if averted_on > timezone.localdate():
        wrong["averted_on"] = "The day must be today or in the past"
    elif averted_on < case.opened_on:
        wrong["averted_on"] = f"The day must be on or after {case.opened_on:%-d %B %Y}, when the case was opened"
    if not why.strip():
        wrong["why"] = "Enter why it would have come, and what stopped it"
    if wrong:
        raise ValidationError(wrong)
    now = row or AvertedStep(**keys(case), case=case)
    now.level, now.averted_on, now.judged_by, now.children, now.weeks = level, averted_on, judged_by, children, weeks
    now.author, now.mistaken = by, mistaken
    now.version += 1 if row else 0
    now.full_clean(exclude=["cluster", "family", "case", "author"])
    now.save()
    AvertedReason.objects.update_or_create(averted=now, defaults={**keys(case), "text": why.strip()})
    verb = "Marked as a mistake" if mistaken else "Corrected" if row else "Recorded"
    text = f"{verb}: {StatutoryLevel(level).label.lower()} averted"
    audit.event(by=by, kind="case.averted", text=text, about=now)
    return now


@transaction.atomic
def set_cost(*, by: User, level: str, per: str, pence: int, starts_on: date, source: str) -> UnitCost:
    """What a statutory step costs per child from a day on. Earlier costs stay: what was averted then keeps its own.

    Raises Denied unless a manager acts, ValidationError by field.
    """
    check_manage(by)
    wrong: dict[str, Any] = {}
    if not 0 < pence <= MOST_PENCE:
        wrong["pounds"] = f"Enter a cost from £0.01 to £{MOST_PENCE // 100:,}"
    if not source.strip():
        wrong["source"] = "Enter where the figure is from: no cost is kept without its source"
    if UnitCost.objects.filter(level=level, starts_on=starts_on).exists():
        wrong["starts_on"] = f"There is a cost from {starts_on:%-d %B %Y} already"
    if wrong:
        raise ValidationError(wrong)
    made = UnitCost(level=level, per=per, pence=pence, starts_on=starts_on, source=source.strip())
    made.full_clean()
    made.save()
    text = f"Unit cost of {made.get_level_display().lower()}: £{pence / 100:,.2f} {made.get_per_display()} from "
    changes.record(by=by, kind="unit_cost", text=f"{text}{changes.said(starts_on)} ({made.source}).", about=made)
    return made
