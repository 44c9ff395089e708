"""CHAID: a tree of what goes with an outcome, by chi-square tests (Kass 1980, Applied Statistics 29, 119-127).

For each predictor the two categories that differ least in the outcome are merged, again and again, until all that are
left differ; the predictor whose merged table is the least likely by chance, after Bonferroni's correction for the many
ways in which its categories could have been merged, splits the families; each part is split in the same way.
Merged categories are not taken apart again, as is the usual default. Written here because what there is drags a
data-frame library along for these few sums.

Pure functions; the probability of chi-square is exact, so that no library is needed.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from math import comb, erfc, exp, factorial, pi, sqrt

Table = Sequence[Mapping[str, int]]


@dataclass(frozen=True)
class Predictor:
    """`categories` in their order. ordered: only neighbours are merged; `floating` is the one without a place."""

    key: str
    label: str
    categories: tuple[str, ...]
    ordered: bool = False
    floating: str = ""


@dataclass(frozen=True)
class Rules:
    """When a split counts: levels of significance, the fewest families in a node and in its parts, and how deep."""

    merge: float = 0.05
    split: float = 0.05
    fewest: int = 30
    fewest_part: int = 10
    depth: int = 3


@dataclass(frozen=True)
class Split:
    """`parts` are groups of categories. `p` is corrected by `ways`, `chi2` is of the merged table."""

    predictor: Predictor
    parts: tuple[tuple[str, ...], ...]
    chi2: float
    df: int
    ways: int
    p: float


@dataclass(frozen=True)
class Node:
    """Families alike in what the splits above say; `counts` by outcome."""

    counts: Mapping[str, int]
    split: Split | None = None
    parts: tuple["Node", ...] = field(default=())

    @property
    def size(self) -> int:
        return sum(self.counts.values())


def chi_square(table: Table) -> tuple[float, int]:
    """Pearson's chi-square of a table of counts (rows by outcome) and its degrees of freedom; empty lines left out."""
    rows = [row for row in table if sum(row.values())]
    totals: Counter[str] = Counter()
    for row in rows:
        totals.update(row)
    totals = +totals
    df = (len(rows) - 1) * (len(totals) - 1)
    if df <= 0:
        return 0.0, 0
    everybody = totals.total()
    statistic = 0.0
    for row in rows:
        size = sum(row.values())
        for outcome, total in totals.items():
            expected = size * total / everybody
            statistic += (row.get(outcome, 0) - expected) ** 2 / expected
    return statistic, df


def probability(chi2: float, df: int) -> float:
    """How likely chance alone gives such a chi-square or a larger one; exact for whole degrees of freedom."""
    if df <= 0 or chi2 <= 0:
        return 1.0
    half = chi2 / 2
    if df % 2 == 0:
        term = total = exp(-half)
        for number in range(1, df // 2):
            term *= half / number
            total += term
        return min(total, 1.0)
    total, term = erfc(sqrt(half)), 2 * sqrt(half / pi) * exp(-half)
    for number in range(df // 2):
        total += term
        term *= half / (number + 1.5)
    return min(total, 1.0)


def ways(predictor: Predictor, before: int, after: int) -> int:
    """Bonferroni's multiplier: in how many ways so many categories can be merged into so many (Kass, section 3)."""
    if after == before:
        return 1
    if predictor.ordered and predictor.floating:
        return comb(before - 2, after - 2) + after * comb(before - 2, after - 1)
    if predictor.ordered:
        return comb(before - 1, after - 1)
    return sum((-1) ** i * comb(after, i) * (after - i) ** before for i in range(after)) // factorial(after)


def merged(predictor: Predictor, table: Mapping[str, Mapping[str, int]], rules: Rules) -> Split | None:
    """The predictor's categories merged until all differ; None when one is left."""
    present = [category for category in predictor.categories if sum(table.get(category, {}).values())]
    groups: list[tuple[str, ...]] = [(category,) for category in present]
    floats = predictor.floating in present
    counts = {group: Counter(table[group[0]]) for group in groups}

    def join(first: tuple[str, ...], second: tuple[str, ...]) -> None:
        both = (*first, *second)
        counts[both] = counts.pop(first) + counts.pop(second)
        groups[groups.index(first)] = both
        groups.remove(second)

    while len(groups) > 1:
        likely = {pair: probability(*chi_square([counts[each] for each in pair])) for pair in _pairs(predictor, groups)}
        first, second = max(likely, key=lambda pair: likely[pair])
        if likely[first, second] > rules.merge:
            join(first, second)
            continue
        small = [group for group in groups if counts[group].total() < rules.fewest_part]
        if not small:
            break
        smallest = min(small, key=lambda group: counts[group].total())
        join(*max((pair for pair in likely if smallest in pair), key=lambda pair: likely[pair]))
    if len(groups) < 2:
        return None
    chi2, df = chi_square([counts[group] for group in groups])
    known = Predictor(
        predictor.key, predictor.label, predictor.categories, predictor.ordered, predictor.floating if floats else ""
    )
    multiplier = ways(known, len(present), len(groups))
    return Split(predictor, tuple(groups), chi2, df, multiplier, min(1.0, probability(chi2, df) * multiplier))


def _pairs(
    predictor: Predictor, groups: Sequence[tuple[str, ...]]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Which groups may be merged: any two, or of ordered categories neighbours and the floating one."""
    if not predictor.ordered:
        yield from combinations(groups, 2)
        return
    placed = [group for group in groups if group != (predictor.floating,)]
    yield from pairwise(placed)
    if len(placed) < len(groups):
        yield from ((group, (predictor.floating,)) for group in placed)


def grow(
    rows: Sequence[Mapping[str, str]],
    outcomes: Sequence[str],
    predictors: Sequence[Predictor],
    rules: Rules | None = None,
    depth: int = 0,
) -> Node:
    """The tree. `rows` give each family's category of every predictor, `outcomes` its outcome."""
    rules = rules or Rules()
    counts = Counter(outcomes)
    if depth >= rules.depth or len(rows) < rules.fewest or len(counts) < 2:
        return Node(counts)
    best: Split | None = None
    for predictor in predictors:
        table: dict[str, Counter[str]] = {}
        for row, outcome in zip(rows, outcomes, strict=True):
            table.setdefault(row[predictor.key], Counter())[outcome] += 1
        split = merged(predictor, table, rules)
        if split and split.p <= rules.split and (best is None or (split.p, -split.chi2) < (best.p, -best.chi2)):
            best = split
    if best is None:
        return Node(counts)
    parts = []
    for group in best.parts:
        chosen = [n for n, row in enumerate(rows) if row[best.predictor.key] in group]
        parts.append(grow([rows[n] for n in chosen], [outcomes[n] for n in chosen], predictors, rules, depth + 1))
    return Node(counts, best, tuple(parts))
