"""Re-referral within 12 months of an ending (domain 2.9; [L] gives 33 % and names no window)."""

from collections import Counter

from cluster_ehs.core.figures import percentage
from monitoring.suite.counting import rows_of
from monitoring.suite.shapes import COUNTED, Asked, Column, Kind, Report, Table, Value, counted
from triage.models import Ending

# The next referral of the same child, and of the same family, after the ending and by the as-at day. A case opened
# again within 28 days goes on: that is no new referral. `whole`: 12 months have passed since.
_ENDED = """
WITH ended AS MATERIALIZED (
    SELECT e.id, e.cluster_id, e."where", e.ended_on, r.id AS referral_id, r.child_id, r.family_id, r.received_on
    FROM triage_ending e JOIN referrals_referral r ON r.id = e.referral_id
    WHERE e.cluster_id = ANY (%(clusters)s) AND e.ended_on BETWEEN %(start)s AND %(end)s
),
followed AS (
    SELECT x.id, x.cluster_id, x."where", x.ended_on,
        x.ended_on + interval '12 months' <= %(day)s AS whole,
        (SELECT min(r.received_on) FROM referrals_referral r WHERE r.child_id = x.child_id
            AND r.received_on > x.ended_on AND r.received_on <= %(day)s AND r.id <> x.referral_id) AS again,
        (SELECT min(r.received_on) FROM referrals_referral r WHERE r.family_id = x.family_id
            AND r.received_on > x.ended_on AND r.received_on <= %(day)s AND r.id <> x.referral_id) AS family_again
    FROM ended x
),
came AS MATERIALIZED (
    SELECT r.cluster_id, EXISTS (
            SELECT FROM referrals_referral o JOIN triage_ending e ON e.referral_id = o.id
            WHERE o.child_id = r.child_id AND o.id <> r.id AND e.ended_on < r.received_on
            AND e.ended_on + interval '12 months' >= r.received_on) AS child,
        EXISTS (
            SELECT FROM referrals_referral o JOIN triage_ending e ON e.referral_id = o.id
            WHERE o.family_id = r.family_id AND o.id <> r.id AND e.ended_on < r.received_on
            AND e.ended_on + interval '12 months' >= r.received_on) AS family
    FROM referrals_referral r
    WHERE r.cluster_id = ANY (%(clusters)s) AND r.received_on BETWEEN %(start)s AND %(end)s
)
SELECT 'ended', cluster_id, "where", whole,
    CASE WHEN again <= ended_on + interval '3 months' THEN 3 WHEN again <= ended_on + interval '6 months' THEN 6
         WHEN again <= ended_on + interval '12 months' THEN 12 END,
    coalesce(family_again <= ended_on + interval '12 months', false), count(*)
FROM followed GROUP BY 2, 3, 4, 5, 6
UNION ALL
SELECT 'came', cluster_id, '', child, 0, family, count(*) FROM came GROUP BY 2, 4, 6
"""

AGAIN = ((3, "Again within 3 months"), (6, "Again after 3 to 6 months"), (12, "Again after 6 to 12 months"))
NOT_AGAIN, NOT_YET = "Not again within 12 months", "Not again so far, 12 months not over"


def make(asked: Asked) -> list[Table]:
    ended: Counter[tuple[str, str]] = Counter()
    family: Counter[str] = Counter()
    came: Counter[str] = Counter()
    clusters: Counter[tuple[int, str]] = Counter()
    for part, cluster, where, whole, months, by_family, count in rows_of(_ENDED, asked):
        if part == "came":
            came["all"] += count
            came["child"] += count if whole else 0
            came["family"] += count if by_family else 0
            clusters[cluster, "came"] += count
            clusters[cluster, "child"] += count if whole else 0
            continue
        row = dict(AGAIN).get(months) or (NOT_AGAIN if whole else NOT_YET)
        for place in ("all", where):
            ended[place, row] += count
            ended[place, "total"] += count
        family["again"] += count if by_family else 0
    total = ended["all", "total"]
    rows = [*(words for _, words in AGAIN), NOT_AGAIN, NOT_YET]
    tables = [
        counted(
            "again",
            "Referrals that ended in the period: was the child referred again?",
            [(row, ended["all", row]) for row in rows],
            denominator=total,
            of="referrals that ended in the period",
            missing=ended["all", NOT_YET],
            note=f"A brother or sister counted too, {family['again']} were referred again within 12 months. Per cent "
            "grow until 12 months have passed after the last ending.",
        ),
        Table(
            "where",
            "Referred again within 12 months, by where the first referral ended",
            (
                Column("Ended", Kind.TEXT),
                Column("Ended in the period"),
                Column("Again within 12 months"),
                Column("Again, per cent", Kind.PERCENT),
            ),
            tuple((str(label), *_again(ended, value)) for value, label in Ending.Where.choices),
            of="the row’s referrals that ended in the period",
        ),
        Table(
            "came",
            "Referrals received in the period that are re-referrals",
            (Column("Row", Kind.TEXT), *COUNTED),
            (
                (
                    "The same child, within 12 months of an ending",
                    came["child"],
                    percentage(came["child"], came["all"]),
                ),
                (
                    "The same family, within 12 months of an ending",
                    came["family"],
                    percentage(came["family"], came["all"]),
                ),
            ),
            came["all"],
            "referrals received in the period",
            note="What [L] counts: 33 % there, without a window.",
            chart=("Per cent",),
        ),
    ]
    if len(asked.clusters) > 1:
        tables.append(
            Table(
                "clusters",
                "Re-referrals of the same child among those received, by Cluster",
                (
                    Column("Cluster", Kind.TEXT),
                    Column("Received"),
                    Column("Re-referrals"),
                    Column("Per cent", Kind.PERCENT),
                ),
                tuple(
                    (
                        name,
                        clusters[pk, "came"],
                        clusters[pk, "child"],
                        percentage(clusters[pk, "child"], clusters[pk, "came"]),
                    )
                    for pk, name in asked.each
                ),
                of="referrals received in the period by the Cluster of the row",
                chart=("Per cent",),
            )
        )
    return tables


def _again(ended: Counter[tuple[str, str]], where: str) -> tuple[Value, ...]:
    again = sum(ended[where, words] for _, words in AGAIN)
    return (ended[where, "total"], again, percentage(again, ended[where, "total"]))


REPORT = Report(
    "re-referral",
    "Re-referral",
    "Which families come back within 12 months of an ending, and how many of the new referrals are re-referrals.",
    1,
    make,
    counted="Endings and referrals",
)
