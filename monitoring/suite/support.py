"""Length of support by service [P]: weeks from the first to the last day, against the weeks of the entitlement."""

from collections import Counter, defaultdict

from cases.models import CaseService
from cluster_ehs.core.figures import percentage
from monitoring.suite.counting import Spread, banded, rows_of, spread_columns
from monitoring.suite.shapes import Asked, Column, Kind, Report, Table, counted

_LENGTHS = """
SELECT 'service', v.cluster_id, s.name, s."order", (v.ends_on - v.starts_on) / 7 AS weeks, v.end_reason,
    n.weeks IS NOT NULL AS limited, v.ends_on > v.starts_on + 7 * n.weeks AS over, count(*)
FROM cases_caseservice v JOIN clusters_service s ON s.id = v.service_id
LEFT JOIN clusters_entitlement n ON n.id = v.entitlement_id
WHERE v.cluster_id = ANY (%(clusters)s) AND v.ends_on BETWEEN %(start)s AND %(end)s
GROUP BY 2, 3, 4, 5, 6, 7, 8
UNION ALL
SELECT 'case', c.cluster_id, '', 0, (c.closed_on - c.opened_on) / 7, '', false, false, count(*)
FROM cases_case c
WHERE c.cluster_id = ANY (%(clusters)s) AND c.closed_on BETWEEN %(start)s AND %(end)s GROUP BY 2, 5
UNION ALL
SELECT 'open', c.cluster_id, '', 0, (%(end)s - c.opened_on) / 7, '', false, false, count(*)
FROM cases_case c
WHERE c.cluster_id = ANY (%(clusters)s) AND c.opened_on <= %(end)s AND (c.closed_on IS NULL OR c.closed_on > %(end)s)
GROUP BY 2, 5
"""

WEEKS = (
    ("Less than 4 weeks", 0, 3),
    ("4 to 12 weeks", 4, 12),
    ("13 to 25 weeks", 13, 25),
    ("26 to 51 weeks", 26, 51),
    ("A year or longer", 52, None),
)
EVERY = "All services"


def make(asked: Asked) -> list[Table]:
    services: dict[str, int] = {}
    lengths: dict[str, Spread] = defaultdict(Spread)
    cases: dict[tuple[str, int], Spread] = defaultdict(Spread)
    limited: Counter[str] = Counter()
    over: Counter[str] = Counter()
    why: Counter[str] = Counter()
    for part, cluster, service, order, weeks, reason, has_limit, is_over, count in rows_of(_LENGTHS, asked):
        if part != "service":
            cases[part, 0].add(weeks, count)
            cases[part, cluster].add(weeks, count)
            continue
        services[service] = order
        why[reason] += count
        for name in (service, EVERY):
            lengths[name].add(weeks, count)
            limited[name] += count if has_limit else 0
            over[name] += count if is_over else 0
    names = [*sorted(services, key=lambda name: (services[name], name)), EVERY]
    closed = cases["case", 0]
    tables = [
        Table(
            "services",
            "Services that ended in the period: weeks of support",
            (
                *spread_columns("Service", "Ended", "weeks"),
                Column("Limited in weeks"),
                Column("Longer than the entitlement"),
                Column("Longer, per cent", Kind.PERCENT),
            ),
            tuple(
                (name, *lengths[name].figures, limited[name], over[name], percentage(over[name], limited[name]))
                for name in names
            ),
            of="the row’s services limited in weeks by the entitlement they began under",
            note="An extension may stand behind what is longer.",
            chart=("Middle (weeks)",),
        ),
        counted(
            "why",
            "Why these services ended",
            [*((label, why[value]) for value, label in CaseService.EndReason.choices), ("Not recorded", why[""])],
            denominator=lengths[EVERY].count,
            of="services that ended in the period",
            missing=why[""],
        ),
        counted(
            "closed",
            "Cases closed in the period: weeks open",
            banded(closed, WEEKS),
            denominator=closed.count,
            of="cases closed in the period",
            note=_middle(closed),
        ),
        counted(
            "open",
            "Cases open on the last day: weeks so far",
            banded(cases["open", 0], WEEKS),
            denominator=cases["open", 0].count,
            of="cases open on the last day of the period",
            note=_middle(cases["open", 0]),
        ),
    ]
    if len(asked.clusters) > 1:
        tables.append(
            Table(
                "clusters",
                "Cases closed in the period, by Cluster",
                spread_columns("Cluster", "Closed", "weeks"),
                tuple((name, *cases["case", pk].figures) for pk, name in asked.each),
                chart=("Middle (weeks)",),
            )
        )
    return tables


def _middle(spread: Spread) -> str:
    return f"The middle is {spread.middle:g} weeks." if spread.middle is not None else ""


REPORT = Report(
    "support",
    "Length of support",
    "How many weeks each service and each case lasted, why services ended, and which went beyond their entitlement.",
    1,
    make,
    counted="Services and cases that ended",
)
