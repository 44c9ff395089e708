"""Findings are opened and closed by the check; a person sets one aside; a manager edits the rules."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

from celery import current_app
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.changes import change
from clusters.models import Cluster, User
from monitoring.quality import policies, selectors
from monitoring.quality.check import Found, Where
from monitoring.quality.checks import BY_CODE, CHECKS
from monitoring.quality.models import Finding, QualityScore, Rule, SetAside

EVERY = timedelta(hours=6)
LEASE = timedelta(minutes=10)
LONGEST_ASIDE = 365
_KEPT = ("cluster_id", "family_id", "reference", "page_id", "fix_id", "day", "ask_id")


def keep_rules(**_: object) -> None:
    """A row for each rule that the program ships; what a manager changed stays. From `migrate`."""
    known = set(Rule.objects.values_list("code", flat=True))
    Rule.objects.bulk_create(
        Rule(
            code=check.code,
            title=check.title,
            why=check.why,
            severity=check.severity,
            owner=check.owner,
            weeks=check.weeks,
            order=10 * place,
        )
        for place, check in enumerate(CHECKS, start=1)
        if check.code not in known
    )


def check_cluster(cluster_id: int, today: date | None = None) -> None:
    """Look for everything in one Cluster: open what is found, close what was put right, count the score."""
    today = today or timezone.localdate()
    with acting_as(NamedActor.QUALITY, clusters=[cluster_id]), connection.cursor() as cursor:
        # Compiling the statements would take longer than running them.
        cursor.execute("SET LOCAL jit = off")
        for rule in selectors.rules():
            found = BY_CODE[rule.code].found(Where([cluster_id], today=today), rule.weeks) if rule.active else []
            known = Finding.objects.open().filter(rule=rule, cluster_id=cluster_id)
            _settle(rule, found, list(known))
        _keep_score(cluster_id, today)


def _settle(rule: Rule, found: Sequence[Found], known: Iterable[Finding]) -> None:
    """Make the open findings of a rule those that were found."""
    by_record = {one.record_id: one for one in found}
    gone, moved = [], []
    for finding in known:
        now = by_record.pop(finding.record_id, None)
        if now is None:
            gone.append(finding.pk)
        elif any(getattr(finding, name) != getattr(now, name) for name in _KEPT):
            for name in _KEPT:
                setattr(finding, name, getattr(now, name))
            moved.append(finding)
    Finding.objects.filter(pk__in=gone).update(closed_at=timezone.now())
    Finding.objects.bulk_update(moved, _KEPT, batch_size=500)
    # Two checks at once find the same: the second adds nothing.
    Finding.objects.bulk_create(
        (Finding(rule=rule, **one._asdict()) for one in by_record.values()), batch_size=1000, ignore_conflicts=True
    )


def close_put_right(family_id: UUID) -> list[Finding]:
    """Look again at what is open of one family and close what was put right. Returns what is left.

    In the scope of whoever opened the record's page: one query when nothing is open, two as a rule when something is.
    """
    rows = selectors.of_family(family_id)
    if not rows:
        return []
    wrong = selectors.still_wrong(family_id, {(row.rule.code, row.rule.weeks) for row in rows})
    gone = [row.pk for row in rows if (row.rule.code, row.record_id) not in wrong]
    if gone:
        Finding.objects.filter(pk__in=gone).update(closed_at=timezone.now())
    return [row for row in rows if row.pk not in gone]


def _keep_score(cluster_id: int, today: date) -> None:
    records, fine = selectors.score_of(cluster_id, today)
    by_rule = {code: count for (_, code), count in selectors.counts_by_rule([cluster_id]).items()}
    QualityScore.objects.update_or_create(
        cluster_id=cluster_id,
        month=today.replace(day=1),
        defaults={
            "records": records,
            "without_severe": fine,
            "by_rule": by_rule,
            "checked_at": timezone.now(),
            "leased_until": None,
        },
    )


def check_due() -> int:
    """Check each Cluster whose last check is older than six hours, one after the other. Returns how many."""
    return sum(_check_leased(cluster_id) for cluster_id in due_clusters())


def due_clusters() -> list[int]:
    """Clusters in use that were not checked for six hours and that no worker is checking."""
    now = timezone.now()
    with acting_as(NamedActor.SCHEDULER):
        recent = QualityScore.objects.filter(month=timezone.localdate().replace(day=1)).filter(
            Q(checked_at__gt=now - EVERY) | Q(leased_until__gt=now)
        )
        busy = set(recent.values_list("cluster_id", flat=True))
    return [pk for pk in Cluster.objects.filter(retired_on__isnull=True).values_list("pk", flat=True) if pk not in busy]


def _check_leased(cluster_id: int) -> bool:
    now = timezone.now()
    with acting_as(NamedActor.QUALITY, clusters=[cluster_id]):
        month = {"cluster_id": cluster_id, "month": timezone.localdate().replace(day=1)}
        QualityScore.objects.bulk_create([QualityScore(**month)], ignore_conflicts=True)
        free = QualityScore.objects.filter(Q(leased_until__isnull=True) | Q(leased_until__lt=now), **month)
        taken = free.exclude(checked_at__gt=now - EVERY).update(leased_until=now + LEASE)
    if taken:
        check_cluster(cluster_id)
    return bool(taken)


def carry_on() -> None:
    """For the sweep: ask a worker for the check when one is due, however long nobody looked."""
    if due_clusters():
        current_app.send_task("monitoring.check_quality")


@transaction.atomic
def set_aside(*, by: User, finding_id: uuid.UUID, reason: str, until: date) -> Finding:
    """Leave a finding out of lists and score until a day, with a reason. Raises Denied, ValidationError."""
    finding = Finding.objects.select_for_update(of=("self",)).select_related("rule").get(pk=finding_id)
    policies.check_set_aside(by, finding)
    days = (until - timezone.localdate()).days
    if not 1 <= days <= LONGEST_ASIDE:
        raise ValidationError({"until": "Choose a day from tomorrow to a year from now"})
    SetAside.objects.create(
        cluster_id=finding.cluster_id, family_id=finding.family_id, finding=finding, reason=reason, until=until, by=by
    )
    finding.aside_until = until
    finding.save(update_fields=["aside_until"])
    text = f"Set aside until {until.day} {until:%B %Y}: {finding.rule.title.lower()}"
    audit.event(by=by, kind="quality.aside", text=text, about=finding)
    return finding


@transaction.atomic
def change_rule(*, by: User, rule_id: int, severity: str, owner: str, active: bool, weeks: int | None) -> Rule:
    """A manager turns a rule on or off and says how grave it is, whose, and after how many weeks. Raises Denied."""
    policies.check_edit_rules(by)
    rule = Rule.objects.select_for_update(of=("self",)).get(pk=rule_id)
    values = {"severity": severity, "owner": owner, "active": active}
    if rule.weeks is not None:
        values["weeks"] = weeks or rule.weeks
    change(rule, values, by=by, kind="quality_rule", called=rule.title)
    return rule
