"""Stages, progress, the matrix and agreement of readers: properties, and values known from elsewhere."""

from fractions import Fraction
from itertools import pairwise

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from cluster_ehs.core.radar import radar_chart
from outcomes.readings import arithmetic as a
from outcomes.readings.arithmetic import Cuts, Move, Third
from outcomes.readings.scale import STAGES, WORDS, Domain, range_of

POINTS = st.integers(1, 10)
READINGS = st.dictionaries(st.sampled_from(Domain.values), st.none() | POINTS)
PAIRS = st.lists(st.tuples(st.none() | READINGS, st.none() | READINGS), max_size=30)
RATED = st.lists(st.tuples(POINTS, POINTS), min_size=1, max_size=40)


def test_five_stages_of_two_points_each_with_its_words() -> None:
    assert [a.stage_of(n) for n in range(1, 11)] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert all(a.stage_of(n) == stage for stage in range(1, 6) for n in range_of(stage))
    assert len(STAGES) == 5 and set(WORDS) == set(Domain.values) and len(Domain.values) == 10
    assert all(len(set(words.stages)) == 5 for words in WORDS.values())
    for wrong in (0, 11):
        with pytest.raises(ValueError, match="from 1 to 10"):
            a.stage_of(wrong)


def test_progress_is_a_higher_stage_and_not_a_point_within_one() -> None:
    assert a.move(3, 4) == Move.SAME  # one point, the same stage
    assert a.move(4, 5) == Move.HIGHER
    assert a.move(5, 4) == Move.LOWER
    assert a.move(9, 10) == a.move(8, 7) == Move.KEPT_HIGH
    assert a.move(None, 5) == a.move(5, None) == Move.MISSING
    assert a.overall({"safety": 3, "work": 9}, {"safety": 5, "work": 1}) == Move.HIGHER  # one domain or more [L 8]
    assert a.overall({"safety": 3}, {"work": 9}) == Move.MISSING


@given(POINTS, POINTS)
def test_there_and_back_is_the_other_way(start: int, end: int) -> None:
    back = {Move.HIGHER: Move.LOWER, Move.LOWER: Move.HIGHER}
    assert a.move(end, start) == back.get(a.move(start, end), a.move(start, end))
    assert (a.move(start, end) == Move.HIGHER) == (a.stage_of(end) > a.stage_of(start))


@given(READINGS, READINGS)
def test_overall_follows_the_domains(start: a.Reading, end: a.Reading) -> None:
    moves = [a.move(start.get(d), end.get(d)) for d in Domain.values]
    found = a.overall(start, end)
    assert (found == Move.HIGHER) == (Move.HIGHER in moves)
    assert (found == Move.MISSING) == (set(moves) == {Move.MISSING})
    assert a.stages_moved(start, end) == -a.stages_moved(end, start)
    assert a.overall(start, start) in {Move.SAME, Move.KEPT_HIGH, Move.MISSING}


@given(READINGS)
def test_the_mean_lies_between_the_least_and_the_most(reading: a.Reading) -> None:
    known = [points for points in reading.values() if points is not None]
    found = a.mean(reading)
    assert (found is None) == (not known)
    if found is not None:
        assert min(known) <= found <= max(known)


@given(st.fractions(1, 10), st.fractions(1, 10))
def test_thirds_keep_the_order(one: Fraction, other: Fraction) -> None:
    order = list(Third)
    below, above = (order.index(a.third(value) or Third.LOW) for value in sorted((one, other)))
    assert below <= above


def test_thirds_end_at_their_cut_points() -> None:
    assert [a.third(n) for n in (1, 4, 5, 7, 8, 10)] == [
        Third.LOW, Third.LOW, Third.MIDDLE, Third.MIDDLE, Third.HIGH, Third.HIGH,
    ]  # fmt: skip
    assert a.third(Fraction(41, 10)) == Third.MIDDLE
    assert a.third(5, Cuts(a.Decimal("5"), a.Decimal("6.5"))) == Third.LOW
    with pytest.raises(ValueError, match="lower one first"):
        Cuts(a.Decimal(7), a.Decimal(4))


@given(PAIRS, st.sampled_from(["", *Domain.values]))
def test_the_matrix_counts_every_family_once(pairs: list, domain: str) -> None:
    found = a.matrix(pairs, domain=domain)
    assert found.total + found.missing == len(pairs)
    assert sum(found.row(third) for third in Third) == sum(found.column(third) for third in Third) == found.total
    turned = a.matrix([(end, start) for start, end in pairs], domain=domain)
    assert all(found.cells[one, other] == turned.cells[other, one] for one in Third for other in Third)


def test_only_what_was_read_twice_is_compared() -> None:
    start, end = {"safety": 2, "work": 10}, {"safety": 9, "work": None}
    assert a.matrix([(start, end)]).cells[Third.LOW, Third.HIGH] == 1
    assert a.matrix([(start, end)], domain="work").missing == 1


def test_weighted_kappa_against_known_values() -> None:
    assert a.weighted_kappa([(1, 1), (2, 2), (3, 3)], 1, 3) == 1
    # Turned round: the worst disagreement there is, with even margins.
    assert a.weighted_kappa([(1, 3), (3, 1), (1, 3), (3, 1)], 1, 3) == -1
    # Cohen's own unweighted case, two values: 2 x 2 with 20, 5, 10, 15 of 50 gives 0.4.
    two = [(1, 1)] * 20 + [(1, 2)] * 5 + [(2, 1)] * 10 + [(2, 2)] * 15
    assert a.weighted_kappa(two, 1, 2) == pytest.approx(0.4)
    # Independent raters: what chance gives, and no more.
    assert a.weighted_kappa([(x, y) for x in (1, 5, 10) for y in (1, 5, 10)]) == pytest.approx(0)
    # Worked by hand: squares seen 1 + 4 = 5; by chance (2*2*1 + 2*1*4 + 1*2*1 + 1*1*1 + 2*2*4 + 2*2*1) / 5 = 7.
    three = [(1, 1), (1, 2), (2, 2), (3, 3), (3, 1)]
    assert a.weighted_kappa(three, 1, 3) == pytest.approx(1 - 5 / 7)
    assert a.weighted_kappa([]) is None
    assert a.weighted_kappa([(4, 4), (4, 4)]) is None  # one value alone: chance would agree as well


@given(RATED)
def test_agreement_of_readers(pairs: list[tuple[int, int]]) -> None:
    found = a.agreement([*pairs, (None, 3), (4, None), (None, None)])
    assert 0 <= found.exact <= found.within_a_stage <= found.n == len(pairs)
    assert found.not_paired == 2  # one of the two did not rate it; neither did is no disagreement
    turned = a.agreement([(b, c) for c, b in pairs])
    assert found.kappa == pytest.approx(turned.kappa) if found.kappa is not None else turned.kappa is None
    assert found.kappa is None or -1 <= found.kappa <= 1


@given(st.lists(st.tuples(st.none() | POINTS, st.none() | POINTS), min_size=3, max_size=12))
def test_the_radar_is_a_picture_with_its_table(values: list) -> None:
    rows = [(f"Spoke & {n}", *pair) for n, pair in enumerate(values)]
    chart = radar_chart("A <journey>", rows, of="Domain", series=["Start", "Now"], rings=[2, 4, 6, 8, 10])
    assert len(chart.rows) == len(values)
    assert "style=" not in chart.svg
    if not chart.svg:
        assert all(pair == (None, None) for pair in values)
        return
    root = ElementTree.fromstring(chart.svg)
    kinds = [element.tag.rpartition("}")[2] for element in root]
    # One mark per value, besides those of the legend: circles for the first series, squares for the second.
    assert kinds.count("circle") == 1 + sum(pair[0] is not None for pair in values)
    assert kinds.count("rect") == 1 + sum(pair[1] is not None for pair in values)
    assert [one for one, other in pairwise(kinds) if one == other == "desc"] == []
