"""Readings with families: of the open cases by the service, of the closed ones in bulk; a sample rated twice."""

import random
from datetime import date, datetime, timedelta
from typing import Any

from cases.models import Case, LeadWorker
from cluster_ehs.core.scope import NamedActor, acting_as, acting_as_user
from clusters.models import User
from demo.clock import as_of, moment
from demo.ground import World
from demo.living import OpenCase
from families.models import Person
from outcomes.models import FamilyReading, ReadingPerson, ReadingPoints, ReadingWords, SecondReading
from outcomes.readings.scale import Domain
from outcomes.readings.services import draw_sample, rate_again, record_reading

Moment = FamilyReading.Moment
# Where families tend to begin, and how far they tend to get.
BEGINS = {
    Domain.HOME: 5, Domain.SAFETY: 6, Domain.BOUNDARIES: 3, Domain.ROUTINES: 3, Domain.HEALTH: 6, Domain.ADULTS: 4,
    Domain.PEOPLE: 4, Domain.FEELINGS: 4, Domain.LEARNING: 4, Domain.WORK: 5,
}  # fmt: skip
GAINS = {Domain.BOUNDARIES: 3, Domain.ADULTS: 3, Domain.ROUTINES: 3, Domain.FEELINGS: 2, Domain.PEOPLE: 2}
WHY = {
    Domain.BOUNDARIES: "Every no turns into a row, most of all at bedtime.",
    Domain.ROUTINES: "Mornings are the hardest; two of five days were late last week.",
    Domain.ADULTS: "Sleeps badly and has stopped seeing friends.",
    Domain.FEELINGS: "Cries before school and will not say why.",
}
LATER = {
    Domain.BOUNDARIES: "The three house rules are on the fridge and mostly hold.",
    Domain.ROUTINES: "The picture list works; late once in three weeks.",
}


def read(world: World, cases: list[OpenCase]) -> None:
    """Most open cases have their start, some a review; a few are still without, so that My work asks."""
    for number, open_case in enumerate(cases):
        opened = open_case.case.opened_on
        day = opened + timedelta(days=15)
        if number % 9 == 7 or day >= world.today:
            continue
        dice = random.Random(number)  # noqa: S311 - invented records, the same each time
        start = starting(dice)
        _record(world, open_case, Moment.START, day, start, WHY)
        again = opened + timedelta(weeks=11)
        if again < world.today:
            _record(world, open_case, Moment.REVIEW, again, moved(start, dice, 0.6), LATER)
    _second(world)


def starting(dice: random.Random) -> dict[str, int | None]:
    shift = dice.choice((-2, -1, 0, 0, 1, 3))
    points: dict[str, int | None] = {
        domain.value: min(max(middle + shift + dice.randint(-1, 1), 1), 10) for domain, middle in BEGINS.items()
    }
    if dice.random() < 0.4:
        points[dice.choice((Domain.WORK, Domain.HEALTH, Domain.HOME)).value] = None
    return points


def moved(start: dict[str, int | None], dice: random.Random, share: float) -> dict[str, int | None]:
    """Later: most families gained something, one in eight lost ground."""
    falls = dice.random() < 0.12
    found: dict[str, int | None] = {}
    for domain in Domain:
        before, gain = start[domain.value], round(GAINS.get(domain, 1) * share * dice.uniform(0, 1.6))
        found[domain.value] = None if before is None else min(max(before + (-1 if falls else gain), 1), 10)
    return found


def _record(
    world: World, open_case: OpenCase, which: str, day: date, points: dict[str, int | None], words: dict[Domain, str]
) -> None:
    home = open_case.arrival.home
    with acting_as_user(open_case.worker.pk), as_of(moment(day, 15)):
        record_reading(
            by=open_case.worker,
            case=open_case.case,
            moment=which,
            taken_on=day,
            points=points,
            person_ids=[home.carer.pk, home.child.pk],
            words={domain.value: text for domain, text in words.items() if points[domain.value] is not None},
        )


def _second(world: World) -> None:
    """A sample of starts that a colleague has rated again, and one that still waits."""
    dee, ben = world.staff["dee"], world.staff["ben"]
    dice = random.Random(41)  # noqa: S311
    first, last = world.today - timedelta(days=200), world.today
    then = last - timedelta(days=40)
    with acting_as_user(dee.pk), as_of(moment(then, 10)):
        done = draw_sample(
            by=dee, cluster=world.cluster, reader=ben, moments=[Moment.START], starts_on=first, ends_on=then,
            wanted=8, seed=2031,
        )  # fmt: skip
    with acting_as_user(ben.pk), as_of(moment(then + timedelta(days=6), 14)):
        for second in SecondReading.objects.filter(sample=done):
            given = dict(ReadingPoints.objects.filter(reading=second.reading_id).values_list("domain", "points"))
            rate_again(by=ben, second=second, points={d: _near(given[d], dice) for d in Domain.values})
    with acting_as_user(dee.pk):
        draw_sample(
            by=dee, cluster=world.cluster, reader=world.staff["asha"], moments=[Moment.REVIEW], starts_on=first,
            ends_on=last, wanted=3, seed=77,
        )  # fmt: skip


def _near(points: int | None, dice: random.Random) -> int | None:
    if points is None or dice.random() < 0.08:
        return None
    return min(max(points + dice.choice((-2, -1, 0, 0, 0, 1, 1)), 1), 10)


def read_closed(world: World) -> None:
    """The closed cases of the living Cluster: four of five read twice, some without an end, some without any."""
    with acting_as(NamedActor.IMPORTER, clusters=[world.cluster.pk]):
        cases = list(Case.objects.filter(cluster=world.cluster, status="closed", imported=False).order_by("reference"))
        workers = {
            row.case_id: row.worker for row in LeadWorker.objects.filter(case__in=cases).select_related("worker")
        }
        adults: dict[Any, Person] = {}
        for person in Person.objects.filter(family__in=[c.family_id for c in cases], is_child=False).order_by("pk"):
            adults.setdefault(person.family_id, person)
        readings: list[FamilyReading] = []
        points: list[ReadingPoints] = []
        people: list[ReadingPerson] = []
        for number, case in enumerate(cases):
            if number % 11 == 3 or case.closed_on is None or case.pk not in workers:
                continue
            dice = random.Random(number)  # noqa: S311
            start = starting(dice)
            days = [(Moment.START, case.opened_on + timedelta(days=12), start)]
            if number % 7 != 5:
                days.append((Moment.END, case.closed_on - timedelta(days=4), moved(start, dice, 1)))
            for which, day, given in days:
                day = min(max(day, case.opened_on), case.closed_on)
                reading = _row(case, workers[case.pk], which, day)
                readings.append(reading)
                points += [
                    ReadingPoints(**_keys(case), reading=reading, domain=domain, points=given[domain])
                    for domain in Domain.values
                ]
                if case.family_id in adults:
                    people.append(ReadingPerson(**_keys(case), reading=reading, person=adults[case.family_id]))
        FamilyReading.objects.bulk_create(readings)
        ReadingPoints.objects.bulk_create(points, batch_size=2000)
        ReadingPerson.objects.bulk_create(people)
        ReadingWords.objects.bulk_create(
            ReadingWords(cluster_id=r.cluster_id, family_id=r.family_id, reading=r, domain="", text="Read together.")
            for r in readings[::5]
        )


def _keys(case: Case) -> dict[str, Any]:
    return {"cluster_id": case.cluster_id, "family_id": case.family_id}


def _row(case: Case, worker: User, which: str, day: date) -> FamilyReading:
    made: datetime = moment(day, 16)
    return FamilyReading(**_keys(case), case=case, moment=which, taken_on=day, author=worker, created_at=made)
