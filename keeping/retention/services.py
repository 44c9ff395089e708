"""Saying what becomes of a record: dispose of it, keep it longer, hold it; and how long records are kept at all."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Message
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Cluster, Role, StaffRole, User
from clusters.notices import tell
from families.models import Family
from keeping.disposal import services as disposal
from keeping.models import Hold, RetentionReview, RetentionRule
from keeping.retention import policies, selectors

Decision = RetentionReview.Decision
LONGEST = timedelta(days=5 * 366)


@transaction.atomic
def review(
    *, by: User, family: Family, decision: str, reason: str, until: date | None = None, ground: str = ""
) -> RetentionReview:
    """Say, after looking at the record, what becomes of it. Raises Denied, Conflict, ValidationError by field."""
    policies.check_review(by, family.cluster_id)
    if decision == Decision.HOLD:
        return hold(by=by, family=family, ground=ground, reason=reason)
    Family.objects.select_for_update(of=("self",)).get(pk=family.pk)
    due = selectors.when_due(family.pk, family.cluster_id)
    if due is None:
        raise Denied("The family is still in the work: a referral has no ending, or a case is open.")
    if due.due_on > timezone.localdate():
        raise Denied(f"This record is kept until {due.due_on:%d/%m/%Y}.")
    if due.disposal_id:
        raise Conflict("Its disposal has been asked for already.")
    if due.legal_hold:
        raise Conflict("The family is on legal hold. Lift the hold first.")
    if decision == Decision.LONGER:
        return _longer(by=by, family=family, reason=reason, until=until)
    if due.kept_until:
        raise Conflict(f"It was decided to keep this record until {due.kept_until:%d/%m/%Y}.")
    said = _said(by=by, family=family, decision=Decision.DISPOSE, reason=reason)
    disposal.ask(by=by, family=family, rule=selectors.rule_words(due), ended_on=due.ended_on, due_on=due.due_on)
    return said


def _said(*, by: User, family: Family, decision: str, reason: str) -> RetentionReview:
    if not reason.strip():
        raise ValidationError({"reason": "Say why."})
    said = RetentionReview.objects.create(
        cluster_id=family.cluster_id, family=family, decision=decision, reason=reason.strip(), by=by
    )
    text = f"{said.get_decision_display()}: {said.reason}"
    audit.event(by=by, kind="retention.review", text=text, about=said)
    return said


def _longer(*, by: User, family: Family, reason: str, until: date | None) -> RetentionReview:
    today = timezone.localdate()
    if until is None or not today < until <= today + LONGEST:
        raise ValidationError({"until": "Until when? A day in the next five years; it is looked at again then."})
    said = _said(by=by, family=family, decision=Decision.LONGER, reason=reason)
    live = Hold.objects.filter(family=family, kind=Hold.Kind.LONGER, ended_at__isnull=True)
    live.update(ended_at=timezone.now(), ended_by=by)
    _stop(said, kind=Hold.Kind.LONGER, ground=Hold.Ground.WORK, until=until)
    return said


def _stop(said: RetentionReview, *, kind: str, ground: str, until: date | None = None) -> None:
    Hold.objects.create(
        cluster_id=said.cluster_id,
        family_id=said.family_id,
        kind=kind,
        ground=ground,
        until=until,
        review=said,
        set_by=said.by,
    )


@transaction.atomic
def hold(*, by: User, family: Family, ground: str, reason: str) -> RetentionReview:
    """Nothing of this family is disposed of, whatever its rule says, until the hold is lifted."""
    policies.check_review(by, family.cluster_id)
    Family.objects.select_for_update(of=("self",)).get(pk=family.pk)
    if selectors.legal_hold_of(family.pk):
        raise Conflict("The family is on legal hold already.")
    if not ground:
        raise ValidationError({"ground": "Choose what the hold rests on."})
    said = _said(by=by, family=family, decision=Decision.HOLD, reason=reason)
    _stop(said, kind=Hold.Kind.LEGAL, ground=ground)
    return said


@transaction.atomic
def lift(*, by: User, family: Family, reason: str) -> RetentionReview:
    """End the legal hold; the rule counts again."""
    policies.check_review(by, family.cluster_id)
    live = Hold.objects.select_for_update(of=("self",)).filter(
        family=family, kind=Hold.Kind.LEGAL, ended_at__isnull=True
    )
    if not live:
        raise Conflict("The family is not on legal hold any more.")
    said = _said(by=by, family=family, decision=Decision.LIFT, reason=reason)
    live.update(ended_at=timezone.now(), ended_by=by)
    return said


@transaction.atomic
def set_rule(*, by: User, kind: str, years: int, starts_on: date, source: str, why: str) -> RetentionRule:
    """Keep one kind of record for another number of years, from a day on. The rule before stays to be seen."""
    policies.check_edit_rules(by)
    if starts_on < timezone.localdate():
        raise ValidationError({"starts_on": "A rule begins today or later: what was decided by the old one stands."})
    if not why.strip():
        raise ValidationError({"why": "Say why it is changed."})
    rule = RetentionRule.objects.create(
        kind=kind, years=years, starts_on=starts_on, source=source.strip(), why=why.strip(), set_by=by
    )
    text = f"{rule} from {starts_on:%d/%m/%Y}, because: {rule.why}"
    audit.event(by=by, kind="settings.retention", text=text, about=rule)
    return rule


def owners() -> list[User]:
    """The retention owner of the settings; without one, every manager."""
    owner = User.objects.filter(email__iexact=settings.RETENTION_OWNER, is_active=True).first()
    if settings.RETENTION_OWNER and owner:
        return [owner]
    managers = StaffRole.objects.today().filter(role=Role.MANAGER, user__is_active=True)
    return list(User.objects.filter(pk__in=managers.values("user_id")))


def tell_of_the_month() -> None:
    """Once a month: how many families are due, to the retention owner and to the leaders of their Clusters."""
    month = f"{timezone.localdate():%Y-%m}"
    if Message.objects.filter(key__startswith=f"retention:{month}:").exists():
        return
    with acting_as(NamedActor.SCHEDULER):
        found = [one for one in selectors.due(list(Cluster.objects.values_list("pk", flat=True))) if one.is_open]
    if not found:
        return
    with transaction.atomic():
        for user in owners():
            _tell(user, month, len(found))
        per_cluster = {
            cluster: sum(one.cluster_id == cluster for one in found) for cluster in {o.cluster_id for o in found}
        }
        leads = StaffRole.objects.today().filter(role=Role.LEADER, cluster_id__in=per_cluster).select_related("user")
        for role in leads:
            _tell(role.user, month, per_cluster[role.cluster_id or 0])


def _tell(user: User, month: str, number: int) -> None:
    records = "One family’s record has" if number == 1 else f"{number} families’ records have"
    tell(
        user,
        key=f"retention:{month}:{user.pk}",
        subject="Records to look at before they are disposed of",
        text=f"{records} been kept as long as the rule says. Somebody looks at each of them.",
        url_name="retention",
    )
