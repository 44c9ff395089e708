"""Reads of findings: one's own, a Cluster's, those of a family; figures per Cluster and rule; the score over time."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, When
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.figures import percentage, year_before
from clusters.models import Cluster, User
from clusters.people import duties
from monitoring.quality.check import Where
from monitoring.quality.checks import BY_CODE
from monitoring.quality.models import Finding, QualityScore, Rule, Severity

SCORE_WORDS = (
    "Families in the work without a severe finding, per cent of families in the work. In the work: a referral that has "
    "not ended or was received in the last two years, or an open case. What is set aside does not count meanwhile."
)
GRAVEST_FIRST = Case(*(When(rule__severity=value, then=n) for n, value in enumerate(Severity.values)))


def findings() -> QuerySet[Finding]:
    """Open findings of rules that are on, the gravest first, then the oldest."""
    rows = Finding.objects.open().filter(rule__active=True).select_related("rule", "ask", "cluster")
    return rows.order_by(GRAVEST_FIRST, "rule__order", "day", "reference", "pk")


def to_do() -> QuerySet[Finding]:
    today = timezone.localdate()
    return findings().filter(Q(aside_until__isnull=True) | Q(aside_until__lt=today))


def own(user: User) -> QuerySet[Finding]:
    """What this person is asked to put right in the Clusters where they work now."""
    return to_do().filter(ask=user, rule__owner="worker", cluster_id__in=duties(user).clusters)


def of_leader(user: User) -> QuerySet[Finding]:
    return to_do().filter(cluster_id__in=duties(user).leads)


@dataclass(frozen=True)
class Line:
    """A finding as pages show it: what is to be done, and where."""

    finding: Finding
    to_do: str
    fix: str
    page: str


def line(finding: Finding) -> Line:
    check = BY_CODE[finding.rule.code]
    return Line(
        finding, check.to_do, reverse(check.fix, args=[finding.fix_id]), reverse(check.page, args=[finding.page_id])
    )


def score_of(cluster_id: int, today: date) -> tuple[int, int]:
    """Families in the work, and those of them without a severe finding that is to be put right (`SCORE_WORDS`)."""
    with connection.cursor() as cursor:
        cursor.execute(_SCORE, {"cluster": cluster_id, "today": today, "since": year_before(year_before(today))})
        return cursor.fetchone()


_SCORE = """
SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (
    SELECT FROM monitoring_finding x JOIN monitoring_rule u ON u.id = x.rule_id AND u.severity = 'severe' AND u.active
    WHERE x.family_id = work.family_id AND x.closed_at IS NULL
      AND (x.aside_until IS NULL OR x.aside_until < %(today)s)))
FROM (
    SELECT family_id FROM referrals_referral
    WHERE cluster_id = %(cluster)s AND (status <> 'ended' OR received_on >= %(since)s)
    UNION SELECT family_id FROM cases_case WHERE cluster_id = %(cluster)s AND status <> 'closed'
) work
"""


def counts_by_rule(clusters: Collection[int]) -> dict[tuple[int, str], int]:
    """(cluster id, rule's code) -> findings to put right. The caller opens the scope of figures for other Clusters."""
    rows = to_do().filter(cluster_id__in=list(clusters)).order_by()
    return {
        (cluster, code): count
        for cluster, code, count in rows.values_list("cluster_id", "rule__code").annotate(n=Count("pk"))
    }


@dataclass(frozen=True)
class Standing:
    """How a Cluster stands: its score by month, the latest last, and its findings by rule."""

    cluster: Cluster
    scores: list[QualityScore]
    by_rule: Counter[str]

    @property
    def latest(self) -> QualityScore | None:
        return self.scores[-1] if self.scores else None

    @property
    def percent(self) -> Decimal | None:
        return score_percent(self.latest)

    @property
    def total(self) -> int:
        return self.by_rule.total()


def latest_scores(clusters: Collection[int]) -> QuerySet[QualityScore]:
    """The score of each Cluster when it was last checked."""
    rows = QualityScore.objects.filter(cluster_id__in=list(clusters), checked_at__isnull=False)
    later = QualityScore.objects.filter(
        cluster=OuterRef("cluster"), month__gt=OuterRef("month"), checked_at__isnull=False
    )
    return rows.filter(~Exists(later))


def score_percent(score: QualityScore | None) -> Decimal | None:
    """One decimal more than none: the score as a percentage; None of no families."""
    return percentage(score.without_severe, score.records) if score else None


def standing(clusters: Collection[Cluster], *, months: int = 12) -> list[Standing]:
    """Clusters side by side. Two queries; the caller opens the scope."""
    ids = [cluster.pk for cluster in clusters]
    by_rule: dict[int, Counter[str]] = {pk: Counter() for pk in ids}
    for (cluster_id, code), count in counts_by_rule(ids).items():
        by_rule[cluster_id][code] = count
    scores: dict[int, list[QualityScore]] = {pk: [] for pk in ids}
    since = year_before(timezone.localdate().replace(day=1))
    rows = QualityScore.objects.filter(cluster_id__in=ids, month__gt=since, checked_at__isnull=False)
    for score in rows.order_by("month"):
        scores[score.cluster_id].append(score)
    return [Standing(cluster, scores[cluster.pk][-months:], by_rule[cluster.pk]) for cluster in clusters]


def of_family(family_id: UUID) -> list[Finding]:
    """Open findings of one family, those set aside too."""
    return list(findings().filter(family_id=family_id))


def rules() -> QuerySet[Rule]:
    return Rule.objects.filter(code__in=BY_CODE)


def rows_of(clusters: Collection[int], *, code: str = "", severity: str = "", aside: bool = False) -> QuerySet[Finding]:
    """Findings of some Clusters, narrowed; by reference, for lists and downloads."""
    rows = findings() if aside else to_do()
    rows = rows.filter(cluster_id__in=list(clusters))
    if code:
        rows = rows.filter(rule__code=code)
    return rows.filter(rule__severity=severity) if severity else rows


def listed(rows: QuerySet[Finding]) -> list[Any]:
    """Columns of the download: no name of anybody of a family."""
    return list(
        rows.values(
            cluster_name=F("cluster__name"),
            rule_title=F("rule__title"),
            severity=F("rule__severity"),
            of=F("reference"),
            since=F("day"),
            found=F("opened_at"),
        )
    )


def still_wrong(family: UUID, rules: Collection[tuple[str, int | None]]) -> set[tuple[str, str]]:
    """(rule's code, record id) of what is not as it should be in one family, for rules with their weeks.

    One statement for all rules that are a statement alone, one more for each that asks a function.
    """
    where = Where(family=family)
    together = [(BY_CODE[code], weeks) for code, weeks in rules if BY_CODE[code].sql and not BY_CODE[code].wrong]
    found = set()
    if together:
        values = where.values(None)
        parts = []
        for check, weeks in together:
            sql = check.sql.replace("%(before)s", f"%(before_{check.code})s")
            values[f"before_{check.code}"] = where.values(weeks)["before"]
            parts.append(f"SELECT '{check.code}', record_id FROM ({sql}) found WHERE family_id = %(family)s")  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), values)
            found |= set(cursor.fetchall())
    for code, weeks in rules:
        if not BY_CODE[code].sql or BY_CODE[code].wrong:
            found |= {(code, one.record_id) for one in BY_CODE[code].found(where, weeks)}
    return found
