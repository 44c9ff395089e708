"""Social care before, during and after the case; needs at start and end; what was averted and would have cost."""

from __future__ import annotations

from collections import Counter, defaultdict

from cluster_ehs.core.figures import percentage
from clusters.models import Term, Vocabulary
from monitoring.social_care import Averted, Closed, averted, closed
from monitoring.suite.shapes import Asked, Column, Kind, Report, Table, Value
from outcomes.models import StatutoryLevel
from outcomes.needs.arithmetic import LEVELS, Cost, Level, cost_of, heaviest, in_social_care, windows
from outcomes.needs.selectors import rates

WHEN = ("Before", "During", "After")
BOTH = "cases whose needs were gone through at the start and at the end"


def make(asked: Asked) -> list[Table]:
    cases = closed(asked.sql())
    return [_care(cases, asked), _outcomes(cases), _needs(cases), *_averted(averted(asked.sql()), asked)]


def _care(cases: list[Closed], asked: Asked) -> Table:
    levels: dict[str, Counter[Level]] = {name: Counter() for name in WHEN}
    for case in cases:
        found = windows(case.opened_on, case.closed_on, asked.day)
        for name, window in zip(WHEN, (found.before, found.during, found.after), strict=True):
            level = heaviest(case.spells, window, case.assessed)
            if level is not None:
                levels[name][level] += 1
    number = len(cases)
    any_of = {name: sum(n for level, n in levels[name].items() if in_social_care(level)) for name in WHEN}
    rows: list[tuple[Value, ...]] = [
        ("Any involvement with social care", *_beside([any_of[name] for name in WHEN], number))
    ]
    rows += [(LEVELS[level], *_beside([levels[name][level] for name in WHEN], number)) for level in reversed(Level)]
    return Table(
        "care",
        "Children’s social care before, during and after",
        (
            Column("Heaviest level", Kind.TEXT),
            *(c for name in WHEN for c in (Column(name), Column(f"{name}, per cent", Kind.PERCENT))),
        ),
        tuple(rows),
        number,
        "cases closed in the period",
        note="A family counts once in each column, at its heaviest level. Before is the twelve months up to the "
        f"opening; after is from the closure to {asked.day:%-d %B %Y}, so recent closures have little of it. What "
        "nobody recorded counts as none known.",
        chart=("Before", "After"),
        finding=f"Involved with social care: {any_of['Before']} of {number} families before, {any_of['During']} "
        f"during, {any_of['After']} after"
        if number
        else "",
    )


def _beside(counts: list[int], number: int) -> tuple[Value, ...]:
    return tuple(value for count in counts for value in (count, percentage(count, number)))


def _both(cases: list[Closed]) -> list[tuple[frozenset[int], frozenset[int]]]:
    return [(c.at_start, c.at_end) for c in cases if c.at_start is not None and c.at_end is not None]


def _outcomes(cases: list[Closed]) -> Table:
    """By outcome: families with any need of it."""
    both = _both(cases)
    parent = dict(Term.objects.of(Vocabulary.NEED).filter(parent__isnull=False).values_list("pk", "parent_id"))
    start = Counter(head for before, _ in both for head in {parent[need] for need in before if need in parent})
    end = Counter(head for _, after in both for head in {parent[need] for need in after if need in parent})
    heads = Term.objects.of(Vocabulary.NEED).filter(parent=None).order_by("order")
    rows = [
        (
            str(head),
            start[head.pk],
            percentage(start[head.pk], len(both)),
            end[head.pk],
            percentage(end[head.pk], len(both)),
        )
        for head in heads
    ]
    return Table(
        "outcomes",
        "Families with a need, by outcome",
        (
            Column("Outcome", Kind.TEXT),
            Column("At the start"),
            Column("At the start, per cent", Kind.PERCENT),
            Column("At the end"),
            Column("At the end, per cent", Kind.PERCENT),
        ),
        tuple(rows),
        len(both),
        BOTH,
        len(cases) - len(both),
        chart=("At the start", "At the end"),
    )


def _needs(cases: list[Closed]) -> Table:
    both = _both(cases)
    gone = Counter(need for start, end in both for need in start - end)
    still = Counter(need for start, end in both for need in start & end)
    new = Counter(need for start, end in both for need in end - start)
    rows = []
    for need in Term.objects.of(Vocabulary.NEED).filter(parent__isnull=False).order_by("order", "pk"):
        counts = (gone[need.pk] + still[need.pk], still[need.pk] + new[need.pk])
        if need.retired_on and not any(counts):
            continue
        name = f"{need.code} {need.label}" if need.code[0].isdecimal() else need.label
        rows.append((name, *counts, gone[need.pk], percentage(gone[need.pk], counts[0]), still[need.pk], new[need.pk]))
    return Table(
        "needs",
        "Needs at the start and at the end",
        (
            Column("Need", Kind.TEXT),
            Column("At the start"),
            Column("At the end"),
            Column("No longer there"),
            Column("No longer there, per cent of those at the start", Kind.PERCENT),
            Column("Still there"),
            Column("New"),
        ),
        tuple(rows),
        missing=len(cases) - len(both),
        note=f"Of {len(both)} {BOTH}. Neglect and lack of engagement stand at the end, recorded as such.",
    )


def _averted(found: list[Averted], asked: Asked) -> tuple[Table, Table, Table]:
    known = rates()
    costed = [
        (row, cost_of(level=row.level, children=row.children, weeks=row.weeks, on=row.on, rates=known)) for row in found
    ]
    by_level = [(level.label, [pair for pair in costed if pair[0].level == level.value]) for level in StatutoryLevel]
    names = dict(zip(asked.clusters, asked.names, strict=True))
    by_cluster = [(names[pk], [pair for pair in costed if pair[0].cluster == pk]) for pk in asked.clusters]
    used: dict[str, list[Cost]] = defaultdict(list)
    for row, cost in costed:
        if cost.rate is not None and cost.pence is not None:
            used[f"{StatutoryLevel(row.level).label}: {cost.rate_words}"].append(cost)
    head = (Column("Steps"), Column("Children"), Column("Would have cost", Kind.MONEY), Column("Cost not known"))
    note = (
        "A judgement of those who know the family, not a fact; the costs are those that a manager entered with their "
        "source, as they held on the day. Not known: no cost for the day, or no weeks where it is by the week."
    )
    return (
        Table(
            "averted",
            "Stepping up that was averted",
            (Column("What was averted", Kind.TEXT), *head),
            (*tuple((name, *_sums(pairs)) for name, pairs in by_level), ("Total", *_sums(costed))),
            note=f"Averted in the period, also in cases that go on. {note}",
        ),
        Table(
            "averted_clusters",
            "Stepping up that was averted, by Cluster",
            (Column("Cluster", Kind.TEXT), *head),
            tuple((name, *_sums(pairs)) for name, pairs in by_cluster),
        ),
        Table(
            "costs_used",
            "The costs that were used",
            (
                Column("Cost, with the day from which it holds and its source", Kind.TEXT),
                Column("Steps"),
                Column("Would have cost", Kind.MONEY),
            ),
            tuple((name, len(of), sum(cost.pence or 0 for cost in of)) for name, of in sorted(used.items())),
        ),
    )


def _sums(pairs: list[tuple[Averted, Cost]]) -> tuple[int, int, int | None, int]:
    sure = [cost.pence for _, cost in pairs if cost.pence is not None]
    return len(pairs), sum(row.children for row, _ in pairs), sum(sure) if sure else None, len(pairs) - len(sure)


REPORT = Report(
    "social-care",
    "Needs and social care",
    "Needs at the start and the end, social care before, during and after, and what stepping up averted would cost.",
    1,
    make,
    counted="Cases closed",
)
