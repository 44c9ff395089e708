"""Going through a finding, and the rules' thresholds."""

from datetime import time
from typing import Any

from django.db import transaction
from django.utils import timezone

from cluster_ehs.core import audit, scope
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.scope import NamedActor
from clusters import policies as settings_policies
from clusters.changes import change, wrong
from clusters.models import User
from monitoring.curiosity import policies
from monitoring.curiosity.models import CuriosityFinding, CuriosityRule

Status = CuriosityFinding.Status


# code: at least, families of the name at most, hours of work.
FIRST_RULES: dict[str, dict[str, Any]] = {
    CuriosityRule.Code.NO_RELATIONSHIP: {"at_least": 3},
    CuriosityRule.Code.SAME_NAME: {"at_least": 1, "at_most": 8},
    CuriosityRule.Code.SAME_ADDRESS: {"at_least": 1},
    CuriosityRule.Code.OUT_OF_HOURS: {"at_least": 2, "from_time": time(7), "to_time": time(20)},
    CuriosityRule.Code.MANY: {"at_least": 30},
}


def keep_rules(**_: Any) -> None:
    """After each migration: a rule that is not there yet gets its first thresholds; a manager's stay."""
    rules = [CuriosityRule(code=code, **values) for code, values in FIRST_RULES.items()]
    CuriosityRule.objects.bulk_create(rules, ignore_conflicts=True)


@transaction.atomic
def decide(finding: CuriosityFinding, *, by: User, status: str, note: str) -> CuriosityFinding:
    """Explained, or to be followed up, with a note; both can be decided anew. Raises Denied, ValidationError, Conflict.

    The finding is what the decider read within their own walls; writing it is the report's alone.
    """
    policies.check_review(by, finding)
    if status not in (Status.EXPLAINED, Status.FOLLOW_UP):
        raise wrong("status", "Choose whether it is explained or to be followed up.")
    if len(note.strip()) < 5:
        raise wrong("note", "Say what you found out, or what happens next.")
    with scope.aside(NamedActor.CURIOSITY, clusters=[finding.cluster_id], back_to=by.pk):
        row = CuriosityFinding.objects.select_for_update().get(pk=finding.pk)
        if row.status == Status.EXPLAINED and finding.status != row.status:
            raise Conflict("Somebody else went through this just now.")
        row.status, row.note, row.decided_by, row.decided_at = status, note.strip(), by, timezone.now()
        row.save(update_fields=["status", "note", "decided_by", "decided_at"])
    text = f"Went through looks of {finding.reader} ({finding.rule}): {row.get_status_display().lower()}. {row.note}"
    audit.event(by=by, kind="curiosity", text=text, about=row)
    return row


@transaction.atomic
def change_rule(rule: CuriosityRule, *, by: User, **values: Any) -> CuriosityRule:
    """Raises Denied, ValidationError naming the field."""
    settings_policies.check_manage(by)
    rule = CuriosityRule.objects.select_for_update().get(pk=rule.pk)
    change(rule, values, by=by, kind="curiosity")
    return rule
