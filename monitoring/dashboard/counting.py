"""Counts, lists and trends of the dashboard's figures, all from the definitions in `figures.py`."""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, groupby
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from monitoring.asking import month_of
from monitoring.dashboard.figures import ALL, BY_KEY, Figure, Kind, Source
from monitoring.shapes import Period

PAGE = 50
NOW, BEFORE = 0, 1
# The key of all the Clusters that were asked for, together.
TOGETHER = 0


@dataclass(frozen=True)
class Number:
    """A figure of one Cluster: `value` is the count, the middle or the per cent, None of nothing; `of` the rows."""

    value: float | None
    of: int


Numbers = dict[tuple[int, str, int], Number]


@dataclass(frozen=True)
class Entry:
    """One row behind a figure."""

    row_id: Any
    cluster_id: int
    family_id: UUID | None
    reference: str
    on_date: date
    url_id: Any
    value: float


Tally = Counter[float]


def number_of(figure: Figure, entries: Iterable[Entry]) -> Number:
    """The figure worked out from its list."""
    return _worked_out(figure, Counter(entry.value for entry in entries))


def _worked_out(figure: Figure, tally: Tally) -> Number:
    """A figure from how often each value was found."""
    of = tally.total()
    if figure.kind == Kind.COUNT:
        return Number(of, of)
    if not of:
        return Number(None, 0)
    if figure.kind == Kind.SHARE:
        return Number(100 * sum(value * n for value, n in tally.items()) / of, of)
    # The middle one, or halfway between the two in the middle.
    up_to = list(accumulate(n for _, n in sorted(tally.items())))
    values = sorted(tally)
    low, high = (values[bisect_right(up_to, place)] for place in ((of - 1) // 2, of // 2))
    return Number((low + high) / 2, of)


def moment(period: Period, figure: Figure) -> date:
    """The day of which a figure “at a moment” is: the last of the period, but today when only today is known."""
    today = timezone.localdate()
    return today if figure.now_only else min(period.end, today)


def _values(clusters: Sequence[int], period: Period, before: Period | None = None) -> dict[str, Any]:
    values: dict[str, Any] = {"clusters": list(clusters), "start": period.start, "end": period.end}
    values |= {"today": timezone.localdate()}
    if before:
        values |= {"before_start": before.start, "before_end": before.end}
    return values


def _taken(figure: Figure) -> str:
    """What is taken of a row for a figure; nothing of a row that is not of it."""
    return f"CASE WHEN {figure.where} THEN ({figure.value})::float8 END"


def count(
    *, clusters: Sequence[int], period: Period, before: Period | None, figures: Sequence[Figure] = ALL
) -> Numbers:
    """(Cluster id or TOGETHER, figure, NOW or BEFORE) -> Number, in one statement for all the figures."""
    values, parts = _values(clusters, period, before), []
    made: list[list[Figure]] = []
    for source, of_it in _by_source(figures):
        for which, rows in _rows_to_count(source, of_it, period, before, values):
            taken = ", ".join(_taken(figure) for figure in of_it)
            parts.append(
                f"SELECT {len(made)}, which, cluster_id, n, ARRAY[{taken}] FROM "  # noqa: S608
                f"(SELECT {', '.join(('which', 'cluster_id', *source.grain))}, count(*) AS n FROM "
                f"(SELECT *, {which} AS which FROM ({rows}) s) s"
                f" GROUP BY {', '.join(('which', 'cluster_id', *source.grain))}) s"
            )
            made.append(of_it)
    tallies: dict[tuple[int, str, int], Tally] = defaultdict(Counter)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        for part, which, cluster, n, taken in cursor.fetchall():
            for figure, value in zip(made[part], taken, strict=True):
                if value is not None:
                    tallies[cluster, figure.key, which][value] += n
                    tallies[TOGETHER, figure.key, which][value] += n
    return {where: _worked_out(BY_KEY[where[1]], tally) for where, tally in tallies.items()}


def number(numbers: Numbers, cluster: int, figure: Figure, when: int = NOW) -> Number:
    """The number of a figure, nought or nothing when no row was found."""
    return numbers.get((cluster, figure.key, when)) or number_of(figure, ())


def _by_source(figures: Sequence[Figure]) -> Iterator[tuple[Source, list[Figure]]]:
    """Figures of the same rows, read together. What is of today alone is read apart from what is of a day."""

    def together(figure: Figure) -> tuple[str, bool]:
        return figure.source.rows(), figure.now_only

    for _, of_it in groupby(sorted(figures, key=together), key=together):
        several = list(of_it)
        yield several[0].source, several


def _rows_to_count(
    source: Source, figures: list[Figure], period: Period, before: Period | None, values: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """What says NOW or BEFORE of a row, and the rows of a source: of both periods, or of each of the two moments."""
    if not source.at_a_moment:
        which = "(on_date BETWEEN %(before_start)s AND %(before_end)s)::int" if before else str(NOW)
        yield which, source.rows(also_before=before is not None)
        return
    days = [(NOW, moment(period, figures[0]))]
    if before and not figures[0].now_only:
        days.append((BEFORE, before.end))
    for when, day in days:
        name = f"day_{len(values)}"
        values[name] = day
        yield str(when), source.rows().replace("%(first)s", f"%({name})s").replace("%(last)s", f"%({name})s")


def listed(
    figure: Figure,
    *,
    clusters: Sequence[int],
    period: Period,
    after: tuple[date, str, str] | None = None,
    limit: int | None = PAGE,
) -> tuple[list[Entry], tuple[date, str, str] | None]:
    """What a figure counted, by date and reference, a page at a time; and where the next page begins."""
    values = _values(clusters, period)
    values |= {"first": moment(period, figure), "last": moment(period, figure)}
    beyond, most = "", ""
    if after:
        values |= {"after_date": after[0], "after_reference": after[1], "after_row": after[2]}
        beyond = (
            " AND (s.on_date, x.reference, s.row_id::text)"
            " > (%(after_date)s::date, %(after_reference)s::text, %(after_row)s::text)"
        )
    if limit is not None:
        values["most"] = limit + 1
        most = " LIMIT %(most)s"
    sql = (
        "SELECT s.row_id, s.cluster_id, s.family_id, x.reference, s.on_date, x.id, s.value FROM "  # noqa: S608
        f"(SELECT *, ({figure.value})::float8 AS value FROM ({figure.source.rows()}) s WHERE {figure.where}) s "
        f"{figure.source.refer} WHERE TRUE{beyond} ORDER BY s.on_date, x.reference, s.row_id::text{most}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        entries = [Entry(*row) for row in cursor.fetchall()]
    if limit is None or len(entries) <= limit:
        return entries, None
    last = entries[limit - 1]
    return entries[:limit], (last.on_date, last.reference, str(last.row_id))


@dataclass(frozen=True)
class Point:
    """A figure in one month, or at its end. `unfinished`: the month is not over, or the period begins within it."""

    month: Period
    number: Number
    unfinished: bool


Trends = dict[str, list[Point]]


def trend(figure: Figure, *, clusters: Sequence[int], months: Sequence[Period]) -> list[Point]:
    """The figure for each of some whole months in a row, of all the Clusters together; empty where nothing is kept."""
    return trends([figure], clusters=clusters, months=months)[figure.key]


def trends(figures: Sequence[Figure], *, clusters: Sequence[int], months: Sequence[Period]) -> Trends:
    """Some figures month by month. Those that stand in the same tables until the same day are read together."""
    made: Trends = {figure.key: [] for figure in figures}
    kept = [figure for figure in figures if months and not figure.now_only]
    if not kept:
        return made
    today = timezone.localdate()
    values = _values(clusters, Period(months[0].start, min(months[-1].end, today)))
    with connection.cursor() as cursor:
        for _, several in groupby(sorted(kept, key=_passes), key=_passes):
            of_it = list(several)
            found = _standing if of_it[0].at_a_moment else _flowing
            for figure, by_month in zip(of_it, found(cursor, of_it, months, values), strict=True):
                points = ((month, by_month.get(month.start) or number_of(figure, ())) for month in months)
                made[figure.key] = [Point(month, number, month.end > today) for month, number in points]
    return made


def _passes(figure: Figure) -> tuple[str, ...]:
    source = figure.source
    return (source.tables, source.leaves) if source.at_a_moment else (figure.key,)


def _flowing(
    cursor: Any, figures: Sequence[Figure], months: Sequence[Period], values: dict[str, Any]
) -> list[dict[date, Number]]:
    """Of one figure that happens in a month."""
    [figure] = figures
    read = [name for name in figure.source.grain if re.search(rf"\b{name}\b", f"{figure.where} {figure.value}")]
    grain = ", ".join(("month", *read))
    cursor.execute(
        # Without a time zone: a date with one is worked out anew for each row.
        f"SELECT month, {_taken(figure)}, n FROM (SELECT {grain}, count(*) AS n FROM "  # noqa: S608
        f"(SELECT *, date_trunc('month', on_date::timestamp)::date AS month FROM ({figure.source.rows()}) s) s"
        f" GROUP BY {grain}) s",
        values,
    )
    tallies: dict[date, Tally] = defaultdict(Counter)
    for month, value, n in cursor.fetchall():
        if value is not None:
            tallies[month][value] += n
    return [{month: _worked_out(figure, tally) for month, tally in tallies.items()}]


def _standing(
    cursor: Any, figures: Sequence[Figure], months: Sequence[Period], values: dict[str, Any]
) -> list[dict[date, Number]]:
    """How many were there at each month's end: each row is counted once, by the months in which it came and went.

    Figures of one source that count a row from different days: whoever had gone by then drops out by that alone.
    """
    days = [min(month.end, values["today"]) for month in months]
    begins_at = [figure.enters or figure.source.enters for figure in figures]
    values |= {"first": days[0], "last": days[-1], "days": days}
    # How many of the days lie before the row came (for each of the figures), and how many before it went.
    came = [f"width_bucket(beside_{place} - 1, %(days)s::date[])" for place in range(len(figures))]
    alone = figures[0].where if len(figures) == 1 and not figures[0].enters else "TRUE"
    cursor.execute(
        f"SELECT coalesce(width_bucket(leaves - 1, %(days)s::date[]), cardinality(%(days)s::date[])), count(*),"  # noqa: S608
        f" {', '.join(came)} FROM ({figures[0].source.rows(beside=begins_at)}) s WHERE {alone}"
        f" GROUP BY {', '.join(('1', *(str(3 + place) for place in range(len(came)))))}",
        values,
    )
    # By how many the number rises or falls from one month's end to the next.
    steps = [Counter[int]() for _ in came]
    for went, many, *first_days in cursor.fetchall():
        for step, begins in zip(steps, first_days, strict=True):
            if begins < went:
                step[begins] += many
                step[went] -= many
    there = [list(accumulate(step[place] for place in range(len(months)))) for step in steps]
    return [{month.start: Number(n, n) for month, n in zip(months, line, strict=True)} for line in there]


def whole_months(period: Period, *, fewest: int = 12) -> list[Period]:
    """The months of a period, oldest first; of a short period also the months before it."""
    first, last = (day.year * 12 + day.month for day in (period.start, period.end))
    many = max(last - first + 1, fewest)
    return [month_of(period.end, -back) for back in reversed(range(many))]
