"""Needs of families at start and end, social care around their cases, steps up averted; invented unit costs."""

import random
from datetime import date, timedelta
from typing import Any

from cases.models import Case, LeadWorker
from cluster_ehs.core.scope import NamedActor, acting_as, acting_as_user
from clusters.models import Term, Vocabulary
from demo.clock import as_of, moment
from demo.ground import World
from demo.living import OpenCase
from families.models import Person, SocialCareInvolvement
from outcomes.models import AvertedReason, AvertedStep, NeedFound, NeedsRound
from outcomes.needs.services import Found, record_averted, record_needs, set_cost

# How often a need is there at the start, and is gone at the end, in a hundred.
OFTEN = {
    "5.1": (78, 55), "3.2": (64, 45), "3.1": (50, 40), "10.2": (45, 50), "8.3": (34, 35), "1.1": (30, 50),
    "5.3": (28, 45), "3.3": (32, 10), "1.5": (22, 40), "9.2": (18, 40), "5.2": (20, 50), "10.1": (25, 15),
    "2.3": (12, 40), "4.1": (9, 30), "8.1": (16, 40), "7.2": (6, 40), "neglect": (9, 60), "engagement": (12, 50),
}  # fmt: skip
EVIDENCE = {
    "5.1": "Both parents say that the evenings end in shouting.",
    "3.2": "She told the GP, who wrote to us.",
    "1.1": "School register, last two terms: 84 %.",
    "engagement": "Four visits missed; answers messages late, and wants it to work.",
}
COSTS = (("child_in_need", "week", 4_000), ("protection", "week", 9_000), ("looked_after", "week", 60_000))
INVENTED = "Invented for the demonstration: no figure of anybody"


def need(world: World, cases: list[OpenCase]) -> None:
    """Unit costs; the needs of most open cases at their start, and what two of them have averted."""
    manager = world.staff["mo"]
    with acting_as_user(manager.pk):
        for level, per, pence in COSTS:
            set_cost(
                by=manager, level=level, per=per, pence=pence, starts_on=date(world.today.year - 2, 4, 1),
                source=INVENTED,
            )  # fmt: skip
    terms = {term.code: term for term in Term.objects.of(Vocabulary.NEED)}
    for number, open_case in enumerate(cases):
        day = open_case.case.opened_on + timedelta(days=16)
        if number % 8 == 5 or day >= world.today:
            continue
        dice = random.Random(700 + number)  # noqa: S311 - invented records, the same each time
        home = open_case.arrival.home
        found = [
            Found(terms[code].pk, [home.carer.pk if code[0] in "358" else home.child.pk], EVIDENCE.get(code, ""))
            for code in _codes(dice)
        ]
        with acting_as_user(open_case.worker.pk), as_of(moment(day, 16)):
            record_needs(by=open_case.worker, case=open_case.case, moment="start", done_on=day, found=found)
    for open_case in [one for one in cases if one.case.opened_on < world.weeks_ago(12)][:2]:
        _averted(world, open_case)


def _codes(dice: random.Random) -> list[str]:
    return [code for code, (often, _gone) in OFTEN.items() if dice.randrange(100) < often]


def _averted(world: World, open_case: OpenCase) -> None:
    day = world.today - timedelta(days=20)
    with acting_as_user(open_case.worker.pk), as_of(moment(day, 12)):
        record_averted(
            by=open_case.worker,
            case=open_case.case,
            level="protection",
            averted_on=day,
            judged_by="taf",
            children=len(open_case.arrival.home.children),
            weeks=26,
            why="Without the plan for safe evenings, and the grandmother who stays over at weekends, a conference was "
            "to be called. Social work, school and the family agreed at the meeting that it is not needed.",
        )


def need_closed(world: World) -> None:
    """The closed cases: needs at start and end of most, social care of some before, fewer during and after."""
    terms = {term.code: term.pk for term in Term.objects.of(Vocabulary.NEED)}
    with acting_as(NamedActor.IMPORTER, clusters=[world.cluster.pk]):
        cases = list(Case.objects.filter(cluster=world.cluster, status="closed", imported=False).order_by("reference"))
        leads = LeadWorker.objects.filter(case__in=cases)
        workers = dict(leads.values_list("case_id", "worker_id"))
        children: dict[Any, Person] = {}
        of_families = Person.objects.filter(family__in=[case.family_id for case in cases], is_child=True)
        for person in of_families.order_by("birth_date"):
            children.setdefault(person.family_id, person)
        rounds: list[NeedsRound] = []
        found: list[NeedFound] = []
        spells: dict[Any, SocialCareInvolvement] = {}
        averted: list[AvertedStep] = []
        for number, case in enumerate(cases):
            if case.closed_on is None or case.pk not in workers:
                continue
            dice = random.Random(900 + number)  # noqa: S311
            codes = _codes(dice)
            for which, day, there in (
                ("start", case.opened_on + timedelta(days=10), codes),
                ("end", case.closed_on, [code for code in codes if dice.randrange(100) >= OFTEN[code][1]]),
            ):
                if number % 9 == 4 and which == "end":
                    continue
                day = min(day, case.closed_on)
                row = NeedsRound(**_keys(case), case=case, moment=which, done_on=day, author_id=workers[case.pk])
                rounds.append(row)
                found += [NeedFound(**_keys(case), round=row, need_id=terms[code]) for code in there]
            if case.family_id in children and case.family_id not in spells and dice.random() < 0.5:
                spells[case.family_id] = _spell(world, case, children[case.family_id], dice)
            if number % 17 == 2:
                averted.append(
                    AvertedStep(
                        **_keys(case), case=case, level=dice.choice(["child_in_need", "protection", "looked_after"]),
                        children=dice.randint(1, 3), weeks=dice.choice([13, 26, None]), averted_on=case.closed_on,
                        judged_by="taf", author_id=workers[case.pk],
                    )
                )  # fmt: skip
        NeedsRound.objects.bulk_create(rounds)
        NeedFound.objects.bulk_create(found, batch_size=2000)
        known = set(SocialCareInvolvement.objects.values_list("family_id", flat=True))
        SocialCareInvolvement.objects.bulk_create(row for family, row in spells.items() if family not in known)
        AvertedStep.objects.bulk_create(averted)
        AvertedReason.objects.bulk_create(
            AvertedReason(
                cluster_id=row.cluster_id, family_id=row.family_id, averted=row,
                text="Agreed at the last meeting: what was to be stepped up is met by the plan and the wider family.",
            )
            for row in averted
        )  # fmt: skip


def _spell(world: World, case: Case, child: Person, dice: random.Random) -> SocialCareInvolvement:
    """From before the opening; two in five go on into the case, one in five beyond it."""
    closed = case.closed_on or world.today
    born = child.birth_date or case.opened_on
    starts = max(case.opened_on - timedelta(days=dice.randint(60, 500)), born)
    share = dice.random()
    ends: date | None = case.opened_on - timedelta(days=dice.randint(5, 50))
    if share < 0.4:
        ends = case.opened_on + timedelta(days=30)
    if share < 0.2:
        ends = closed + timedelta(days=60)
        ends = ends if ends <= world.today else None
    if ends is not None and ends <= starts:
        ends = starts + timedelta(days=1)
    return SocialCareInvolvement(
        **_keys(case),
        person=child,
        kind=dice.choice(["assessment", "child_in_need", "child_in_need", "child_protection"]),
        starts_on=starts,
        ends_on=ends,
        source="social_care",
    )


def _keys(case: Case) -> dict[str, Any]:
    return {"cluster_id": case.cluster_id, "family_id": case.family_id}
