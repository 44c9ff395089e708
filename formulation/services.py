"""Writing a formulation, and saying which factor a goal addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Case, Goal, GoalStatus
from cases.services.common import keys, locked
from cases.services.stale import Stale
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from clusters.models import Term, User, Vocabulary
from families.models import Person
from formulation.assessments import Subject, begin, live_of, subject
from formulation.models import Assessment, Factor, Formulation, GoalFactor, P, Participant, Setting
from formulation.policies import check_formulate
from referrals.models import Referral

FACTOR_LENGTH = 300
LEARNING = "learning"


@dataclass(frozen=True)
class Line:
    """One factor as it was written. `factor_id` is the factor that the line was, if it was one."""

    p: str
    text: str
    domain_id: int | None = None
    person_id: UUID | None = None
    factor_id: UUID | None = None


@transaction.atomic
def save_formulation(
    *,
    by: User,
    case: Case | None = None,
    referral: Referral | None = None,
    lines: Iterable[Line],
    made_on: date | None = None,
    setting: str = Setting.WITH_FAMILY,
    person_ids: Iterable[UUID] = (),
    professionals: str = "",
    summary: str = "",
    number: int | None = None,
    seen_version: int | None = None,
) -> Formulation:
    """Save the six Ps: the version `number`, or the one after the last, which keeps those before it.

    case, referral: one of them; a referral that no case has taken up keeps the formulation until one does.
    number: None writes on in the latest version, or makes the first. seen_version: the version counter the editor saw.
    The first one begins an assessment. A version that belongs to a finished assessment is kept: what is saved then
    goes into the next one.
    Raises Denied, Stale (somebody saved first; `current` is theirs) or ValidationError naming the field.
    """
    of = subject(by=by, case=case, referral=referral)
    kept = [_tidy(line) for line in lines if line.text.strip()]
    made_on = made_on or timezone.localdate()
    people = set(Person.objects.filter(family_id=of.record.family_id).values_list("pk", flat=True))
    took_part = set(person_ids)
    learning = _check(kept, made_on, people, took_part)

    latest = Formulation.objects.filter(**of.rows).select_related("assessment").order_by("-number").first()
    number = number or (latest.number if latest else 1)
    if latest and is_kept(latest) and number == latest.number:
        number += 1
    fresh = latest is None or number == latest.number + 1
    if latest and number > latest.number + 1:
        raise Conflict("There is no such version to write. Load the page again.")
    if latest and not fresh and (number != latest.number or seen_version not in (None, latest.version)):
        raise Stale(latest)
    if latest and fresh and seen_version not in (None, latest.version):
        raise Stale(latest)

    values = {
        "made_on": made_on,
        "setting": setting,
        "professionals": professionals.strip(),
        "summary": summary.strip(),
        "strengths": sum(line.p == P.PROTECTIVE for line in kept),
        "about_learning": sum(line.domain_id in learning for line in kept),
        "assessment": _assessment(by, of, latest, made_on),
    }
    if fresh or latest is None:
        formulation = Formulation.objects.create(**keys(of.record), **of.rows, number=number, author=by, **values)
    else:
        formulation = latest
        for name, value in values.items():
            setattr(formulation, name, value)
        formulation.version += 1
        formulation.save(update_fields=[*values, "version"])
    _write_participants(formulation, took_part)
    earlier = {f.pk: f for f in Factor.objects.filter(formulation=latest)} if latest else {}
    if fresh:
        _write_new(formulation, kept, earlier)
    else:
        _write_again(formulation, kept, earlier)
    audit.event(
        by=by,
        kind="formulation.saved",
        text=f"Made formulation {number}" if fresh else f"Changed formulation {number}",
        about=formulation,
    )
    return formulation


def _tidy(line: Line) -> Line:
    return Line(line.p, " ".join(line.text.split()), line.domain_id, line.person_id, line.factor_id)


def is_kept(formulation: Formulation) -> bool:
    """Whether a version belongs to a finished assessment, and stays as it is."""
    assessment = formulation.assessment
    return assessment is not None and assessment.status != Assessment.Status.BEGUN


def _assessment(by: User, of: Subject, latest: Formulation | None, made_on: date) -> Assessment | None:
    """The assessment in progress, whose content this is; begun with the first formulation when nobody did before."""
    live = live_of(of)
    if live or latest is not None or Assessment.objects.filter(**of.rows).exists():
        return live
    try:
        return begin(by=by, of=of, starts_on=made_on)
    except ValidationError:
        # A family without a child on record has nobody to assess; the formulation is saved all the same.
        return None


def _check(lines: list[Line], made_on: date, people: set[UUID], took_part: set[UUID]) -> set[int]:
    """Raises ValidationError; gives the ids of the domains among the lines that are about learning."""
    errors: dict[str, str] = {}
    if not lines:
        errors["lines"] = "Write at least one factor: an empty formulation is not saved."
    for line in lines:
        if line.p not in P.values:
            errors["lines"] = "A factor stands under one of the six Ps."
        if len(line.text) > FACTOR_LENGTH:
            errors["lines"] = (
                f"“{line.text[:40]}…” under {P(line.p).label} has {len(line.text)} characters; "
                f"a factor has at most {FACTOR_LENGTH}. Split it, or move detail to the summary."
            )
    domains = {line.domain_id for line in lines if line.domain_id}
    codes = dict(Term.objects.of(Vocabulary.DOMAIN).filter(pk__in=domains).values_list("pk", "code")) if domains else {}
    if codes.keys() != domains:
        errors["lines"] = "Choose a domain from the list."
    if not ({line.person_id for line in lines if line.person_id} | took_part) <= people:
        errors["people"] = "Choose people of this family."
    if made_on > timezone.localdate():
        errors["made_on"] = "The day it was made must be today or in the past."
    if errors:
        raise ValidationError(errors)
    return {pk for pk, code in codes.items() if code == LEARNING}


def _write_participants(formulation: Formulation, person_ids: set[UUID]) -> None:
    there = set(formulation.participants.values_list("person_id", flat=True))
    if there - person_ids:
        formulation.participants.filter(person_id__in=there - person_ids).delete()
    Participant.objects.bulk_create(
        Participant(**keys(formulation), formulation=formulation, person_id=pk) for pk in person_ids - there
    )


def _factor(formulation: Formulation, line: Line, position: int, was: Factor | None = None) -> Factor:
    return Factor(
        **keys(formulation),
        **({"thread": was.thread} if was else {}),
        formulation=formulation,
        p=line.p,
        text=line.text,
        domain_id=line.domain_id,
        person_id=line.person_id,
        position=position,
    )


def _write_new(formulation: Formulation, lines: list[Line], earlier: dict[UUID, Factor]) -> None:
    """Factors of a new version. A live goal that addressed one of them follows it into the new version."""
    left = dict(earlier)
    made = []
    for position, line in enumerate(lines):
        was = left.pop(line.factor_id, None) if line.factor_id else None
        made.append((was, _factor(formulation, line, position, was)))
    Factor.objects.bulk_create(factor for _, factor in made)
    follows = {was.pk: factor for was, factor in made if was}
    links = GoalFactor.objects.filter(factor_id__in=list(follows), goal__status=GoalStatus.LIVE)
    for link in links:
        link.factor = follows[link.factor_id]
        link.save(update_fields=["factor"])


def _write_again(formulation: Formulation, lines: list[Line], earlier: dict[UUID, Factor]) -> None:
    gone = earlier.keys() - {line.factor_id for line in lines}
    linked = GoalFactor.objects.filter(factor_id__in=gone).select_related("goal", "factor").first()
    if linked:
        raise ValidationError(
            {
                "lines": f"“{linked.factor.text}” is addressed by the goal “{linked.goal.words}”. Change its words "
                "instead of taking it out, or start a new version."
            }
        )
    if gone:
        Factor.objects.filter(pk__in=gone).delete()
    new: list[Factor] = []
    taken: set[UUID] = set()
    for position, line in enumerate(lines):
        factor = earlier.get(line.factor_id) if line.factor_id and line.factor_id not in taken else None
        if factor is None:
            new.append(_factor(formulation, line, position))
            continue
        taken.add(factor.pk)
        now = (line.p, line.text, line.domain_id, line.person_id, position)
        if now != (factor.p, factor.text, factor.domain_id, factor.person_id, factor.position):
            factor.p, factor.text, factor.domain_id, factor.person_id, factor.position = now
            factor.save(update_fields=["p", "text", "domain", "person", "position"])
    Factor.objects.bulk_create(new)


@transaction.atomic
def link_factor(*, by: User, case: Case, goal: Goal, factor: Factor) -> GoalFactor:
    """Say that a live goal addresses a factor. Saying it twice changes nothing. Raises Denied, Conflict."""
    case = locked(case)
    check_formulate(by, case)
    goal = Goal.objects.select_for_update(of=("self",)).select_related("plan").get(pk=goal.pk)
    _check_one_case(case, goal, factor)
    if goal.status != GoalStatus.LIVE:
        raise Conflict("This goal has ended. Choose one that is live, or agree a new one.")
    link, made = GoalFactor.objects.get_or_create(goal=goal, factor=factor, defaults=keys(case))
    if made:
        audit.event(
            by=by,
            kind="formulation.linked",
            text=f"Goal “{goal.words}” addresses “{factor.text}”",
            about=goal,
        )
    return link


@transaction.atomic
def unlink_factor(*, by: User, case: Case, goal: Goal, factor: Factor) -> None:
    """Take back that a goal addresses a factor. Raises Denied."""
    case = locked(case)
    check_formulate(by, case)
    _check_one_case(case, goal, factor)
    if GoalFactor.objects.filter(goal=goal, factor=factor).delete()[0]:
        audit.event(
            by=by,
            kind="formulation.unlinked",
            text=f"Goal “{goal.words}” no longer addresses “{factor.text}”",
            about=goal,
        )


def _check_one_case(case: Case, goal: Goal, factor: Factor) -> None:
    if goal.plan.case_id != case.pk or factor.formulation.case_id != case.pk:
        raise Conflict("The goal and the factor belong to different cases. Nothing was changed.")
