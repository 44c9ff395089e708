"""The two pictures: whatever the record says, each person is drawn once and nothing runs over anybody."""

from datetime import date, timedelta
from itertools import combinations, pairwise
from uuid import UUID
from xml.etree import ElementTree

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clusters.models import Term
from families.genogram.layout import HALF, ROW, Picture, lay_out
from families.genogram.model import K, Line, Ring, Tree, make_tree
from families.genogram.network import lay_out_network
from families.genogram.svg import genogram_svg, network_svg
from families.genogram.words import genogram_words, network_words
from families.models import Person, Relationship, SocialCareInvolvement

TODAY = date(2026, 11, 22)
NAMES = ("Jana", "سارہ", "<b>Bo</b>", "Ann-Marie Wilhelmina", "Ö", "Marek & Co", "יעל")


def person(number: int, **details: object) -> Person:
    born = TODAY - timedelta(days=365 * (number * 7 % 80) + number)
    values = {"first_name": NAMES[number % len(NAMES)], "last_name": f"Novák{number}", "birth_date": born}
    return Person(pk=UUID(int=number + 1), **{**values, **details})


def tie(one: Person, kind: str, other: Person, since: date | None = None, until: date | None = None) -> Relationship:
    return Relationship(person=one, other=other, kind=kind, starts_on=since, ends_on=until)


@st.composite
def records(draw: st.DrawFn) -> tuple[list[Person], list[Relationship], list[SocialCareInvolvement]]:
    """Any record, also one that contradicts itself: somebody's partner who is the parent as well."""
    count = draw(st.integers(1, 14))
    people = [
        person(
            number,
            gender=draw(st.sampled_from(["male", "female", "other", "unknown"])),
            is_child=draw(st.booleans()),
            in_household=draw(st.booleans()),
            deceased=draw(st.integers(0, 9)) == 0,
            support=draw(st.sampled_from(["strong", "some", "strained", "broken_off", "unknown"])),
        )
        for number in range(count)
    ]
    pairs = st.tuples(st.integers(0, count - 1), st.sampled_from(list(K)), st.integers(0, count - 1))
    chosen = draw(st.lists(pairs, max_size=20))
    ties = [tie(people[a], kind, people[b]) for a, kind, b in chosen if a != b]
    care = [
        SocialCareInvolvement(person=one, kind="looked_after", starts_on=TODAY)
        for one in people
        if draw(st.integers(0, 5)) == 0
    ]
    return people, ties, care


def tree_of(record: tuple[list[Person], list[Relationship], list[SocialCareInvolvement]]) -> Tree:
    people, ties, care = record
    return make_tree(people, ties, care, on=TODAY, about=[str(people[0].pk)])


def crosses(a: tuple[float, float], b: tuple[float, float], box: tuple[float, float, float, float]) -> bool:
    """Whether a level or upright stretch runs through the inside of a box."""
    left, right, upper, lower = min(a[0], b[0]), max(a[0], b[0]), min(a[1], b[1]), max(a[1], b[1])
    return left < box[2] and right > box[0] and upper < box[3] and lower > box[1]


def is_inside(picture: Picture, x: float, y: float) -> bool:
    """Even-odd rule."""
    hits = 0
    for chain in picture.household:
        for (ax, ay), (bx, by) in pairwise([*chain, chain[0]]):
            if ax == bx and ax > x and min(ay, by) <= y < max(ay, by):
                hits += 1
    return hits % 2 == 1


SLOW = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@SLOW
@given(records())
def test_any_record_is_drawn_whole_and_apart(record: tuple) -> None:
    tree = tree_of(record)
    picture = lay_out(tree)
    assert sorted(p.figure.key for p in picture.figures) == sorted(f.key for f in tree.figures)
    for one, other in combinations(picture.figures, 2):
        assert abs(one.x - other.x) >= 116 or abs(one.y - other.y) >= ROW, (one, other)
    drawn = {placed.figure.key: placed for placed in picture.figures}
    for path in picture.paths:
        assert set(path.joins) <= drawn.keys()
        assert all(0 <= x <= picture.width and 0 <= y <= picture.height for x, y in path.points)
        for (ax, ay), (bx, by) in pairwise(path.points):
            assert ax == bx or ay == by, "lines are level or upright"
            for placed in picture.figures:
                box = (placed.x - HALF + 1, placed.y - HALF + 1, placed.x + HALF - 1, placed.y + HALF - 1)
                assert not crosses((ax, ay), (bx, by), box), (path, placed)
    said = {frozenset((c.one, c.two)) for c in tree.couples} | {frozenset((b.one, b.two)) for b in tree.besides}
    said |= {frozenset((*d.parents, d.child)) for d in tree.descents}
    assert {frozenset(path.joins) for path in picture.paths} == said
    for placed in picture.figures:
        assert is_inside(picture, placed.x, placed.y) is placed.figure.home


@SLOW
@given(records(), st.randoms())
def test_the_order_of_the_rows_changes_nothing_and_the_drawing_is_sound(record: tuple, random) -> None:  # type: ignore[no-untyped-def]
    people, ties, care = record
    first = tree_of(record)
    drawing = genogram_svg(lay_out(first), title="G") + network_svg(lay_out_network(first), title="N")
    about = [str(people[0].pk)]
    mixed = [random.sample(rows, len(rows)) for rows in (people, ties, care)]
    again = make_tree(*mixed, on=TODAY, about=about)
    assert genogram_svg(lay_out(again), title="G") + network_svg(lay_out_network(again), title="N") == drawing
    text = "".join(ElementTree.fromstring(f"<both>{drawing}</both>").itertext())  # noqa: S314 - our own drawing
    for one in people:
        assert str(one) in text, "the whole name, escaped"


@SLOW
@given(records())
def test_the_network_holds_everybody_once_and_apart(record: tuple) -> None:
    tree = tree_of(record)
    network = lay_out_network(tree)
    shown = [f for f in tree.network if f.in_network]
    assert sorted(p.figure.key for p in network.figures) == sorted(f.key for f in shown)
    for one, other in combinations(network.figures, 2):
        assert abs(one.x - other.x) >= 116 or abs(one.y - other.y) >= ROW, (one.figure.name, other.figure.name)
    assert sorted(spoke.key for spoke in network.spokes) == sorted(f.key for f in shown if f.ring is not Ring.HOME)
    assert sum(len(ring.people) for ring in network_words(tree)) == len(network.figures)


@SLOW
@given(records())
def test_the_words_say_what_the_picture_says(record: tuple) -> None:
    tree = tree_of(record)
    said = {entry.key: "\n".join(entry.facts) for entry in genogram_words(tree)}
    names = {figure.key: figure.name for figure in tree.figures}
    assert said.keys() == names.keys()
    for path in lay_out(tree).paths:
        for one, other in combinations(path.joins, 2):
            assert names[other] in said[one] or names[one] in said[other], (path, said)
    for figure in tree.figures:
        assert ("lives in the household" in said[figure.key].lower()) is figure.home
        assert ("Looked after since" in said[figure.key]) is figure.in_care
        assert ("the work is about this child" in said[figure.key].lower()) is figure.index
        assert ("Has died" in said[figure.key]) is figure.dead


# --- a family as people know it ---
def a_rich_family() -> tuple[list[Person], list[Relationship], list[SocialCareInvolvement]]:
    names = ["Jana", "Marek", "Tom", "Ella", "Zdenka", "Lukas", "Vera", "Fay", "Ola", "Zoe"]
    young = {"Ella": 3, "Zdenka": 10, "Lukas": 14, "Zoe": 2}
    away = {"Marek", "Lukas", "Vera", "Fay", "Ola", "Zoe"}
    people = {
        name: person(
            number,
            first_name=name,
            last_name="",
            gender="male" if name in ("Marek", "Tom", "Lukas") else "female",
            is_child=name in young,
            in_household=name not in away,
            birth_date=TODAY - timedelta(days=366 * young.get(name, 40 + number)),
        )
        for number, name in enumerate(names)
    }
    said = """Vera parent Jana, Jana parent Zdenka, Marek parent Zdenka, Jana parent Lukas, Marek parent Lukas,
        Jana divorced Marek, Jana partner Tom, Jana parent Ella, Tom parent Ella, Tom step_parent Zdenka,
        Fay foster_carer Lukas, Marek partner Ola, Marek parent Zoe, Ola parent Zoe"""
    ties = [tie(people[a], kind, people[b]) for a, kind, b in (line.split() for line in said.split(","))]
    care = [SocialCareInvolvement(person=people["Lukas"], kind="looked_after", starts_on=date(2024, 1, 1))]
    return list(people.values()), ties, care


def test_three_generations_a_step_parent_half_siblings_and_a_child_in_care() -> None:
    people, ties, care = a_rich_family()
    tree = make_tree(people, ties, care, on=TODAY, about=[str(people[4].pk)])
    picture = lay_out(tree)
    at = {placed.figure.name: placed for placed in picture.figures}
    assert at["Vera"].y < at["Jana"].y == at["Tom"].y == at["Marek"].y == at["Fay"].y < at["Zdenka"].y
    assert at["Zdenka"].y == at["Lukas"].y == at["Ella"].y == at["Zoe"].y
    words = {entry.name: entry.facts for entry in genogram_words(tree)}
    assert "Half-sister of Ella, through Jana" in words["Zdenka"]
    assert "Half-sister of Zoe, through Marek" in words["Zdenka"]
    assert "Sister of Lukas" in words["Zdenka"]
    assert "Stepchild of Tom" in words["Zdenka"]
    assert "Looked after since 1 January 2024" in words["Lukas"]
    assert "Fostered by Fay" in words["Lukas"]
    assert "Divorced from Marek" in words["Jana"]
    drawing = genogram_svg(picture, title="G")
    assert drawing.count("eh-geno__slash") == 2, "a divorce is crossed twice"
    assert drawing.count("eh-geno__shape--inner") == 1, "the child whom the work is about has a double line"


def test_what_a_persons_details_say_is_drawn_where_no_relationship_is_recorded() -> None:
    mother = person(1, relationship=Term(code="mother", label="Mother"), is_child=False, gender="female")
    aunt = person(2, relationship=Term(code="family_friend", label="Family friend"), is_child=False, in_household=False)
    children = [person(number, is_child=True) for number in (3, 4)]
    tree = make_tree([mother, aunt, *children], [], [], on=TODAY)
    assert {(d.parents, d.child, d.line) for d in tree.descents} == {
        ((str(mother.pk),), str(child.pk), Line.BIRTH) for child in children
    }
    assert [f.ring for f in tree.network if f.key == str(aunt.pk)] == [Ring.FRIENDS]


def test_care_that_ended_is_told_and_not_drawn_and_a_mistake_is_neither() -> None:
    child, carer, wrong = person(1, is_child=True), person(2, is_child=False), person(3, is_child=False)
    ended = tie(carer, K.FOSTER_CARER, child, date(2020, 1, 1), date(2021, 1, 1))
    mistaken = tie(wrong, K.PARENT, child)
    mistaken.mistaken = True
    tree = make_tree([child, carer, wrong], [ended, mistaken], [], on=TODAY)
    assert lay_out(tree).paths == ()
    facts = "\n".join(next(entry.facts for entry in genogram_words(tree) if entry.key == str(child.pk)))
    assert f"Earlier fostered by {carer} (since 1 January 2020, until 1 January 2021)" in facts
    assert str(wrong) not in facts


def test_a_household_of_forty_is_drawn_in_time() -> None:
    people = [person(number, is_child=number > 1, in_household=True) for number in range(40)]
    ties = [tie(people[parent], K.PARENT, child) for child in people[2:] for parent in (0, 1)]
    started = lay_out(make_tree(people, ties, [], on=TODAY))
    assert len(started.figures) == 40
    assert len(lay_out_network(make_tree(people, ties, [], on=TODAY)).figures) == 40
