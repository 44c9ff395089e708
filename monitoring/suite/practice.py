"""The Leeds Practice Principles [E][P] as figures: how the cases open now stand."""

from monitoring.principles import DOES_NOT_APPLY, standing, summed
from monitoring.suite.shapes import Asked, Column, Kind, Report, Table


def make(asked: Asked) -> list[Table]:
    sums = summed(standing(clusters=asked.clusters))
    return [
        Table(
            "principles",
            "Practice principles in the cases open now",
            (
                Column("Principle", Kind.TEXT),
                Column("Met"),
                Column("Not yet"),
                Column("Met, per cent", Kind.PERCENT),
                Column("Does not apply yet"),
                Column("What it means", Kind.TEXT),
            ),
            tuple(
                (
                    each.principle.label,
                    each.counts["met"],
                    each.counts["not"],
                    each.percent,
                    each.counts[DOES_NOT_APPLY],
                    each.principle.definition,
                )
                for each in sums
            ),
            of="the open cases, less those to which the principle does not apply yet",
            note="Facts of the record as they stand now, whatever the period: nobody ticks them.",
            chart=("Met", "Not yet"),
        )
    ]


REPORT = Report(
    "practice",
    "Practice principles",
    "How many open cases meet each practice principle, as figures to keep and to compare from run to run.",
    1,
    make,
    counted="Cases as they stand now, whatever the days:",
    compares=False,
)
