"""Progress of families whose case closed: a higher stage, per domain and in all; the matrix of start and end."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from cluster_ehs.core.figures import percentage
from monitoring.progress import Pair, made, pairs, read_again
from monitoring.suite.engine import rounded
from monitoring.suite.shapes import Asked, Column, Kind, Report, Table, Value, counted
from outcomes.readings import arithmetic
from outcomes.readings.arithmetic import Cuts, Move, Third
from outcomes.readings.scale import Domain
from outcomes.readings.selectors import cuts_on

TWICE = "cases read at the start and at the end"
MOVES = {
    Move.HIGHER: "A higher stage in one domain or more",
    Move.KEPT_HIGH: "Every domain stayed high",
    Move.SAME: "The same stages",
    Move.LOWER: "Lower in one or more, higher in none",
}
THIRDS = {Third.LOW: "low", Third.MIDDLE: "middle", Third.HIGH: "high"}
MOMENTS = {"start": "At the start", "review": "At a review", "end": "At the end"}


def make(asked: Asked) -> list[Table]:
    found = pairs(asked.sql())
    cuts = cuts_on(asked.end)
    return [
        _overall(found),
        _domains(found),
        *_matrix(found, cuts),
        _by_domain(found, cuts),
        _read(found, asked),
        _agreement(asked),
    ]


def _overall(found: list[Pair]) -> Table:
    moves = Counter(arithmetic.overall(pair.start or {}, pair.end or {}) for pair in found)
    twice = len(found) - moves[Move.MISSING]
    higher = moves[Move.HIGHER]
    return counted(
        "overall",
        "Progress of families",
        [(label, moves[move]) for move, label in MOVES.items()],
        denominator=twice,
        of=TWICE,
        head="From start to end",
        missing=moves[Move.MISSING],
        note="Progress is a move to a higher stage in one domain or more; missing are cases without both readings.",
        finding=f"{higher} of {twice} families moved to a higher stage in one domain or more" if twice else "",
    )


def _domains(found: list[Pair]) -> Table:
    rows: list[tuple[Value, ...]] = []
    best, most = "", (Decimal(0), 0, 0)
    for domain in Domain:
        moves = Counter(
            arithmetic.move((p.start or {}).get(domain.value), (p.end or {}).get(domain.value)) for p in found
        )
        twice = len(found) - moves[Move.MISSING]
        higher = moves[Move.HIGHER]
        share = percentage(higher, twice)
        others = [moves[move] for move in (Move.KEPT_HIGH, Move.SAME, Move.LOWER, Move.MISSING)]
        rows.append((domain.label, twice, higher, share, *others))
        if higher and ((share or Decimal(0)), higher, twice) > most:
            best, most = domain.label, (share or Decimal(0), higher, twice)
    return Table(
        "domains",
        "Progress by domain",
        (
            Column("Domain", Kind.TEXT),
            Column("Read twice"),
            Column("Higher stage"),
            Column("Per cent", Kind.PERCENT),
            Column("Stayed high"),
            Column("Same stage"),
            Column("Lower stage"),
            Column("Missing"),
        ),
        tuple(rows),
        note="Per cent are of the cases in which the domain was read twice. Whoever starts high and stays there made "
        "no progress and needed none: they stand apart. Missing: not read, or not discussed, at one of the two.",
        chart=("Higher stage",),
        finding=f"The most progress in {best.lower()}: {most[1]} of {most[2]}" if best else "",
    )


def _matrix(found: list[Pair], cuts: Cuts) -> tuple[Table, Table]:
    matrix = arithmetic.matrix([(pair.start, pair.end) for pair in found], cuts)
    ends = tuple(f"End {THIRDS[end]}" for end in Third)
    counts: list[tuple[str, tuple[int, ...]]] = [
        (f"Start {THIRDS[start]}", (*(matrix.cells[start, end] for end in Third), matrix.row(start))) for start in Third
    ]
    counts.append(("Total", (*(matrix.column(end) for end in Third), matrix.total)))
    note = f"By the mean of the domains read twice. {_cut_words(cuts)}"
    shares = tuple((name, *(percentage(n, matrix.total) for n in cells)) for name, cells in counts)
    numbers = Table(
        "matrix",
        "Where families started and ended",
        (Column("Mean of the readings", Kind.TEXT), *(Column(end) for end in ends), Column("Total")),
        tuple((name, *cells) for name, cells in counts),
        missing=matrix.missing,
        note=note,
    )
    per_cent = Table(
        "matrix_percent",
        "Where families started and ended, per cent",
        (
            Column("Mean of the readings", Kind.TEXT),
            *(Column(end, Kind.PERCENT) for end in ends),
            Column("Total", Kind.PERCENT),
        ),
        shares,
        matrix.total,
        TWICE,
        matrix.missing,
    )
    return numbers, per_cent


def _cut_words(cuts: Cuts) -> str:
    return f"Low is up to {cuts.low.normalize():f}, middle up to {cuts.middle.normalize():f}, high above."


def _by_domain(found: list[Pair], cuts: Cuts) -> Table:
    places = [(start, end) for start in Third for end in Third]
    rows: list[tuple[Value, ...]] = []
    for domain in Domain:
        matrix = arithmetic.matrix([(pair.start, pair.end) for pair in found], cuts, domain.value)
        rows.append((domain.label, *(matrix.cells[place] for place in places), matrix.missing))
    heads = tuple(Column(f"{THIRDS[start].capitalize()} to {THIRDS[end]}") for start, end in places)
    return Table(
        "matrix_domains",
        "Where families started and ended, by domain",
        (Column("Domain", Kind.TEXT), *heads, Column("Missing")),
        tuple(rows),
        note=_cut_words(cuts),
    )


def _read(found: list[Pair], asked: Asked) -> Table:
    states = Counter((pair.start is not None, pair.end is not None) for pair in found)
    now = made(asked.sql())
    rows = [
        ("Cases closed", len(found)),
        ("Read at the start and at the end", states[True, True]),
        ("No reading at the end", states[True, False]),
        ("No reading at the start", states[False, True]),
        ("Neither", states[False, False]),
        *((f"Readings made in the period: {label.lower()}", now.get(key, 0)) for key, label in MOMENTS.items()),
    ]
    return Table("read", "Who was read", (Column("Row", Kind.TEXT), Column("Count")), tuple(rows))


def _agreement(asked: Asked) -> Table:
    found = arithmetic.agreement(read_again(asked.sql()))
    kappa = rounded(found.kappa, 2)
    rows: tuple[tuple[str, int | Decimal | None], ...] = (
        ("Domains rated by both readers", found.n),
        ("The same number", found.exact),
        ("The same number, per cent", percentage(found.exact, found.n)),
        ("Within one stage", found.within_a_stage),
        ("Within one stage, per cent", percentage(found.within_a_stage, found.n)),
        ("Weighted kappa", kappa),
        ("Rated by one reader alone", found.not_paired),
    )
    return Table(
        "agreement",
        "How far two readers agree",
        (Column("Row", Kind.TEXT), Column("Figure", Kind.NUMBER)),
        rows,
        note="Of readings drawn at random and rated again in the period by somebody who did not see the first. Kappa "
        "is 1 for full agreement and 0 for what chance gives.",
    )


REPORT = Report(
    "progress",
    "Progress and readings",
    "What changed for families from start to end, in ten domains, and who was not read.",
    1,
    make,
    counted="Cases closed",
)
