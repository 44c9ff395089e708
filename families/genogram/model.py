"""What the pictures say: figures, couples and descents, worked out from people and their relationships."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from families.models import Gender, Person, Relationship, SocialCareInvolvement, Support

K = Relationship.Kind


class Shape(StrEnum):
    """Square for a man or boy, circle for a woman or girl, diamond where neither is recorded."""

    SQUARE = "square"
    CIRCLE = "circle"
    DIAMOND = "diamond"
    BOX = "box"  # a school, a service


class Ring(StrEnum):
    HOME = "home"
    FAMILY = "family"
    FRIENDS = "friends"
    PROFESSIONALS = "professionals"


class Bond(StrEnum):
    MARRIED = "married"
    PARTNER = "partner"
    SEPARATED = "separated"
    DIVORCED = "divorced"
    FORMER = "former"
    PARENTS = "parents"  # of the same child; what they are to each other is not recorded


class Line(StrEnum):
    BIRTH = "birth"
    ADOPTED = "adopted"
    FOSTERED = "fostered"
    CARED = "cared"
    STEP = "step"
    GRAND = "grand"


OVER = (Bond.SEPARATED, Bond.DIVORCED, Bond.FORMER)
BONDS = {K.MARRIED: Bond.MARRIED, K.PARTNER: Bond.PARTNER, K.SEPARATED: Bond.SEPARATED, K.DIVORCED: Bond.DIVORCED,
         K.FORMER_PARTNER: Bond.FORMER}  # fmt: skip
LINES = {K.PARENT: Line.BIRTH, K.ADOPTIVE_PARENT: Line.ADOPTED, K.FOSTER_CARER: Line.FOSTERED, K.CARER: Line.CARED,
         K.SPECIAL_GUARDIAN: Line.CARED, K.STEP_PARENT: Line.STEP, K.GRANDPARENT: Line.GRAND}  # fmt: skip
BESIDE = (K.SIBLING, K.RELATIVE)
FRIENDLY = (K.FRIEND, K.NEIGHBOUR, K.COMMUNITY)
# What “Relationship to the child” in a person's details says where no relationship is recorded.
SAID = {
    "mother": K.PARENT, "father": K.PARENT, "stepmother": K.STEP_PARENT, "stepfather": K.STEP_PARENT,
    "adoptive_parent": K.ADOPTIVE_PARENT, "foster_carer": K.FOSTER_CARER, "special_guardian": K.SPECIAL_GUARDIAN,
    "grandmother": K.GRANDPARENT, "grandfather": K.GRANDPARENT, "family_friend": K.FRIEND, "neighbour": K.NEIGHBOUR,
    "friend_of_the_child": K.FRIEND, "professional": K.PROFESSIONAL,
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    key: str
    name: str
    shape: Shape
    age: int | None = None
    born: date | None = None
    is_child: bool = False
    home: bool = False
    index: bool = False
    dead: bool = False
    died_on: date | None = None
    in_care: bool = False
    care_since: date | None = None
    ring: Ring = Ring.HOME
    support: str = Support.UNKNOWN
    role: str = ""

    @property
    def in_network(self) -> bool:
        """Relatives who have died are in the genogram alone."""
        return not (self.dead and self.ring is Ring.FAMILY)


@dataclass(frozen=True)
class Couple:
    one: str
    two: str
    bond: Bond
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Descent:
    """A child of one parent or of two."""

    parents: tuple[str, ...]
    child: str
    line: Line


@dataclass(frozen=True)
class Beside:
    """Brother or sister, or another relative, with nobody recorded between."""

    one: str
    two: str
    siblings: bool


@dataclass(frozen=True)
class Tie:
    """One relationship as the record has it: `one` is the `kind` of `two`. `said`: taken from a person's details."""

    one: str
    two: str
    kind: str
    since: date | None = None
    until: date | None = None
    said: bool = False


@dataclass(frozen=True)
class Tree:
    figures: tuple[Figure, ...]
    couples: tuple[Couple, ...]
    descents: tuple[Descent, ...]
    besides: tuple[Beside, ...]
    ties: tuple[Tie, ...]
    # Everybody of the record and others who help, for the network.
    network: tuple[Figure, ...]

    def figure(self, key: str) -> Figure:
        return next(figure for figure in self.figures if figure.key == key)


def make_tree(
    people: Collection[Person],
    relationships: Iterable[Relationship],
    involvements: Iterable[SocialCareInvolvement],
    *,
    on: date,
    about: Collection[str] = (),
    helpers: Iterable[Figure] = (),
) -> Tree:
    """The pictures' content on a day.

    people: everybody of the family's record, with `relationship` loaded. about: keys of the children whom the work
    is about. helpers: workers and schools, who are no people of the record and stand in the network alone.
    """
    ties = _ties(people, relationships)
    care = {
        str(row.person_id): row.starts_on
        for row in involvements
        if row.kind == SocialCareInvolvement.Kind.LOOKED_AFTER
        and not row.mistaken
        and row.starts_on <= on
        and (row.ends_on is None or row.ends_on > on)
    }
    rings = {str(person.pk): _ring(person, ties) for person in people}
    everybody = tuple(
        _figure(person, on=on, ring=rings[str(person.pk)], index=str(person.pk) in about, care=care)
        for person in sorted(people, key=_order)
    )
    kin = tuple(figure for figure in everybody if figure.ring in (Ring.HOME, Ring.FAMILY))
    keys = {figure.key for figure in kin}
    inside = [tie for tie in ties if tie.one in keys and tie.two in keys]
    descents = tuple(_descents(inside, keys, on))
    return Tree(
        kin,
        tuple(_couples(inside, descents, on)),
        descents,
        tuple(_besides(inside, descents, on)),
        tuple(ties),
        (*everybody, *helpers),
    )


def _order(person: Person) -> tuple:
    return (person.birth_date or date.max, person.last_name, person.first_name, str(person.pk))


def _ties(people: Collection[Person], relationships: Iterable[Relationship]) -> list[Tie]:
    there = {str(person.pk) for person in people}
    rows = [
        Tie(str(row.person_id), str(row.other_id), row.kind, row.starts_on, row.ends_on)
        for row in relationships
        if not row.mistaken
    ]
    ties = [tie for tie in rows if tie.one in there and tie.two in there]
    spoken = {tie.one for tie in ties if tie.kind not in BONDS}
    children = [person for person in sorted(people, key=_order) if person.is_child]
    for person in sorted(people, key=_order):
        kind = SAID.get(person.relationship.code) if person.relationship else None
        if kind and not person.is_child and str(person.pk) not in spoken:
            ties += [Tie(str(person.pk), str(child.pk), kind, said=True) for child in children]
    return sorted(set(ties), key=lambda tie: (tie.kind, tie.one, tie.two, tie.since or date.min, tie.until or date.max))


def _ring(person: Person, ties: Iterable[Tie]) -> Ring:
    if person.in_household and not person.deceased:
        return Ring.HOME
    kinds = {tie.kind for tie in ties if str(person.pk) in (tie.one, tie.two)}
    if kinds - {*FRIENDLY, K.PROFESSIONAL}:
        return Ring.FAMILY
    if K.PROFESSIONAL in kinds and any(t.one == str(person.pk) for t in ties if t.kind == K.PROFESSIONAL):
        return Ring.PROFESSIONALS
    return Ring.FRIENDS if kinds else Ring.FAMILY


def _figure(person: Person, *, on: date, ring: Ring, index: bool, care: dict[str, date]) -> Figure:
    key = str(person.pk)
    shapes = {Gender.MALE: Shape.SQUARE, Gender.FEMALE: Shape.CIRCLE}
    dead = person.deceased and (person.died_on is None or person.died_on <= on)
    return Figure(
        key=key,
        name=str(person),
        shape=shapes.get(Gender(person.gender), Shape.DIAMOND),
        age=person.age_on(person.died_on if dead and person.died_on else on) if not dead or person.died_on else None,
        born=person.birth_date,
        is_child=person.is_child,
        home=ring is Ring.HOME,
        index=index,
        dead=dead,
        died_on=person.died_on,
        in_care=key in care,
        care_since=care.get(key),
        ring=ring,
        support=person.support,
        role=person.relationship.label if person.relationship else "",
    )


def _holds(tie: Tie, on: date) -> bool:
    return (tie.since is None or tie.since <= on) and (tie.until is None or tie.until > on)


def _descents(ties: list[Tie], keys: set[str], on: date) -> list[Descent]:
    """Parents of the same kind together, two by two; care that has ended is told in words alone."""
    pairs = {frozenset((tie.one, tie.two)): BONDS[K(tie.kind)] for tie in ties if tie.kind in BONDS}
    found = []
    parents: dict[tuple[str, Line], list[str]] = {}
    for tie in ties:
        if tie.kind in LINES and (tie.kind in (K.PARENT, K.ADOPTIVE_PARENT) or _holds(tie, on)):
            over = parents.setdefault((tie.two, LINES[K(tie.kind)]), [])
            if tie.one not in over:
                over.append(tie.one)
    births = {child: names for (child, line), names in parents.items() if line is Line.BIRTH}
    for (child, line), names in sorted(parents.items()):
        if line is Line.STEP:
            # A step-parent stands beside the parent; a line of descent only where no couple shows it.
            names = [n for n in names if not any(frozenset((n, p)) in pairs for p in births.get(child, []))]
        if line is Line.GRAND:
            names = [n for n in names if not _parents_child_is_parent(n, child, births)]
        together = line in (Line.BIRTH, Line.ADOPTED)
        names = sorted(names)
        while names:
            first = names.pop(0)
            partner = next((n for n in names if frozenset((first, n)) in pairs), None)
            if partner is None and together and names:
                partner = names[0]
            if partner:
                names.remove(partner)
            found.append(Descent(tuple(sorted(filter(None, (first, partner)))), child, line))
    return found


def _parents_child_is_parent(grandparent: str, child: str, births: dict[str, list[str]]) -> bool:
    return any(grandparent in births.get(parent, []) for parent in births.get(child, []))


def _couples(ties: list[Tie], descents: Iterable[Descent], on: date) -> list[Couple]:
    found: dict[frozenset[str], Couple] = {}
    for tie in sorted(ties, key=lambda t: (t.since or date.min, t.until or date.max, t.kind)):
        if tie.kind not in BONDS:
            continue
        bond = BONDS[K(tie.kind)]
        if bond in (Bond.MARRIED, Bond.PARTNER) and tie.until is not None and tie.until <= on:
            bond = Bond.SEPARATED if bond is Bond.MARRIED else Bond.FORMER
        one, two = sorted((tie.one, tie.two))
        # The latest word on two people holds.
        found[frozenset((one, two))] = Couple(one, two, bond, tie.since, tie.until)
    for descent in descents:
        if len(descent.parents) == 2 and frozenset(descent.parents) not in found:
            found[frozenset(descent.parents)] = Couple(*descent.parents, Bond.PARENTS)
    return sorted(found.values(), key=lambda couple: (couple.one, couple.two))


def _besides(ties: list[Tie], descents: Iterable[Descent], on: date) -> list[Beside]:
    births: dict[str, set[str]] = {}
    for descent in descents:
        if descent.line in (Line.BIRTH, Line.ADOPTED):
            births.setdefault(descent.child, set()).update(descent.parents)
    found = set()
    for tie in ties:
        one, two = sorted((tie.one, tie.two))
        derived = tie.kind == K.SIBLING and births.get(one, set()) & births.get(two, set())
        if tie.kind in BESIDE and _holds(tie, on) and not derived:
            found.add(Beside(one, two, tie.kind == K.SIBLING))
    return sorted(found, key=lambda beside: (beside.one, beside.two, beside.siblings))
