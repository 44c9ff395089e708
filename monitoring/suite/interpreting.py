"""What interpreters cost [E]: used, cancelled late, spent and booked, by language and Cluster, for any period."""

from collections import Counter
from datetime import date

from cases.models import InterpreterBooking
from monitoring.suite.counting import rows_of
from monitoring.suite.engine import rounded
from monitoring.suite.shapes import Asked, Column, Kind, Report, Table, Value

_BOOKED = """
SELECT b.cluster_id, t.label, to_char(b.at AT TIME ZONE 'Europe/London', 'YYYY-MM'),
    count(*) FILTER (WHERE b.status = 'used'), coalesce(sum(b.minutes_used) FILTER (WHERE b.status = 'used'), 0),
    count(*) FILTER (WHERE b.cancelled_late),
    coalesce(sum(b.pence) FILTER (WHERE b.status = 'used' OR b.status = 'cancelled' AND b.cancelled_late), 0),
    coalesce(sum(b.pence) FILTER (WHERE b.status = ANY (%(open)s)), 0),
    count(*) FILTER (WHERE b.pence IS NULL AND (b.status <> 'cancelled' OR b.cancelled_late))
FROM cases_interpreterbooking b JOIN clusters_term t ON t.id = b.language_id
WHERE b.cluster_id = ANY (%(clusters)s) AND (b.at AT TIME ZONE 'Europe/London')::date BETWEEN %(start)s AND %(last)s
GROUP BY 1, 2, 3
"""

COLUMNS = (
    Column("Used"),
    Column("Hours", Kind.NUMBER),
    Column("Cancelled late"),
    Column("Spent", Kind.MONEY),
    Column("Booked, to be spent", Kind.MONEY),
    Column("Cost not known"),
)
EVERY = "All languages"


def make(asked: Asked) -> list[Table]:
    sums: Counter[tuple[str, str, int]] = Counter()
    months: dict[str, None] = {}
    # A booking to come lies after the as-at day and is money that will be spent: its whole period counts.
    rows = rows_of(_BOOKED, asked, last=asked.period.end, open=[str(s) for s in InterpreterBooking.OPEN])
    for cluster, language, month, *values in sorted(rows, key=lambda row: row[2]):
        months[month] = None
        for number, value in enumerate(values):
            for key in (("language", language), ("language", EVERY), ("month", month), ("cluster", str(cluster))):
                sums[(*key, number)] += value
    spoken = sorted({key[1] for key in sums if key[0] == "language"} - {EVERY})
    spoken.sort(key=lambda language: -sums["language", language, 3])
    tables = [
        Table(
            "languages",
            "Interpreters by language",
            (Column("Language", Kind.TEXT), *COLUMNS),
            tuple((name, *_cells(sums, "language", name)) for name in (*spoken, EVERY)),
            note="Spent: bookings that were used, and those cancelled so late that they are charged. Without a cost "
            "a booking counts nothing until somebody enters it.",
            chart=("Spent",),
        ),
        Table(
            "months",
            "Interpreters by month",
            (Column("Month", Kind.TEXT), *COLUMNS),
            tuple((f"{date.fromisoformat(f'{m}-01'):%B %Y}", *_cells(sums, "month", m)) for m in months),
            chart=("Spent",) if len(months) > 2 else (),
            line=True,
            compares=False,
        ),
    ]
    if len(asked.clusters) > 1:
        tables.append(
            Table(
                "clusters",
                "Interpreters by Cluster",
                (Column("Cluster", Kind.TEXT), *COLUMNS),
                tuple((name, *_cells(sums, "cluster", str(pk))) for pk, name in asked.each),
                chart=("Spent",),
            )
        )
    return tables


def _cells(sums: Counter[tuple[str, str, int]], part: str, name: str) -> tuple[Value, ...]:
    values = [sums[part, name, number] for number in range(len(COLUMNS))]
    return (values[0], rounded(values[1] / 60), *values[2:])


REPORT = Report(
    "interpreting",
    "Interpreter spend",
    "What interpreters cost in any period, by language, month and Cluster.",
    1,
    make,
    counted="Bookings",
)
