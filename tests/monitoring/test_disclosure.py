"""No count that is not shown can be worked out from what is shown: an integer solver tries, not the rule itself."""

from collections.abc import Iterable
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from monitoring.disclosure import WIDTH, Key, Protected, Sum, is_small, protect, two_way

FAR = 10_000
COUNT = st.one_of(st.integers(0, 6), st.integers(0, 60))


def interval(
    key: Key, counts: dict[Key, int], sums: Iterable[Sum], made: Protected, unsaid: Iterable[Key]
) -> tuple[int, int]:
    """The least and the most that a count can be for a reader who has every figure shown and knows the rule."""
    unknown = [*made.hidden, *unsaid]
    place = {each: number for number, each in enumerate(unknown)}
    rows, known = [], []
    for each in sums:
        row, rest = [0] * len(unknown), 0
        for part, sign in [(each.total, 1), *((part, -1) for part in each.parts)]:
            if part in place:
                row[place[part]] += sign
            else:
                rest -= sign * made.shown[part]
        rows.append(row)
        known.append(rest)
    bounds = Bounds([0 if each in unsaid else 1 for each in unknown], FAR)
    ends = []
    for sign in (1, -1):
        aim = [sign if each == key else 0 for each in unknown]
        tied = [LinearConstraint(rows, known, known)] if rows else []
        done = milp(aim, constraints=tied, bounds=bounds, integrality=np.ones(len(aim)))
        ends.append(round(done.x[place[key]]))
    return ends[0], ends[1]


def check(counts: dict[Key, int], sums: list[Sum], unsaid: frozenset[Key] = frozenset()) -> Protected:
    made = protect(counts, sums, unsaid=unsaid)
    assert set(made.shown) | made.hidden | unsaid == set(counts)
    for key, count in counts.items():
        if key in made.shown:
            assert made.shown[key] == count and not is_small(count)
        if key in made.hidden or (key in unsaid and is_small(count)):
            least, most = interval(key, counts, sums, made, unsaid)
            assert least <= count <= most
            assert most - least >= WIDTH, (key, count, least, most, made)
    return made


def table(cells: list[list[int]], name: str = "") -> tuple[dict[Key, int], list[Sum]]:
    rows, columns = [f"{name}r{n}" for n in range(len(cells))], [f"{name}c{n}" for n in range(len(cells[0]))]
    counts: dict[Key, int] = {(r, c): cells[i][j] for i, r in enumerate(rows) for j, c in enumerate(columns)}
    for i, r in enumerate(rows):
        counts[r, "total"] = sum(cells[i])
    for j, c in enumerate(columns):
        counts["total", c] = sum(row[j] for row in cells)
    counts["total", "total"] = sum(map(sum, cells))
    return counts, two_way(rows, columns)


def grids(most: int = 5) -> st.SearchStrategy[list[list[int]]]:
    return st.integers(1, most).flatmap(
        lambda wide: st.lists(st.lists(COUNT, min_size=wide, max_size=wide), min_size=1, max_size=most)
    )


@settings(max_examples=120, deadline=None)
@given(grids())
def test_no_count_comes_back_from_the_margins_of_a_table(cells: list[list[int]]) -> None:
    check(*table(cells))


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_nor_from_tables_that_share_their_margins(data: st.DataObject) -> None:
    """Age by gender, age by route, and the rows of a table in which one child may be in several."""
    cells = data.draw(grids(4))
    counts, sums = table(cells)
    parts = list(counts.items())
    for key, total in parts:
        if key[1] == "total" and key[0] != "total":
            # The same row total is split another way in the second table.
            cut = data.draw(st.integers(0, total))
            counts |= {(key[0], "left"): cut, (key[0], "right"): total - cut}
            sums.append(Sum(key, ((key[0], "left"), (key[0], "right"))))
    rows = sorted({key[0] for key, _ in parts if key[0] != "total"})
    for side in ("left", "right"):
        counts["total", side] = sum(counts[row, side] for row in rows)
        sums.append(Sum(("total", side), tuple((row, side) for row in rows)))
    sums.append(Sum(("total", "total"), (("total", "left"), ("total", "right"))))
    everybody = counts["total", "total"]
    said = data.draw(st.integers(0, everybody))
    counts |= {"said yes": said, "did not": everybody - said}
    sums.append(Sum(("total", "total"), ("said yes", "did not")))
    check(counts, sums, frozenset({"did not"}))


@settings(max_examples=60, deadline=None)
@given(st.lists(COUNT, min_size=1, max_size=12))
def test_nor_from_a_list_and_its_total(numbers: list[int]) -> None:
    counts: dict[Key, int] = {"total": sum(numbers), **dict(enumerate(numbers))}
    made = check(counts, [Sum("total", tuple(range(len(numbers))))])
    if not any(map(is_small, counts.values())):
        assert not made.hidden


@pytest.mark.parametrize(
    ("numbers", "hidden"),
    [
        ([20, 30, 7, 0], []),
        # Two that are small hide one another when there is doubt enough …
        ([20, 4, 30, 4], [1, 3]),
        # … and not when both can only be one: the smallest that helps goes with them.
        ([20, 1, 30, 1], [0, 1, 3]),
        ([20, 3, 30, 0], [0, 1]),
    ],
)
def test_no_more_is_hidden_than_must_be(numbers: list[int], hidden: list[int]) -> None:
    counts: dict[Key, int] = {"total": sum(numbers), **dict(enumerate(numbers))}
    assert sorted(check(counts, [Sum("total", tuple(range(len(numbers))))]).hidden, key=str) == hidden


def test_one_small_count_in_a_table_takes_three_others_along() -> None:
    cells = [[20, 9, 31, 14], [12, 2, 40, 22], [18, 25, 11, 16]]
    made = check(*table(cells))
    assert len(made.hidden) == 4 and ("r1", "c1") in made.hidden
    assert not any("total" in key for key in made.hidden)


def test_those_who_are_not_in_a_row_are_protected_too() -> None:
    """98 of 100 in a row says that two are not."""
    counts: dict[Key, int] = {"all": 100, "in": 98, "not in": 2}
    made = check(counts, [Sum("all", ("in", "not in"))], frozenset({"not in"}))
    assert made.hidden == {"in"}


def test_percentages_and_changes_are_said_only_of_counts_that_are_shown() -> None:
    counts: dict[Key, int] = {"all": 60, "a": 3, "b": 7, "c": 50, "small": 2, "before": 9}
    made = protect(counts, [Sum("all", ("a", "b", "c"))])
    assert made.hidden == {"a", "b", "small"}
    assert (made.percent("a", "all"), made.percent("b", "all"), made.percent("c", "small")) == (None, None, None)
    assert made.percent("c", "all") == Decimal("83.33")
    assert (made.change("a", "before"), made.change("c", "before")) == (None, 41)


def test_a_large_table_is_done_in_time_and_keeps_most_of_what_it_says() -> None:
    random = np.random.default_rng(5)
    cells = random.negative_binomial(0.6, 0.03, size=(23, 11)).tolist()
    counts, sums = table(cells)
    made = protect(counts, sums)
    small = sum(map(is_small, counts.values()))
    assert small > 20
    assert len(made.hidden) < 2 * small
    assert not any("total" in key for key in made.hidden if not is_small(counts[key]))


def test_sums_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="do not come to it"):
        protect({"all": 10, "a": 4}, [Sum("all", ("a",))])
