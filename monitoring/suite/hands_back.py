"""RES team and Early Help Hub [E 3.1][P]: who was sent there, whose case was lent, and who came back."""

from collections import defaultdict

from cluster_ehs.core.figures import percentage
from monitoring.suite.counting import Spread, rows_of, spread_columns
from monitoring.suite.shapes import Asked, Column, Kind, Report, Table

# A way there counts by the day on which it began. `ehs_loans` says when cases were lent and no more of it.
_WAYS = """
SELECT 'decision', o.partner_id, p.name, p."order", CASE WHEN o.status = 'back' AND o.known_on <= %(end)s THEN 'back'
        WHEN o.status = 'declined' AND o.known_on <= %(end)s THEN 'declined'
        WHEN o.return_expected THEN 'away' ELSE 'gone' END AS state,
    CASE WHEN o.status = 'back' AND o.known_on <= %(end)s THEN o.known_on - o.sent_on END, count(*)
FROM triage_passingon o JOIN clusters_partnerservice p ON p.id = o.partner_id AND p.returns_expected
WHERE o.cluster_id = ANY (%(clusters)s) AND o.sent_on BETWEEN %(start)s AND %(end)s
GROUP BY 2, 3, 4, 5, 6
UNION ALL
SELECT 'loan', l.partner_id, p.name, p."order",
    CASE WHEN l.back_on <= %(end)s THEN 'back' ELSE 'away' END,
    CASE WHEN l.back_on <= %(end)s THEN l.back_on - l.lent_on END, count(*)
FROM ehs_loans(%(clusters)s, %(end)s) l JOIN clusters_partnerservice p ON p.id = l.partner_id
WHERE l.lent_on >= %(start)s
GROUP BY 2, 3, 4, 5, 6
UNION ALL
SELECT 'none', p.id, p.name, p."order", '', NULL, 0 FROM clusters_partnerservice p
WHERE p.returns_expected AND (p.retired_on IS NULL OR p.retired_on > %(start)s)
"""

WAYS = {"decision": "at the decision", "loan": "while the case ran"}


def make(asked: Asked) -> list[Table]:
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    away: dict[str, Spread] = defaultdict(Spread)
    order: dict[str, int] = {}
    for way, _partner, name, place, state, days, count in rows_of(_WAYS, asked):
        order[name] = place
        counts[way, name, state] += count
        if days is not None:
            away[name].add(days, count)
    names = sorted(order, key=lambda name: (order[name], name))
    rows = []
    for name in names:
        for way, words in WAYS.items():
            states = [counts[way, name, state] for state in ("back", "away", "declined", "gone")]
            rows.append((f"{name}: {words}", sum(states), *states, percentage(states[0], sum(states))))
    return [
        Table(
            "ways",
            "Sent to the RES team, the Early Help Hub and others that hand families back",
            (
                Column("Partner and when", Kind.TEXT),
                Column("Sent"),
                Column("Back"),
                Column("Still there"),
                Column("Declined"),
                Column("No return expected"),
                Column("Back, per cent", Kind.PERCENT),
            ),
            tuple(rows),
            of="the row’s families sent in the period",
            note="Sent counts each way there; what became of it is as it was on the last day.",
            chart=("Sent", "Back"),
        ),
        Table(
            "days",
            "Days until the family was back",
            spread_columns("Partner", "Back", "days"),
            tuple((name, *away[name].figures) for name in names),
        ),
    ]


REPORT = Report(
    "res-and-hub",
    "RES team and Early Help Hub",
    "Which families were sent for short intensive work, at the decision or later, and how many came back.",
    1,
    make,
    counted="Sent",
)
