"""Who works in a Cluster, and how many cases each holds against the capacity of the post."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from cases.models import CaseService, CaseStatus, LeadWorker
from clusters.models import Role, StaffRole, User


@dataclass(frozen=True)
class Load:
    """A worker's open cases. `capacity` None: not set."""

    worker: User
    post: str
    leads: int
    also: int
    capacity: int | None

    @property
    def cases(self) -> int:
        return self.leads + self.also

    @property
    def after(self) -> int:
        return self.cases + 1

    @property
    def full(self) -> bool:
        return self.capacity is not None and self.cases >= self.capacity

    @property
    def text(self) -> str:
        of = f" of {self.capacity}" if self.capacity is not None else ""
        also = f", {self.also} with another lead worker" if self.also else ""
        return f"{self.cases}{of} cases{also}"


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


def caseload(cluster_ids: Iterable[int]) -> list[Load]:
    """Each practitioner's live cases, one counted once although led and served; one query.

    Restricted cases that the reader may not see are not counted.
    """
    mine = {"worker": OuterRef("user_id"), "cluster_id": OuterRef("cluster_id")}
    leads = LeadWorker.objects.filter(**mine, ends_on__isnull=True).exclude(case__status=CaseStatus.CLOSED)
    gives = (
        CaseService.objects.filter(**mine, status=CaseService.Status.ACTIVE)
        .exclude(case__status=CaseStatus.CLOSED)
        .exclude(
            Exists(LeadWorker.objects.filter(case=OuterRef("case"), ends_on__isnull=True, worker=OuterRef("worker")))
        )
    )
    rows = _workers(cluster_ids).annotate(
        leads=_count(leads, "case_id"),
        also=_count(gives, "case_id"),
    )
    return [Load(row.user, row.get_post_display(), row.leads, row.also, row.capacity) for row in rows]


def _count(rows: QuerySet, distinct: str) -> Coalesce:
    counted = rows.order_by().values("worker").annotate(n=Count(distinct, distinct=True)).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
