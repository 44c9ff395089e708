"""Partner services: what was passed on to whom, what became of it, and how those referrals ended [E 3.1]."""

from collections import Counter, defaultdict

from cluster_ehs.core.figures import percentage
from monitoring.suite.counting import Spread, rows_of
from monitoring.suite.shapes import Asked, Column, Kind, Report, Table, counted
from monitoring.tables import NO_OUTCOME, NOT_CLOSED, OUTCOMES, SEVERAL
from triage.models import Outcome, PassingOn

# What became known after the last day is not known yet; the statuses themselves are as they are now.
_PASSED = """
WITH passed AS MATERIALIZED (
    SELECT o.id, o.partner_id, d.referral_id, p.name, p."order", o.return_expected,
        CASE WHEN o.known_on <= %(end)s THEN o.status ELSE 'sent' END AS status,
        CASE WHEN o.known_on <= %(end)s THEN o.known_on - o.sent_on END AS days,
        o.known_on IS NULL AND o.news_due_on < %(end)s AS late
    FROM triage_passingon o JOIN clusters_partnerservice p ON p.id = o.partner_id
    JOIN triage_decision d ON d.id = o.decision_id
    WHERE o.cluster_id = ANY (%(clusters)s) AND o.sent_on BETWEEN %(start)s AND %(end)s
),
referred AS MATERIALIZED (SELECT DISTINCT referral_id FROM passed)
SELECT 'partner', name, "order", status, days, late, count(*) FROM passed GROUP BY 2, 3, 4, 5, 6
UNION ALL
SELECT 'outcome', CASE WHEN min(e.id::text) IS NULL THEN 'open' WHEN min(x.row) IS NULL THEN 'none'
        WHEN min(x.row) = max(x.row) THEN min(x.row) ELSE 'several' END, 0, '', 0, false, 1
FROM referred r LEFT JOIN triage_ending e ON e.referral_id = r.referral_id AND e.ended_on <= %(end)s
LEFT JOIN (SELECT y.ending_id, CASE WHEN y.outcome LIKE 'completed%%' THEN 'completed' ELSE y.outcome END AS row
           FROM triage_endingoutcome y) x ON x.ending_id = e.id
GROUP BY r.referral_id
"""

S = PassingOn.Status
EVERY = "All partner services"


def make(asked: Asked) -> list[Table]:
    statuses: Counter[tuple[str, str]] = Counter()
    days: dict[str, Spread] = defaultdict(Spread)
    late: Counter[str] = Counter()
    order: dict[str, int] = {}
    outcomes: Counter[str] = Counter()
    for part, name, place, status, took, is_late, count in rows_of(_PASSED, asked):
        if part == "outcome":
            outcomes[name] += count
            continue
        order[name] = place
        for row in (name, EVERY):
            statuses[row, status] += count
            late[row] += count if is_late else 0
            if took is not None:
                days[row].add(max(took, 0), count)
    totals = {name: sum(statuses[name, status] for status in S.values) for name in (*order, EVERY)}
    names = [*sorted(order, key=lambda name: (-totals[name], order[name], name)), EVERY]
    rows = tuple(
        (
            name,
            totals[name],
            *(statuses[name, status] for status in S.values),
            percentage(statuses[name, S.DECLINED], totals[name]),
            days[name].middle,
            late[name],
        )
        for name in names
    )
    words = {"open": NOT_CLOSED, "several": SEVERAL, "none": NO_OUTCOME}
    ended = Counter({words.get(key) or str(Outcome(key).label): count for key, count in outcomes.items()})
    return [
        Table(
            "partners",
            f"What became of what was passed on to {len(order)} partner services",
            (
                Column("Partner service", Kind.TEXT),
                Column("Passed on"),
                Column("No answer yet"),
                *(Column(str(S(status).label)) for status in S.values[1:]),
                Column("Declined, per cent", Kind.PERCENT),
                Column("Days to an answer (middle)", Kind.DAYS),
                Column("Answer overdue"),
            ),
            rows,
            of="what was passed on to the partner service of the row",
            missing=statuses[EVERY, S.SENT],
            note="A referral that went to two partner services counts with both.",
            chart=("Passed on",),
        ),
        counted(
            "outcomes",
            "How the referrals that were passed on ended",
            [(name, ended[name]) for name in OUTCOMES],
            denominator=outcomes.total(),
            of="referrals passed on in the period",
            missing=ended[NO_OUTCOME],
            note="A referral counts once, with the outcome of its ending as Table 13 of the evaluation counts it.",
        ),
    ]


REPORT = Report(
    "partners",
    "Partner services",
    "Where families are passed to, who answered, declined or sent them back, and how those referrals ended.",
    1,
    make,
    counted="Passed on",
)
