"""Whose time has come, by the rules of today: one statement for the list, the numbers, the download and one family."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from clusters.models import Cluster
from keeping.disposal.models import Disposal
from keeping.retention.models import Hold, RetentionReview, RetentionRule

SHOWN = 200

# A family is over when each of its referrals has its ending and no case is open. One that had help is kept until its
# youngest child would be so many years old, and never for less time than one that had none; without a date of birth
# the years are counted from the ending. What never had a referral counts from the day it was recorded.
_DUE = """
WITH rule AS (
    SELECT max(years) FILTER (WHERE kind = 'triaged') AS triaged, max(years) FILTER (WHERE kind = 'served') AS served
    FROM (SELECT DISTINCT ON (kind) kind, years FROM keeping_retentionrule WHERE starts_on <= %(today)s
          ORDER BY kind, starts_on DESC, id DESC) latest),
over AS (
    SELECT f.id, f.cluster_id, f.reference, f.restricted,
        coalesce((SELECT max(e.ended_on) FROM triage_ending e WHERE e.family_id = f.id),
                 (f.created_at AT TIME ZONE 'Europe/London')::date) AS ended_on,
        EXISTS (SELECT FROM cases_case c WHERE c.family_id = f.id) AS served,
        (SELECT max(p.birth_date) FROM families_person p WHERE p.family_id = f.id AND p.is_child) AS youngest
    FROM families_family f
    WHERE f.cluster_id = ANY (%(clusters)s) AND f.merged_into_id IS NULL
      AND (%(family)s::uuid IS NULL OR f.id = %(family)s)
      AND NOT EXISTS (SELECT FROM cases_case c WHERE c.family_id = f.id AND c.status <> 'closed')
      AND NOT EXISTS (SELECT FROM referrals_referral r LEFT JOIN triage_ending e ON e.referral_id = r.id
                      WHERE r.family_id = f.id AND e.id IS NULL)),
due AS (
    SELECT o.*, CASE WHEN o.served THEN greatest(coalesce(youngest, ended_on) + make_interval(years => rule.served),
                                               ended_on + make_interval(years => rule.triaged))
                     ELSE ended_on + make_interval(years => rule.triaged) END::date AS due_on
    FROM over o, rule)
SELECT d.id, d.cluster_id, c.name, d.reference, d.restricted, d.served, d.ended_on, d.due_on,
    EXISTS (SELECT FROM keeping_hold h WHERE h.family_id = d.id AND h.kind = 'legal' AND h.ended_at IS NULL),
    (SELECT max(h.until) FROM keeping_hold h WHERE h.family_id = d.id AND h.kind = 'longer' AND h.ended_at IS NULL
        AND h.until > %(today)s),
    (SELECT x.id FROM keeping_disposal x WHERE x.family_key = d.id AND x.status IN ('asked', 'confirmed') LIMIT 1)
FROM due d JOIN clusters_cluster c ON c.id = d.cluster_id
WHERE d.due_on <= %(until)s ORDER BY d.due_on, d.reference LIMIT %(most)s
"""


@dataclass(frozen=True)
class Due:
    """One family whose time has come, without its name."""

    family_id: UUID
    cluster_id: int
    cluster: str
    reference: str
    restricted: bool
    served: bool
    ended_on: date
    due_on: date
    legal_hold: bool
    kept_until: date | None
    disposal_id: UUID | None

    @property
    def is_open(self) -> bool:
        """Somebody has to look at it: nothing stops it and nothing has been asked for."""
        return not (self.legal_hold or self.kept_until or self.disposal_id)

    @property
    def state(self) -> str:
        if self.disposal_id:
            return "Disposal asked for"
        if self.legal_hold:
            return "Legal hold"
        return f"Kept until {self.kept_until:%d/%m/%Y}" if self.kept_until else "To be looked at"


def due(
    clusters: Collection[int], *, until: date | None = None, family: UUID | None = None, most: int = 5000
) -> list[Due]:
    """Families due by a day (default: today), the longest due first, in the Clusters and within the reader's scope."""
    today = timezone.localdate()
    values: dict[str, Any] = {"clusters": list(clusters), "today": today, "until": until or today}
    values |= {"family": family, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_DUE, values)
        return [Due(*row) for row in cursor.fetchall()]


def every_cluster() -> list[int]:
    return list(Cluster.objects.values_list("pk", flat=True))


def when_due(family_id: UUID, cluster_id: int) -> Due | None:
    """The same of one family, whenever its day is; None while it is in the work."""
    found = due([cluster_id], until=date.max, family=family_id)
    return found[0] if found else None


def rules() -> list[RetentionRule]:
    """Those that hold today."""
    begun = RetentionRule.objects.filter(starts_on__lte=timezone.localdate())
    return list(begun.order_by("-kind", "-starts_on", "-id").distinct("kind"))


def rule_words(one: Due) -> str:
    """The rule that makes a family due, in the words that stand on the certificate."""
    kind = RetentionRule.Kind.SERVED if one.served else RetentionRule.Kind.TRIAGED
    return next((str(rule) for rule in rules() if rule.kind == kind), kind.label)


def legal_holds() -> QuerySet[Hold]:
    return Hold.objects.filter(kind=Hold.Kind.LEGAL, ended_at__isnull=True)


def legal_hold_of(family_id: UUID) -> Hold | None:
    return legal_holds().filter(family_id=family_id).select_related("set_by", "review").first()


def reviews_of(family_id: UUID) -> QuerySet[RetentionReview]:
    return RetentionReview.objects.filter(family_id=family_id).select_related("by")


def disposals(clusters: Collection[int]) -> QuerySet[Disposal]:
    found = Disposal.objects.filter(cluster_id__in=clusters)
    return found.select_related("cluster", "asked_by", "answered_by")
