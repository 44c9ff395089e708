"""Work above early help: the level of need at referral beside the level at decision, per Cluster.

One statement makes the figures, the list behind each and the download. The caller opens the scope
(`scope.figures()`), so a manager counts every Cluster and reads references, no names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from clusters.models import NeedLevel
from clusters.need import levels_on
from monitoring.tables import Period

PATHWAY = "send_health.diagnosis_pathway"
NOT_RECORDED, UNDECIDED, ABOVE, ANY = "none", "undecided", "above", ""
SIZE = 50

# Both levels as words: the level's key, `none` where nobody said, `undecided` where there is no decision yet.
_COUNTED = """
SELECT r.id, r.cluster_id, r.reference, r.received_on,
       coalesce(r.need_level_id::text, 'none') AS referral,
       CASE WHEN d.id IS NULL THEN 'undecided' ELSE coalesce(d.need_level_id::text, 'none') END AS decision,
       coalesce(a.above_early_help, false) AS above_at_referral,
       coalesce(b.above_early_help, false) AS above_at_decision,
       EXISTS (SELECT FROM referrals_referralreason x JOIN clusters_term t ON t.id = x.reason_id
               WHERE x.referral_id = r.id AND t.vocabulary = 'reason' AND t.code = %(pathway)s) AS pathway
FROM referrals_referral r
LEFT JOIN triage_decision d ON d.referral_id = r.id
LEFT JOIN clusters_needlevel a ON a.id = r.need_level_id
LEFT JOIN clusters_needlevel b ON b.id = d.need_level_id
WHERE r.cluster_id = ANY (%(clusters)s) AND r.received_on BETWEEN %(start)s AND %(end)s
"""


@dataclass(frozen=True)
class Cell:
    """Referrals of one Cluster that had one level at referral and one at decision."""

    cluster: int
    referral: str
    decision: str
    above_at_referral: bool
    above_at_decision: bool
    count: int
    pathway: int


@dataclass(frozen=True)
class Chosen:
    """Which figure is meant: a level at each moment (a key, `none`, `undecided`, `above`), and the pathway's reason."""

    referral: str = ANY
    decision: str = ANY
    pathway: bool = False


@dataclass(frozen=True)
class Entry:
    pk: UUID
    cluster: int
    reference: str
    received_on: date
    referral: str
    decision: str
    pathway: bool


def cells(*, clusters: Sequence[int], period: Period) -> list[Cell]:
    """What was received in the period (both days counted), by Cluster and both levels; nothing for empty cells."""
    sql = (
        "SELECT cluster_id, referral, decision, above_at_referral, above_at_decision, count(*),"  # noqa: S608
        f" count(*) FILTER (WHERE pathway) FROM ({_COUNTED}) counted GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, _values(clusters, period))
        return [Cell(*row) for row in cursor.fetchall()]


_BEHIND = f"""
SELECT id, cluster_id, reference, received_on, referral, decision, pathway FROM ({_COUNTED}) counted
WHERE (%(referral)s = '' OR referral = %(referral)s OR %(referral)s = 'above' AND above_at_referral)
  AND (%(decision)s = '' OR decision = %(decision)s OR %(decision)s = 'above' AND above_at_decision)
  AND (pathway OR NOT %(only_pathway)s)
"""  # noqa: S608
_PAGE = f"""
WITH behind AS ({_BEHIND})
SELECT b.*, (SELECT count(*) FROM behind) FROM behind b WHERE {{beyond}}
ORDER BY b.received_on {{way}}, b.reference {{way}}, b.id {{way}} LIMIT %(limit)s
"""  # noqa: S608
_BEYOND = """
(b.received_on, b.reference, b.id) {sign} (SELECT a.received_on, a.reference, a.id FROM referrals_referral a
                                           WHERE a.id = %(anchor)s)
"""


@dataclass(frozen=True)
class Listed:
    """One page of a list, the newest first. number: of the whole. newer, older: the row beside which the page before
    or after it begins, or None."""

    rows: list[Entry]
    number: int = 0
    newer: UUID | None = None
    older: UUID | None = None


def listed(*, clusters: Sequence[int], period: Period, chosen: Chosen) -> list[Entry]:
    """Every referral behind a figure, the newest first."""
    sql = _BEHIND + " ORDER BY received_on DESC, reference DESC, id DESC"
    return [Entry(*row) for row in _rows(sql, clusters, period, chosen)]


def listed_page(
    *,
    clusters: Sequence[int],
    period: Period,
    chosen: Chosen,
    after: UUID | None = None,
    before: UUID | None = None,
    size: int = SIZE,
) -> Listed:
    """`size` of them: those after (older than) a row, or just before it."""
    backwards, anchor = before is not None, before or after
    beyond = _BEYOND.format(sign=">" if backwards else "<") if anchor else "true"
    sql = _PAGE.format(beyond=beyond, way="ASC" if backwards else "DESC")
    found = _rows(sql, clusters, period, chosen, anchor=anchor, limit=size + 1)
    more, rows = len(found) > size, [Entry(*row[:-1]) for row in found[:size]]
    if backwards:
        rows.reverse()
    if not rows:
        return Listed([])
    newer, older = (more, True) if backwards else (anchor is not None, more)
    return Listed(rows, found[0][-1], rows[0].pk if newer else None, rows[-1].pk if older else None)


def _rows(sql: str, clusters: Sequence[int], period: Period, chosen: Chosen, **more: Any) -> list[tuple[Any, ...]]:
    levels = {"referral": chosen.referral, "decision": chosen.decision, "only_pathway": chosen.pathway}
    with connection.cursor() as cursor:
        cursor.execute(sql, _values(clusters, period) | levels | more)
        return cursor.fetchall()


def _values(clusters: Sequence[int], period: Period) -> dict[str, Any]:
    return {"clusters": list(clusters), "start": period.start, "end": period.end, "pathway": PATHWAY}


def names(used: set[str]) -> dict[str, str]:
    """Key -> what a level is called, in order: those of today and those that were used, then the words of no level.

    Levels of several documents say from when their document holds.
    """
    keys = {int(key) for key in used if key.isdecimal() and len(key) < 10}
    rows = NeedLevel.objects.filter(Q(pk__in=keys) | Q(pk__in=levels_on().values("pk")))
    levels = list(rows.select_related("document").order_by("document__starts_on", "order"))
    several = len({level.document_id for level in levels}) > 1
    found = {
        str(level.pk): f"{level.label} (thresholds of {level.document.starts_on.year})" if several else level.label
        for level in levels
    }
    return found | {NOT_RECORDED: "Not recorded", UNDECIDED: "Not decided yet"}
