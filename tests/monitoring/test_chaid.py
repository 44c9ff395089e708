"""The tree: its sums against SciPy and published tables, its merging by hand, its splits on made data."""

from random import Random

import pytest
from scipy.stats import chi2 as scipy_chi2
from scipy.stats import chi2_contingency

from monitoring.segments.chaid import Predictor, Rules, chi_square, grow, merged, probability, ways

# Who was admitted at Berkeley in 1973, by department (Bickel and others 1975; R prints X-squared = 778.91, df = 5).
BERKELEY = {"A": (601, 332), "B": (370, 215), "C": (322, 596), "D": (269, 523), "E": (147, 437), "F": (46, 668)}
# Who survived the Titanic (Dawson 1995): by class X-squared = 190.40, df = 3; by sex 456.87, df = 1.
TITANIC = {
    ("1st", "male"): (62, 118),
    ("2nd", "male"): (25, 154),
    ("3rd", "male"): (88, 422),
    ("crew", "male"): (192, 670),
    ("1st", "female"): (141, 4),
    ("2nd", "female"): (93, 13),
    ("3rd", "female"): (90, 106),
    ("crew", "female"): (20, 3),
}


def counts(table: dict[str, tuple[int, ...]]) -> dict[str, dict[str, int]]:
    return {name: dict(zip("yn", row, strict=True)) for name, row in table.items()}


def summed(place: int) -> dict[str, tuple[int, ...]]:
    made: dict[str, tuple[int, ...]] = {}
    for key, row in TITANIC.items():
        made[key[place]] = tuple(a + b for a, b in zip(made.get(key[place], (0, 0)), row, strict=True))
    return made


@pytest.mark.parametrize("df", [1, 2, 3, 4, 5, 8, 11, 20])
def test_the_probability_is_that_of_the_distribution(df: int) -> None:
    for value in (0.001, 0.5, 1, 3.84, 7, 20, 60, 150):
        assert probability(value, df) == pytest.approx(scipy_chi2.sf(value, df), rel=1e-9)


def test_chi_square_is_what_was_published() -> None:
    assert chi_square(list(counts(BERKELEY).values())) == (pytest.approx(778.91, abs=0.01), 5)
    assert chi_square(list(counts(summed(0)).values())) == (pytest.approx(190.40, abs=0.01), 3)
    assert chi_square(list(counts(summed(1)).values())) == (pytest.approx(456.87, abs=0.01), 1)
    ours = chi_square([{"y": 12, "n": 5}, {"y": 3, "n": 9}, {"y": 0, "n": 0}])
    theirs = chi2_contingency([[12, 5], [3, 9]], correction=False)
    assert ours == (pytest.approx(theirs.statistic), theirs.dof)


@pytest.mark.parametrize(
    ("ordered", "floating", "before", "after", "expected"),
    [
        # Stirling's numbers of the second kind for categories without an order.
        (False, "", 3, 2, 3),
        (False, "", 4, 2, 7),
        (False, "", 5, 3, 25),
        (False, "", 6, 4, 65),
        # Cuts between neighbours.
        (True, "", 5, 2, 4),
        (True, "", 5, 3, 6),
        # With one that may join any: three ordered and one floating into two, by hand:
        # a|bc and ab|c with the floating one on either side, and abc|floating.
        (True, "f", 4, 2, 5),
        (True, "", 4, 4, 1),
    ],
)
def test_the_multiplier_counts_the_ways_of_merging(
    ordered: bool, floating: str, before: int, after: int, expected: int
) -> None:
    assert ways(Predictor("x", "X", (), ordered, floating), before, after) == expected


def test_categories_that_do_not_differ_are_merged() -> None:
    """By hand: A and B differ by 0.24 (p 0.62), C and D by 0.09 (p 0.76); what is left differs by far."""
    table = counts({"A": (30, 20), "B": (27, 22), "C": (9, 40), "D": (10, 38)})
    split = merged(Predictor("x", "X", tuple("ABCD")), table, Rules())
    assert split is not None
    assert {frozenset(part) for part in split.parts} == {frozenset("AB"), frozenset("CD")}
    assert split.df == 1 and split.ways == 7
    assert split.chi2 == pytest.approx(chi2_contingency([[57, 42], [19, 78]], correction=False).statistic)
    assert split.p == pytest.approx(7 * scipy_chi2.sf(split.chi2, 1))


def test_the_departments_of_berkeley_fall_into_four() -> None:
    """A with B admit 63 % and 64 %, C with D 34 and 35, E 25, F 6: each of these differs from the next."""
    split = merged(Predictor("d", "Department", tuple("ABCDEF")), counts(BERKELEY), Rules())
    assert split is not None
    assert {frozenset(part) for part in split.parts} == {*map(frozenset, ("AB", "CD", "E", "F"))}
    assert split.ways == 65


def test_ordered_categories_merge_with_neighbours_only() -> None:
    """The first and the third are alike and the second is not: with an order nothing merges."""
    table = counts({"1": (40, 10), "2": (10, 40), "3": (40, 10)})
    ordered = merged(Predictor("x", "X", ("1", "2", "3"), ordered=True), table, Rules())
    free = merged(Predictor("x", "X", ("1", "2", "3")), table, Rules())
    assert ordered is not None and free is not None
    assert len(ordered.parts) == 3
    assert {frozenset(part) for part in free.parts} == {frozenset("13"), frozenset("2")}


def test_the_tree_of_the_titanic_splits_by_sex_and_then_by_class() -> None:
    rows, outcomes = [], []
    for (of, sex), (lived, died) in TITANIC.items():
        rows += [{"class": of, "sex": sex}] * (lived + died)
        outcomes += ["y"] * lived + ["n"] * died
    classes = Predictor("class", "Class", ("1st", "2nd", "3rd", "crew"))
    tree = grow(rows, outcomes, [classes, Predictor("sex", "Sex", ("male", "female"))])
    assert tree.size == 2201 and tree.split is not None
    assert tree.split.predictor.key == "sex" and tree.split.chi2 == pytest.approx(456.87, abs=0.01)
    female = tree.parts[tree.split.parts.index(("female",))]
    assert female.split is not None and female.split.predictor.key == "class"
    assert ("3rd",) in female.split.parts


def test_chance_alone_gives_no_tree_and_no_part_is_too_small() -> None:
    random = Random(11)
    predictors = [Predictor(f"p{n}", f"P{n}", tuple("abcd")) for n in range(6)]
    rows = [{each.key: random.choice("abcd") for each in predictors} for _ in range(300)]
    assert grow(rows, [random.choice("yn") for _ in rows], predictors, Rules(split=0.005)).split is None
    outcomes = ["y" if row["p0"] in "ab" and random.random() < 0.9 else "n" for row in rows]
    rows += [{**rows[0], "p0": "d"}] * 4
    tree = grow(rows, [*outcomes, *"yyyy"], predictors)
    assert tree.split is not None and tree.split.predictor.key == "p0"

    def sizes(node: object) -> list[int]:
        return [node.size, *(size for part in node.parts for size in sizes(part))]  # type: ignore[attr-defined]

    assert min(sizes(tree)) >= 10
