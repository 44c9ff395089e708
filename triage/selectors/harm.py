"""Flags of significant harm that nobody has stepped up yet: what stands above all else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from cluster_ehs.core import scope
from clusters.models import DutyContact, User
from clusters.people import duties
from referrals.models import Referral
from triage.models import HarmAnswer, StepUp


def waiting(rows: QuerySet[Referral] | None = None) -> QuerySet[Referral]:
    """Flagged, not stepped up, and not said by a leader to need no step-up."""
    rows = Referral.objects.all() if rows is None else rows
    done = HarmAnswer.objects.filter(referral_id=OuterRef("pk"), kind=HarmAnswer.Kind.NO_STEP_UP, superseded=False)
    stepped = StepUp.objects.filter(referral_id=OuterRef("pk"), superseded=False)
    return rows.filter(~Exists(stepped), ~Exists(done), harm_flagged_at__isnull=False)


def unanswered() -> QuerySet[Referral]:
    """Of those, the ones of which nobody has said “I am seeing to it”."""
    seen = HarmAnswer.objects.filter(referral_id=OuterRef("pk"), kind=HarmAnswer.Kind.SEEN, superseded=False)
    return waiting().filter(~Exists(seen))


def flagged_before() -> Q:
    """Beside a referral: an earlier flag of it was answered, so that those on duty are told anew of this one."""
    stepped = StepUp.objects.filter(referral_id=OuterRef("pk"), superseded=True)
    return Exists(stepped) | Exists(HarmAnswer.objects.filter(referral_id=OuterRef("pk"), superseded=True))


@dataclass(frozen=True)
class Notice:
    """One line of the notice. Without a name; a manager opens a restricted record by its reason."""

    referral_id: object
    reference: str
    flagged_at: datetime
    seen_by: str
    restricted: bool


def restricted() -> QuerySet[Referral]:
    """What managers are told of, in the scope of figures."""
    return waiting().filter(family__restricted=True)


def notices(user: User, *, besides: UUID | None = None, managers: bool = True) -> list[Notice]:
    """What this person must see first: leaders, and who else has duty in their Clusters; managers the restricted.

    besides: the referral whose own page says so itself. managers: False where it is known that none is restricted.
    """
    held = duties(user)
    found: list[Notice] = []
    if held.clusters:
        on_duty = DutyContact.objects.today().filter(user_id=user.pk).values("cluster_id")
        rows = waiting().filter(Q(cluster_id__in=held.leads) | Q(cluster_id__in=on_duty), cluster_id__in=held.clusters)
        found = _lines(rows.exclude(pk=besides) if besides else rows)
    if held.is_manager and managers:
        with scope.figures():
            found += _lines(restricted(), restricted=True)
    return found


def _lines(rows: QuerySet[Referral], *, restricted: bool = False) -> list[Notice]:
    seen = HarmAnswer.objects.filter(referral_id=OuterRef("pk"), kind=HarmAnswer.Kind.SEEN, superseded=False)
    values = rows.annotate(seen_by=seen.values(name=Coalesce("answered_by__name", "answered_name"))[:1]).order_by(
        "harm_flagged_at"
    )
    return [
        Notice(pk, reference, at, seen_by or "", restricted)
        for pk, reference, at, seen_by in values.values_list("pk", "reference", "harm_flagged_at", "seen_by")[:20]
        if at
    ]


def harm_answers(referral: Any) -> list[HarmAnswer]:
    return list(
        HarmAnswer.objects.filter(referral_id=referral.pk).select_related("answered_by").order_by("answered_at")
    )
