"""Rare values grouped until nobody stands out: k-anonymity by steps that are said beforehand.

Pure functions over rows. The stated quasi-identifiers are what somebody who knows a child could recognise it by.
Rows whose combination of them occurs fewer than k times become coarser, one step after another, and only they do; what
still stands out after the last step is removed and counted. A combination that occurs often enough never loses a row,
so no step undoes an earlier one.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

K = 5
GROUPED = "grouped"
Row = dict[str, str]


@dataclass(frozen=True)
class Step:
    """`field` of the rows that stand out becomes what `coarser` makes of it."""

    field: str
    coarser: Callable[[str], str]


def everything(_value: str) -> str:
    return GROUPED


@dataclass(frozen=True)
class Anonymous:
    """`rows` in their order; `grouped` rows of them lost something; `removed` rows are not among them."""

    rows: list[Row]
    grouped: int
    removed: int


def combinations(rows: Sequence[Row], quasi: Sequence[str]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(row[name] for name in quasi) for row in rows)


def anonymous(rows: Sequence[Row], quasi: Sequence[str], steps: Sequence[Step], *, k: int = K) -> Anonymous:
    """Every combination of the quasi-identifiers in the answer occurs at least k times."""
    made = [dict(row) for row in rows]
    touched: set[int] = set()

    def standing_out() -> list[int]:
        often = combinations(made, quasi)
        return [n for n, row in enumerate(made) if often[tuple(row[name] for name in quasi)] < k]

    for step in steps:
        rare = standing_out()
        if not rare:
            break
        for number in rare:
            made[number][step.field] = step.coarser(made[number][step.field])
        touched.update(rare)
    gone = set(standing_out())
    left = [row for number, row in enumerate(made) if number not in gone]
    return Anonymous(left, len(touched - gone), len(gone))


def group_rare(rows: Sequence[Row], fields: Sequence[str], *, k: int = K) -> int:
    """In each of the fields alone, change in place what fewer than k rows have. Returns how many cells were changed.

    When that leaves fewer than k rows grouped, the next rarest value joins them; when there is none, all are.
    """
    changed = 0
    for field in fields:
        often = Counter(row[field] for row in rows if row[field])
        ranked = sorted(often, key=lambda value: (often[value], value))
        chosen: set[str] = set()
        for value in ranked:
            if often[value] >= k and not 0 < sum(often[each] for each in chosen) < k:
                break
            chosen.add(value)
        for row in rows:
            if row[field] in chosen:
                row[field] = GROUPED
                changed += 1
    return changed
