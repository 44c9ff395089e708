"""Who works in a Cluster, and how much each holds against the capacity of the post."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import JSONField, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from cases.models import Case, CaseService, LeadWorker
from clusters.models import Role, StaffRole, Stage, User
from clusters.services.weights import weight_of

ONE = Decimal(1)


@dataclass(frozen=True)
class Load:
    """A worker's open cases, and what they weigh in all. `capacity` None: not set.

    adds: what one case more would weigh; none for who has the case already.
    """

    worker: User
    post: str
    leads: int
    also: int
    capacity: int | None
    load: Decimal = field(default=Decimal(0))
    adds: Decimal = ONE
    cluster_id: int = 0

    @property
    def cases(self) -> int:
        return self.leads + self.also

    @property
    def after(self) -> Decimal:
        return self.load + self.adds

    @property
    def full(self) -> bool:
        return self.capacity is not None and self.load >= self.capacity

    @property
    def over_after(self) -> bool:
        return self.capacity is not None and self.after > self.capacity

    @property
    def text(self) -> str:
        """“5 of 14 cases, 1 with another lead worker”; with other weights “weighs 4.5 of 14, 5 cases”."""
        of = f" of {self.capacity}" if self.capacity is not None else ""
        also = f", {self.also} with another lead worker" if self.also else ""
        if self.load == self.cases:
            return f"{self.cases}{of} cases{also}"
        return f"weighs {plain(self.load)}{of}, {self.cases} {'case' if self.cases == 1 else 'cases'}{also}"

    @property
    def effect(self) -> str:
        """Before and after one case more: “5 of 14 now, 6 of 14 after (over capacity)”."""
        of = f" of {self.capacity}" if self.capacity is not None else ""
        if not self.adds:
            return f"{plain(self.load)}{of} now, has this case already"
        over = " (over capacity)" if self.over_after else ""
        return f"{plain(self.load)}{of} now, {plain(self.after)}{of} after{over}"


def plain(number: Decimal) -> str:
    """12, 4.5: no zeros that say nothing."""
    return f"{number.normalize():f}"


def _workers(cluster_ids: Iterable[int]) -> QuerySet[StaffRole]:
    return (
        StaffRole.objects.today()
        .filter(cluster_id__in=list(cluster_ids), role=Role.PRACTITIONER, user__is_active=True)
        .select_related("user")
        .order_by("user__name")
    )


def workers_of(cluster_ids: Iterable[int]) -> list[User]:
    """The practitioners of Clusters today, each once; one query."""
    return list({row.user_id: row.user for row in _workers(cluster_ids)}.values())


def workers_and_leaders(cluster_id: int) -> list[User]:
    """Everybody who may own a task in the Cluster."""
    rows = (
        StaffRole.objects.on(timezone.localdate())
        .filter(cluster_id=cluster_id, role__in=[Role.PRACTITIONER, Role.LEADER], user__is_active=True)
        .select_related("user")
        .order_by("user__name")
    )
    return list({row.user_id: row.user for row in rows}.values())


def caseload(cluster_ids: Iterable[int], *, service_id: int | None = None, holders: Collection[int] = ()) -> list[Load]:
    """What each practitioner holds: live cases, one counted once although led and served, and their weight.

    Restricted cases count, without being named: the database counts them behind the walls. With a service each load
    says what a new case of it would add; nothing for `holders`, who have the case already. One query, three with a
    service.
    """
    clusters = list(cluster_ids)
    # Depends on no row, so the database works it out once for all of them.
    counted = RawSQL("(SELECT jsonb_agg(l) FROM ehs_caseload(%s) l)", [clusters], output_field=JSONField())
    rows: list[Any] = list(_workers(clusters).annotate(counted=counted))
    held = {}
    for each in (rows[0].counted or []) if rows else []:
        held[each["worker"], each["cluster"]] = (each["leads"], each["also"], Decimal(str(each["weight"])))
    adds = weight_of(service_id=service_id) * weight_of(stage=Stage.BEGINNING) if service_id else ONE
    loads = []
    for row in rows:
        leads, also, weight = held.get((row.user_id, row.cluster_id), (0, 0, Decimal(0)))
        more = Decimal(0) if row.user_id in holders else adds
        loads.append(
            Load(row.user, row.get_post_display(), leads, also, row.capacity, weight, more, row.cluster_id or 0)
        )
    return loads


def holders_of(case: Case) -> set[int]:
    """Who leads a case or gives one of its services today; one query."""
    leads = LeadWorker.objects.filter(case=case, ends_on__isnull=True).values_list("worker_id")
    gives = CaseService.objects.filter(case=case, status=CaseService.Status.ACTIVE).values_list("worker_id")
    return {row[0] for row in leads.union(gives)}
