"""A title says what the numbers bear, in each case that numbers can be in, and never more."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster_ehs.core.findings import FEW, SMALL, Told, change, highest, rounded, written

WAITING = "Waiting eight weeks or more"


def months(*values: float | None, of: int | None = None) -> list[Told]:
    return [Told(f"month {place}", value, of) for place, value in enumerate(values, 1)]


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (months(9, 7, 4), "fell from 9 to 4"),
        (months(4, 9), "rose from 4 to 9"),
        (months(9, 30, 4), "fell from 9 to 4, by way of 30 in month 2"),
        (months(20, 2, 40), "rose from 20 to 40, by way of 2 in month 2"),
        (months(9, None, 4), "fell from 9 to 4"),
        (months(None, 9, 4, None), "fell from 9 to 4"),
        (months(6, 6, 6), "stayed at 6 from month 1 to month 3"),
        (months(6, 9, 6), ": 6 in month 1 and in month 3, between 6 and 9 meanwhile"),
        (months(0, 0), ": none from month 1 to month 2"),
        (months(3, 1, 4), ": 3 in month 1, 4 in month 3, too small to read a change"),
        (months(0, 12), "rose from 0 to 12"),
        (months(7), ": 7 in month 1"),
        (months(None, None), ": nothing to show yet"),
        (months(), ": nothing to show yet"),
        ([*months(9, 12), Told("this month", 2, over=False)], "rose from 9 to 12"),
        (months(4.02, 4.04), "stayed at 4 from month 1 to month 2"),
    ],
)
def test_a_line_of_counts(points: list[Told], said: str) -> None:
    title = change(WAITING, points)
    assert title in (f"{WAITING}{said}", f"{WAITING} {said}")


def test_a_share_or_a_middle_of_few_is_not_compared() -> None:
    few = [Told("May", 50, 4), Told("June", 100, 3)]
    assert change("Goals that moved on", few, " %") == (
        "Goals that moved on: 50 % of 4 in May, 100 % of 3 in June, too few to compare"
    )
    assert change("Days to decision", months(6, 4.5, of=40), " days") == "Days to decision fell from 6 days to 4.5 days"
    assert change("Goals that moved on", months(0, 0, of=40), " %").startswith("Goals that moved on stayed at 0 %")


POINTS = st.lists(
    st.builds(
        Told,
        st.sampled_from(["May", "June", "July"]),
        st.none() | st.integers(0, 60) | st.floats(0, 60),
        st.none(),
        st.booleans(),
    ),
    max_size=9,
)


@given(POINTS)
def test_rose_and_fell_are_said_only_when_the_numbers_that_are_shown_did(points: list[Told]) -> None:
    title = change("It", points)
    known = [rounded(p.value) for p in points if p.over and p.value is not None]
    for verb, bears in (("rose", lambda a, b: b > a), ("fell", lambda a, b: b < a)):
        if found := re.search(rf"{verb} from ([\d.]+) to ([\d.]+)", title):
            a, b = (float(number) for number in found.groups())
            assert bears(a, b) and (a, b) == (known[0], known[-1])
            assert max(known) >= SMALL
            if extreme := re.search(r"by way of ([\d.]+) in", title):
                assert not min(a, b) <= float(extreme[1]) <= max(a, b)
            else:
                assert all(min(a, b) <= value <= max(a, b) for value in known)
    if "stayed" in title:
        assert len(set(known)) == 1


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([Told("Seacroft", 31), Told("Gipton", 12)], "highest in Seacroft, 31"),
        ([Told("Seacroft", 31), Told("Gipton", 31), Told("Otley", 3)], "highest in Seacroft and Gipton, 31 each"),
        ([Told(n, 31) for n in "ABC"] + [Told("D", 2)], "highest in 3 of them, 31 each"),
        ([Told("Seacroft", 31), Told("Gipton", 31)], "31 in each Cluster"),
        ([Told("Seacroft", 0), Told("Gipton", 0)], "none in any Cluster"),
        ([Told("Seacroft", 4), Told("Gipton", 1)], "at most 4 in any Cluster"),
        ([Told("Seacroft", 2)], "Seacroft 2"),
        ([], "nothing to show yet"),
        ([Told("Seacroft", 90, 2), Told("Gipton", 60, 40), Told("Otley", 50, 40)], "highest in Gipton, 60"),
        ([Told("Seacroft", 90, 2), Told("Gipton", 60, 40)], "too few to compare"),
    ],
)
def test_bars_beside_each_other(rows: list[Told], said: str) -> None:
    assert highest("Referrals", rows) == f"Referrals: {said}"


@given(
    st.lists(st.builds(Told, st.sampled_from("ABCDE"), st.none() | st.integers(0, 30), st.none() | st.integers(0, 30)))
)
def test_highest_is_the_highest_of_those_of_whom_there_are_enough(rows: list[Told]) -> None:
    of = any(row.of is None for row in rows)
    rows = [Told(row.name, row.value, None if of else row.of) for row in rows]
    title = highest("It", rows)
    enough = [rounded(row.value) for row in rows if row.value is not None and (of or (row.of or 0) >= FEW)]
    if found := re.search(r"highest in .*, ([\d.]+)", title):
        assert float(found[1]) == max(enough) > min(enough)


def test_numbers_are_written_as_people_write_them() -> None:
    assert [written(v) for v in (4.0, 4.25, 1234, 0.04)] == ["4", "4.3", "1,234", "0"]
