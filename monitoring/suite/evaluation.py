"""The evaluation's tables [E 3.1.1] as a report: the figures of their page, of runs and of downloads are the same."""

from monitoring.suite.shapes import Asked, Column, Kind, Report, Table, of_table
from monitoring.tables import DEFINITION, evaluation


def make(asked: Asked) -> list[Table]:
    made = evaluation(clusters=asked.clusters, names=asked.names, period=asked.period, as_at=asked.as_at)
    received = Table(
        "received",
        "Referrals and children",
        (Column("Row", Kind.TEXT), Column("Count")),
        (("Referrals received", made.referrals), ("Children", made.children)),
        note="A child referred twice counts twice among the referrals.",
    )
    return [received, *(of_table(table) for table in (*made.tables, *made.beside))]


REPORT = Report(
    "tables",
    "The evaluation’s tables",
    "Who is referred, why, by whom, what was decided and how it ended: the tables of the evaluation of 2023.",
    DEFINITION,
    make,
    counted="Referrals received",
    page="monitoring-tables",
)
