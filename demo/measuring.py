"""What families answered: wellbeing at the start and later, worry and mood in counselling, an answer about safety."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from cases.models import Case, CaseService
from cluster_ehs.core.scope import acting_as_user
from clusters.models import User
from demo.clock import as_of, moment
from demo.ground import World
from demo.living import OpenCase
from families.models import Person
from outcomes.measures.services import Taken, agree_measure, correct_measure, record_licence, set_use, take_measure
from outcomes.models import Instrument
from referrals.models import Referral
from triage.services.harm import no_step_up

WELL = ("life_satisfaction", "worthwhile", "happiness")
DONE = (
    "Asked her: the thoughts come at night, she has no plan and says that the children keep her here. Rang Dee. "
    "Her sister stays until Friday, the GP sees her at two today, and she has the numbers of NHS 111 and of Samaritans."
)


def measure(world: World, cases: Sequence[OpenCase]) -> None:
    """Wellbeing of some families over time, counselling's two questionnaires, one licence."""
    settle(world)
    random = Random(4)  # noqa: S311 - a story, not a secret
    open_to_all = [each for each in cases if not each.case.family.restricted]
    old = [each for each in open_to_all if each.case.opened_on < world.today - timedelta(days=45)]
    for number, each in enumerate(old[:14]):
        _wellbeing(world, each, random, later=number % 4 != 3)
    _safety(world, old[1])
    in_counselling(world, random)


def settle(world: World) -> None:
    """The manager's part: ONS4 in every new case, the SDQ with its licence."""
    manager = world.staff["mo"]
    instruments = {each.code: each for each in Instrument.objects.all()}
    with acting_as_user(manager.pk), as_of(moment(world.today - timedelta(days=60), 10)):
        set_use(by=manager, instrument=instruments["ons4"], in_use=True, every_case=True, every_weeks=12)
        record_licence(
            by=manager,
            instrument=instruments["sdq"],
            holder="Leeds City Council (invented)",
            reference="INV-2026-014",
            starts_on=world.today - timedelta(days=60),
            ends_on=world.today + timedelta(days=305),
        )
        set_use(by=manager, instrument=instruments["sdq"], in_use=True)


def _adult(case: Case) -> Person | None:
    adults = Person.objects.filter(family_id=case.family_id, is_child=False, in_household=True, deceased=False)
    return adults.order_by("created_at", "pk").first()


def _take(
    by: User, case: Case, code: str, answers: Mapping[str, int | None], day: date, occasion: str, person: Person | None
) -> object:
    with as_of(moment(day, 15)):
        return take_measure(
            by=by,
            case=case,
            instrument=Instrument.objects.get(code=code),
            answers={key: None if value is None else Decimal(value) for key, value in answers.items()},
            taken=Taken(occasion=occasion, taken_on=day, person=person, answerer=person),
        )


def _wellbeing(world: World, each: OpenCase, random: Random, *, later: bool) -> None:
    """Low at the start, better later in most families; one question is sometimes not answered."""
    first = world.workday(each.case.opened_on + timedelta(days=7))
    with acting_as_user(each.worker.pk):
        adult = _adult(each.case)
        start: dict[str, int | None] = {key: random.randint(2, 5) for key in WELL}
        start["anxiety"] = random.randint(5, 8)
        _take(each.worker, each.case, "ons4", start, first, "start", adult)
        day = world.workday(first + timedelta(days=35))
        if later and day <= world.today:
            now: dict[str, int | None] = {key: min(10, (start[key] or 0) + random.randint(0, 4)) for key in WELL}
            now["anxiety"] = max(0, (start["anxiety"] or 0) - random.randint(-1, 4))
            if random.random() < 0.2:
                now["happiness"] = None
            _take(each.worker, each.case, "ons4", now, day, "review", adult)
            changed: dict[str, int | None] = {
                key: random.choice((5, 6, 7, 7, 8, 9)) for key in ("own", "children", "confidence", "home", "school")
            }
            _take(each.worker, each.case, "impact", changed, day, "review", adult)


def _mood(random: Random, level: int, questions: int) -> dict[str, int | None]:
    """Answers of 0 to 3 around a level."""
    found: dict[str, int | None] = {
        f"q{n}": max(0, min(3, level + random.choice((-1, 0, 0, 1)))) for n in range(1, questions + 1)
    }
    return found | {"difficulty": min(3, level)}


def _safety(world: World, each: OpenCase) -> None:
    """A mother's answer about her own safety, what was done, and the leader's answer to the flag."""
    day = world.workday(world.today - timedelta(days=12))
    dee = world.staff["dee"]
    with acting_as_user(each.worker.pk):
        adult = _adult(each.case)
        answers = {**{f"q{n}": Decimal(2) for n in range(1, 9)}, "q9": Decimal(1), "difficulty": Decimal(2)}
        instrument = Instrument.objects.get(code="phq-9")
        with as_of(moment(day, 11)):
            taken = Taken(occasion="start", taken_on=day, person=adult, answerer=adult, done=DONE, told=dee.name)
            made = take_measure(by=each.worker, case=each.case, instrument=instrument, answers=answers, taken=taken)
            agree_measure(by=each.worker, case=each.case, instrument=instrument, person=adult, every_weeks=1)
        with as_of(moment(day, 14)):
            correct_measure(
                by=each.worker,
                measure=made,
                answers={**answers, "q3": Decimal(3)},
                taken=taken,
                reason="Read wrongly from the paper: sleep is nearly every day",
            )
    with acting_as_user(dee.pk), as_of(moment(day, 16)):
        flagged = Referral.objects.filter(case_link__case=each.case).order_by("-received_on", "-pk").first()
        if flagged is not None:
            reason = "Rang the worker and the mother. Her sister is there, the GP has seen her; the children are safe."
            no_step_up(by=dee, referral=flagged, reason=reason)


def in_counselling(world: World, random: Random) -> None:
    """PHQ-9 and GAD-7 in adult counselling, read by the counsellor and the clinical supervisor alone."""
    for worker in world.staff.values():
        with acting_as_user(worker.pk):
            rows = CaseService.objects.filter(
                worker=worker,
                service__kind="adult_counselling",
                status=CaseService.Status.ACTIVE,
                starts_on__lt=world.today - timedelta(days=20),
            ).select_related("case")
            for row in rows[:3]:
                adult = row.person if row.person and not row.person.is_child else _adult(row.case)
                for number, level in enumerate((2, 1, 1)):
                    day = world.workday(row.starts_on + timedelta(days=3 + 28 * number))
                    if day > world.today:
                        break
                    occasion = "review" if number else "start"
                    _take(worker, row.case, "gad-7", _mood(random, level, 7), day, occasion, adult)
                    calm = _mood(random, level, 9) | {"q9": 0}
                    _take(worker, row.case, "phq-9", calm, day, occasion, adult)
