"""A few families with everybody who belongs to them: three generations, those who parted, and a child in care."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from demo.ground import World
from demo.living import OpenCase
from families.index import index_people
from families.models import (
    Gender,
    Involvement,
    Person,
    Relationship,
    SharingDecision,
    SocialCareInvolvement,
    Support,
)

K = Relationship.Kind
RICH = 4


def gather_kin(world: World, cases: list[OpenCase]) -> None:
    """Draw out the first families whose mother cares for the children."""
    mother = world.term("relationship", "mother")
    chosen = [c for c in cases if c.arrival.home.carer.relationship == mother and not c.case.family.restricted]
    for number, open_case in enumerate(chosen[:RICH]):
        Kin(world, open_case, Random(number)).draw()  # noqa: S311 - invented people


class Kin:
    def __init__(self, world: World, open_case: OpenCase, random: Random) -> None:
        self.world, self.random, self.worker = world, random, open_case.worker
        self.home, self.case = open_case.arrival.home, open_case.case
        self.people: list[Person] = []
        self.ties: list[Relationship] = []

    def draw(self) -> None:
        home, today = self.home, self.world.today
        mother, father = home.carer, home.father or self._man(self.home.family.name, 41, "father")
        born = min(child.birth_date or today for child in home.children)
        gran = self._woman(mother.last_name, 66, "grandmother", support=Support.STRONG)
        grandad = self._man(home.family.name, 69, "grandfather", deceased=True, died_on=today - timedelta(days=2100))
        nana = self._woman(father.last_name, 64, "grandmother", support=Support.SOME)
        pop = self._man(father.last_name, 67, "grandfather", support=Support.BROKEN_OFF)
        aunt = self._woman(mother.last_name, 33, "aunt", support=Support.STRONG, involvement=Involvement.INVOLVED)
        step = self._man(self.random.choice(home.community.last)[1], 36, "mother_s_partner", in_household=True)
        baby = self._child(step.last_name, 2, in_household=True)
        other = self._woman(self.random.choice(home.community.last)[0], 32, "father_s_partner")
        half = self._child(father.last_name, 1)
        older = self._child(father.last_name, (today - born).days // 365 + 2)
        carer = self._woman("Example", 54, "foster_carer", support=Support.SOME)
        friend = self._woman(self.random.choice(home.community.last)[0], 37, "family_friend", support=Support.STRONG)
        neighbour = self._man("Neighbour", 58, "neighbour", support=Support.SOME)
        if not home.father:
            Person.objects.bulk_create([father])
        elif father.in_household:
            father.in_household = False
            father.save(update_fields=["in_household"])
        Relationship.objects.filter(family_id=home.family.pk, kind__in=(K.PARTNER, K.FORMER_PARTNER)).delete()
        for one, two, kids in ((gran, grandad, (mother, aunt)), (nana, pop, (father,)), (other, father, (half,))):
            for parent in (one, two):
                for child in kids:
                    self._tie(parent, K.PARENT, child)
        for child in (*([] if home.father else home.children), older):
            self._tie(father, K.PARENT, child)
        self._tie(mother, K.PARENT, older)
        for parent in (mother, step):
            self._tie(parent, K.PARENT, baby)
        for child in home.children:
            self._tie(step, K.STEP_PARENT, child)
        self._tie(gran, K.MARRIED, grandad)
        self._tie(nana, K.SEPARATED, pop)
        self._tie(mother, K.DIVORCED, father, today - timedelta(days=1500))
        self._tie(mother, K.PARTNER, step, today - timedelta(days=1200))
        self._tie(father, K.PARTNER, other)
        self._tie(carer, K.FOSTER_CARER, older, today - timedelta(days=800))
        self._tie(friend, K.FRIEND, mother)
        self._tie(neighbour, K.NEIGHBOUR, mother)
        Person.objects.bulk_create(self.people)
        index_people([*self.people, *([] if home.father else [father])])
        Relationship.objects.bulk_create(self.ties)
        self._history(older)

    def _history(self, older: Person) -> None:
        """Social care before and now, and a decision not to share."""
        today, home = self.world.today, self.home
        spans: list[tuple[Person, str, int, int | None]] = [
            (older, "child_protection", 1300, 900),
            (older, "looked_after", 800, None),
            *((child, "child_in_need", 900, 500) for child in home.children),
        ]
        days = {child.pk: (today - (child.birth_date or today)).days for child, *_ in spans}
        SocialCareInvolvement.objects.bulk_create(
            SocialCareInvolvement(
                **home.keys,
                person=child,
                kind=kind,
                starts_on=today - timedelta(days=min(since, days[child.pk])),
                ends_on=today - timedelta(days=until) if until else None,
                source="social_care",
            )
            for child, kind, since, until in spans
            if until is None or days[child.pk] > until
        )
        SharingDecision.objects.create(
            **home.keys,
            person=older,
            decision=SharingDecision.Decision.NOT_SHARED,
            with_whom="The father’s new partner",
            what=f"Where {older.first_name} lives now",
            reason="The placement is confidential; she asked in passing and has no part in the plan.",
            basis=SharingDecision.Basis.NO_BASIS,
            told=SharingDecision.Told.BEFORE,
            decided_on=self.case.opened_on,
            decided_by=self.worker,
        )

    def _woman(self, last: str, age: int, role: str, **details: Any) -> Person:
        return self._person(self._first(self.home.community.women), last, age, Gender.FEMALE, role, **details)

    def _man(self, last: str, age: int, role: str, **details: Any) -> Person:
        return self._person(self._first(self.home.community.men), last, age, Gender.MALE, role, **details)

    def _child(self, last: str, age: int, **details: Any) -> Person:
        girl = self.random.random() < 0.5
        names = self.home.community.girls if girl else self.home.community.boys
        first = self._first(names)
        gender = Gender.FEMALE if girl else Gender.MALE
        return self._person(first, last, age, gender, "", is_child=True, **details)

    def _first(self, names: tuple[str, ...]) -> str:
        """One that nobody of the family has, while there are any."""
        home = self.home
        there = (*home.children, *self.people, home.carer, home.father)
        taken = {person.first_name for person in there if person}
        return self.random.choice([name for name in names if name not in taken] or list(names))

    def _person(self, first: str, last: str, age: int, gender: str, role: str, **details: Any) -> Person:
        person = Person(
            **self.home.keys,
            first_name=first,
            last_name=last,
            birth_date=self.world.today - timedelta(days=age * 365 + self.random.randint(20, 300)),
            gender=gender,
            relationship=self.world.term("relationship", role) if role else None,
            **{"is_child": False, "in_household": False, **details},
        )
        if role != "father":
            self.people.append(person)
        return person

    def _tie(self, one: Person, kind: str, other: Person, since: date | None = None) -> None:
        self.ties.append(Relationship(**self.home.keys, person=one, other=other, kind=kind, starts_on=since))
