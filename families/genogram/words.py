"""The pictures in words: whoever cannot see them, or reads them on a phone, learns the same and more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from families.genogram.labels import RING_NAMES
from families.genogram.model import LINES, Bond, Figure, K, Line, Ring, Shape, Tree
from families.models import Support

SIBLING = {Shape.SQUARE: "brother", Shape.CIRCLE: "sister"}
BOND_WORDS = {
    Bond.MARRIED: "married to",
    Bond.PARTNER: "partner of",
    Bond.SEPARATED: "separated from",
    Bond.DIVORCED: "divorced from",
    Bond.FORMER: "former partner of",
    Bond.PARENTS: "parent together with (what they are to each other is not recorded)",
}
CHILD_WORDS = {
    Line.BIRTH: "child of",
    Line.ADOPTED: "adopted by",
    Line.FOSTERED: "fostered by",
    Line.CARED: "cared for by",
    Line.STEP: "stepchild of",
    Line.GRAND: "grandchild of",
}
SUPPORT_WORDS = {
    Support.STRONG: "a strong support",
    Support.SOME: "some support",
    Support.STRAINED: "a strained tie",
    Support.BROKEN_OFF: "contact broken off",
    Support.UNKNOWN: "what the tie is like is not recorded",
}


@dataclass(frozen=True)
class Entry:
    """A person and everything the genogram says of them."""

    key: str
    name: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class RingWords:
    name: str
    people: tuple[tuple[str, str], ...]


def genogram_words(tree: Tree) -> list[Entry]:
    """One entry for each figure, the child whom the work is about first, then the home, then the others."""
    order = sorted(tree.figures, key=lambda f: (not f.index, not f.home, not f.is_child, f.born or date.max, f.name))
    return [Entry(figure.key, figure.name, tuple(_facts(tree, figure))) for figure in order]


def network_words(tree: Tree) -> list[RingWords]:
    """Ring by ring, who stands there and what the tie is like."""
    found = []
    for ring in Ring:
        there = [figure for figure in tree.network if figure.ring is ring and figure.in_network]
        if there:
            found.append(RingWords(RING_NAMES[ring], tuple((f.name, _tie_words(f, ring)) for f in there)))
    return found


def _tie_words(figure: Figure, ring: Ring) -> str:
    parts = [figure.role] if figure.role and not figure.is_child else []
    if figure.age is not None:
        parts.append(_age(figure))
    if figure.dead:
        parts.append("has died")
    if figure.in_care:
        parts.append("looked after")
    if ring is not Ring.HOME and figure.shape is not Shape.BOX:
        parts.append(SUPPORT_WORDS[Support(figure.support)])
    return ", ".join(parts)


def _age(figure: Figure) -> str:
    return "under 1" if figure.age == 0 else f"{figure.age} years old"


def _facts(tree: Tree, figure: Figure) -> Iterable[str]:
    names = {other.key: other for other in tree.figures}
    about = [_gender(figure)]
    if figure.index:
        about.insert(0, "the work is about this child")
    if figure.role and not figure.is_child:
        about.append(figure.role.lower())
    if figure.age is not None and not figure.dead:
        about.append(_age(figure))
    about.append("lives in the household" if figure.home else "lives elsewhere" if not figure.dead else "")
    yield _sentence(part for part in about if part)
    if figure.dead:
        day = f" on {_day(figure.died_on)}" if figure.died_on else ""
        yield f"Has died{day}{f', {_age(figure)}' if figure.age is not None else ''}"
    if figure.in_care:
        yield f"Looked after since {_day(figure.care_since)}"
    for couple in tree.couples:
        if figure.key in (couple.one, couple.two):
            other = couple.two if couple.one == figure.key else couple.one
            yield _capital(f"{BOND_WORDS[couple.bond]} {names[other].name}{_dates(couple.since, couple.until)}")
    yield from _kin_of(tree, figure, names)
    yield from _earlier(tree, figure, names)


def _kin_of(tree: Tree, figure: Figure, names: dict[str, Figure]) -> Iterable[str]:
    for descent in tree.descents:
        if descent.child == figure.key:
            parents = " and ".join(names[key].name for key in descent.parents)
            yield _capital(f"{CHILD_WORDS[descent.line]} {parents}")
    for tie in tree.ties:
        if tie.kind == K.STEP_PARENT and tie.two == figure.key and tie.one in names:
            step = next((d for d in tree.descents if d.child == tie.two and d.line is Line.STEP), None)
            if step is None or tie.one not in step.parents:
                yield f"Stepchild of {names[tie.one].name}"
    for descent in tree.descents:
        if figure.key in descent.parents:
            verb = {Line.BIRTH: "parent of", Line.ADOPTED: "adoptive parent of", Line.FOSTERED: "fosters",
                    Line.CARED: "cares for", Line.STEP: "step-parent of", Line.GRAND: "grandparent of"}  # fmt: skip
            yield _capital(f"{verb[descent.line]} {names[descent.child].name}")
    yield from _siblings(tree, figure, names)
    for beside in tree.besides:
        if figure.key in (beside.one, beside.two):
            other = names[beside.two if beside.one == figure.key else beside.one]
            yield f"{'Brother or sister' if beside.siblings else 'Relative'} of {other.name}"


def _siblings(tree: Tree, figure: Figure, names: dict[str, Figure]) -> Iterable[str]:
    """Worked out from the parents: whole and half, through whom."""
    births: dict[str, set[str]] = {}
    for descent in tree.descents:
        if descent.line in (Line.BIRTH, Line.ADOPTED):
            births.setdefault(descent.child, set()).update(descent.parents)
    own = births.get(figure.key, set())
    for key, parents in births.items():
        shared = own & parents
        if key == figure.key or not shared:
            continue
        whole = own == parents and len(own) == 2
        through = " and ".join(sorted(names[parent].name for parent in shared))
        word = SIBLING.get(figure.shape, "brother or sister")
        if whole:
            yield _capital(f"{word} of {names[key].name}")
        elif len(own) == 2 and len(parents) == 2:
            yield f"Half-{word} of {names[key].name}, through {through}"
        else:
            yield _capital(f"{word} of {names[key].name}, through {through} (not all parents are recorded)")


def _earlier(tree: Tree, figure: Figure, names: dict[str, Figure]) -> Iterable[str]:
    """Care that has ended: told here, not drawn."""
    drawn = {(parent, descent.child, descent.line) for descent in tree.descents for parent in descent.parents}
    for tie in tree.ties:
        line = LINES.get(K(tie.kind))
        if tie.until and line and tie.two == figure.key and tie.one in names and (tie.one, tie.two, line) not in drawn:
            yield f"Earlier {CHILD_WORDS[line]} {names[tie.one].name}{_dates(tie.since, tie.until)}"


def _sentence(parts: Iterable[str]) -> str:
    return _capital(", ".join(parts))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _gender(figure: Figure) -> str:
    named = {Shape.SQUARE: ("man", "boy"), Shape.CIRCLE: ("woman", "girl")}
    return named.get(figure.shape, ("gender not recorded", "gender not recorded"))[1 if figure.is_child else 0]


def _dates(since: date | None, until: date | None) -> str:
    parts = ([f"since {_day(since)}"] if since else []) + ([f"until {_day(until)}"] if until else [])
    return f" ({', '.join(parts)})" if parts else ""


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else ""
