"""Families: who lives there, who does not, what must be known before a visit."""

from collections import deque
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from stdnum.gb import upn

from clusters.models import School
from demo.ground import World
from demo.names import STREETS, Community, community
from demo.rows import Rows
from demo.stories import Story
from demo.stories.bank import SLIPS
from families.models import (
    Agreement,
    Circumstances,
    Employment,
    Family,
    Flag,
    Gender,
    Involvement,
    Person,
    Relationship,
    SendNeed,
)

LA_THAT_DOES_NOT_EXIST = "001"


@dataclass
class Household:
    """A family of the demonstration with the people the story speaks of."""

    family: Family
    child: Person
    carer: Person
    story: Story
    community: Community
    siblings: list[Person] = field(default_factory=list)
    father: Person | None = None

    @property
    def keys(self) -> dict[str, Any]:
        return {"cluster_id": self.family.cluster_id, "family_id": self.family.pk}

    @property
    def children(self) -> list[Person]:
        return [self.child, *self.siblings]

    def tell(self, text: str) -> str:
        """The text of a story with this family's names in it."""
        girl = self.child.gender == Gender.FEMALE
        he, him, his = ("she", "her", "her") if girl else ("he", "him", "his")
        words = {
            "child": self.child.first_name,
            "carer": self.carer.first_name,
            "he": he,
            "him": him,
            "his": his,
            "himself": "herself" if girl else "himself",
            "He": he.title(),
            "His": his.title(),
            "school": str(self.child.school) if self.child.school else "school",
        }
        return text.format_map(words)


def year_group(born: date, on: date) -> str:
    """R or 1 to 13: the school year that somebody born on a day is in."""
    september = on.year if on.month >= 9 else on.year - 1
    turned = september - born.year - ((born.month, born.day) >= (9, 1))
    return "R" if turned < 5 else str(min(turned - 4, 13))


def a_upn(number: int) -> str:
    digits = f"{LA_THAT_DOES_NOT_EXIST}2000{number:05d}"[:12].ljust(12, "0")
    return upn.calc_check_digit(digits) + digits


def nhs_number(number: int) -> str:
    """From the range 999, which is for tests."""
    while True:
        digits = f"999{number:06d}"
        check = (11 - sum(int(d) * (10 - place) for place, d in enumerate(digits)) % 11) % 11
        if check < 10:
            return f"{digits}{check}"
        number += 500_000


def live_somewhere(home: Household, on: date, number: int) -> Circumstances:
    """How an invented family lives; with dice of its own, so that all else stays as it was."""
    random = Random(number)  # noqa: S311 - invented people
    for adult in filter(None, (home.carer, home.father)):
        adult.employment = random.choice(
            [Employment.PART_TIME, Employment.FULL_TIME, Employment.IRREGULAR, Employment.LOOKING, Employment.CARING]
        )
    housing = random.choice(["social", "social", "private", "private", "owned", "temporary", "unknown"])
    return Circumstances(
        **home.keys,
        starts_on=on - timedelta(days=random.randint(30, 900)),
        people_in_home=len(home.children) + 1 + bool(home.father and home.father.in_household),
        housing=housing,
        overcrowded=random.choice([True, False, False, None]),
        income=random.choice(["benefits", "benefits", "work_benefits", "work_benefits", "work", "unknown"]),
    )


class Households:
    """Makes one family after another; the same seed makes the same ones."""

    def __init__(self, world: World, rows: Rows, *, first_number: int = 1) -> None:
        self.world, self.rows, self.number = world, rows, first_number
        self.last_names: deque[str] = deque(maxlen=40)
        self.first_names: set[str] = set()

    def make(
        self, story: Story, *, on: date, born: date | None = None, last: tuple[str, str] | None = None
    ) -> Household:
        """A family as it was on a day, with the child of the story at an age that fits it."""
        random = self.world.random
        people = community(random)
        woman, man = last or random.choice(people.last)
        # Names that come again all the time would make a list of families hard to read.
        while man in self.last_names and random.random() < 0.9:
            people = community(random)
            woman, man = random.choice(people.last)
        self.last_names.append(man)
        self.first_names = set()
        number, self.number = self.number, self.number + 1
        family = self.rows.add(
            Family(
                cluster=self.world.cluster,
                name=man,
                address=f"{random.randint(1, 140)} {random.choice(STREETS)}",
                postcode=f"LS{random.randint(7, 14)} {random.randint(1, 9)}{''.join(random.choices('ABDEFGHJ', k=2))}",
                telephone=f"0113 496 0{random.randint(200, 999)}",
            )
        )
        family.seen_on = on  # the year of its reference
        age = random.randint(story.youngest, story.oldest)
        born = born or on - timedelta(days=round(age * 365.25) + random.randint(5, 355))
        needs_interpreter = random.random() < people.interpreter
        carer = self._adult(family, random.choice(people.women), woman, "mother", people, needs_interpreter)
        if random.random() < 0.06:
            carer.relationship = self.world.term("relationship", "grandmother")
            carer.birth_date = on - timedelta(days=random.randint(57, 70) * 365)
        child = self._child(family, born, woman, man, people, on, number * 4)
        home = Household(family, child, carer, story, people)
        for n in range(random.choice((0, 0, 1, 1, 1, 2))):
            sibling_born = born + timedelta(days=random.choice((-1, 1)) * random.randint(500, 1700))
            if on - timedelta(days=17 * 365) < sibling_born < on - timedelta(days=200):
                home.siblings.append(self._child(family, sibling_born, woman, man, people, on, number * 4 + n + 1))
        if random.random() < 0.6:
            home.father = self._father(family, man, people)
        self._relationships(home)
        self.rows.add(live_somewhere(home, on, number))
        if random.random() < 0.08:
            self._flag(home, Flag.Kind.VISITING_RISK, random.choice(SLIPS))
        if story.key in ("query",) and random.random() < 0.7:
            self._need(child, "ASD" if random.random() < 0.6 else "ADHD", "queried")
        elif random.random() < 0.15:
            self._need(child, random.choice(("SLCN", "MLD", "SPLD", "SEMH", "PHYS")), "diagnosed")
        return home

    def _adult(
        self, family: Family, first: str, last: str, relationship: str, people: Community, interpreter: bool
    ) -> Person:
        world = self.world
        return self.rows.add(
            Person(
                cluster=world.cluster,
                family=family,
                first_name=first,
                last_name=last,
                birth_date=world.today
                - timedelta(days=world.random.randint(27, 46) * 365 + world.random.randint(0, 364)),
                is_child=False,
                relationship=world.term("relationship", relationship),
                gender=Gender.FEMALE if relationship == "mother" else Gender.MALE,
                ethnicity=world.term("ethnicity", people.ethnicity),
                first_language=world.term("language", people.language),
                interpreter_needed=interpreter,
                parental_responsibility=True,
                involvement=Involvement.INVOLVED,
                telephone=f"07700 900{world.random.randint(100, 999)}",
            )
        )

    def _father(self, family: Family, last: str, people: Community) -> Person:
        """At home or elsewhere; in the pilot many fathers were left out, and the page must show it [E]."""
        random: Random = self.world.random
        father = self._adult(family, random.choice(people.men), last, "father", people, False)
        father.in_household = random.random() < 0.45
        father.involvement = random.choice((Involvement.INVOLVED, Involvement.NOT_YET, Involvement.NOT_YET))
        father.parental_responsibility = random.choice((True, True, None))
        if not father.in_household:
            father.other_address = f"{random.randint(1, 90)} {random.choice(STREETS)}, LS9"
        return father

    def _child(
        self, family: Family, born: date, woman: str, man: str, people: Community, on: date, number: int
    ) -> Person:
        world, random = self.world, self.world.random
        girl = random.random() < 0.48
        year = year_group(born, on)
        known = random.random()
        school: School | None = (
            world.high_school if year.isdigit() and int(year) >= 7 else random.choice(world.schools[:-1])
        )
        if born > on - timedelta(days=4 * 365):
            school = None
        return self.rows.add(
            Person(
                cluster=world.cluster,
                family=family,
                first_name=self._first_name(people.girls if girl else people.boys),
                last_name=woman if girl else man,
                birth_date=born,
                gender=Gender.FEMALE if girl else Gender.MALE,
                ethnicity=world.term("ethnicity", people.ethnicity if known < 0.93 else "NOBT"),
                first_language=world.term("language", people.language),
                school=school,
                year_group=year if school else "",
                upn=a_upn(number) if school and known < 0.85 else "",
                nhs_number=nhs_number(number) if known < 0.5 else "",
            )
        )

    def _first_name(self, names: tuple[str, ...]) -> str:
        """One that no brother or sister has."""
        name = self.world.random.choice([name for name in names if name not in self.first_names] or names)
        self.first_names.add(name)
        return name

    def _relationships(self, home: Household) -> None:
        for child in home.children:
            for parent in filter(None, (home.carer, home.father)):
                if parent.relationship and parent.relationship.code in ("mother", "father"):
                    self._relate(home, parent, Relationship.Kind.PARENT, child)
                else:
                    self._relate(home, parent, Relationship.Kind.GRANDPARENT, child)
        if home.father:
            kind = Relationship.Kind.PARTNER if home.father.in_household else Relationship.Kind.FORMER_PARTNER
            self._relate(home, home.carer, kind, home.father)

    def _relate(self, home: Household, person: Person, kind: str, other: Person) -> None:
        self.rows.add(Relationship(**home.keys, person=person, other=other, kind=kind))

    def _flag(self, home: Household, kind: str, text: str, not_to: Person | None = None) -> None:
        self.rows.add(Flag(**home.keys, kind=kind, text=text, not_to_be_told=not_to))

    def _need(self, child: Person, code: str, status: str) -> None:
        self.rows.add(
            SendNeed(
                cluster_id=child.cluster_id,
                family_id=child.family_id,
                person=child,
                status=status,
                type=self.world.term("sen_type", code),
            )
        )

    # --- what some families are chosen to show ---

    def is_new(self, home: Household) -> bool:
        """Whether the family is not written yet, so that more people can be added to it."""
        return any(family is home.family for family in self.rows.made[Family])

    def sibling(self, home: Household, born: date, on: date) -> Person:
        self.number += 1
        self.first_names = {child.first_name for child in home.children}
        last = home.child.last_name
        return self._child(home.family, born, last, last, home.community, on, self.number * 4)

    def warn(self, home: Household, text: str) -> None:
        self._flag(home, Flag.Kind.VISITING_RISK, text)

    def add_grandmother(self, home: Household) -> Person:
        """Somebody outside the home who helps."""
        random = self.world.random
        person = self._adult(
            home.family, random.choice(home.community.women), home.carer.last_name, "grandmother", home.community, False
        )
        person.gender, person.in_household = Gender.FEMALE, False
        person.birth_date = self.world.today - timedelta(days=random.randint(55, 72) * 365)
        person.parental_responsibility, person.involvement = False, Involvement.INVOLVED
        self._relate(home, person, Relationship.Kind.GRANDPARENT, home.child)
        return person

    def keep_address_from_father(self, home: Household) -> None:
        """A former partner who must not be told where they live."""
        father = home.father or self._father(home.family, home.family.name, home.community)
        father.in_household, father.involvement = False, Involvement.NOT_TO_BE
        home.father = father
        self._flag(
            home, Flag.Kind.ADDRESS_NOT_SHARED, f"Not to be told to {father.first_name} {father.last_name}.", father
        )

    def agree(self, home: Household, on: date) -> None:
        """The family agrees to work together."""
        self.rows.add(
            Agreement(
                **home.keys,
                given_by=str(home.carer),
                given_on=on,
                how=self.world.random.choice(
                    ("signed at the first visit", "by telephone, confirmed by letter", "signed at school")
                ),
                covers="Working together; speaking with school, the GP and the services named in the plan.",
            )
        )
