"""Waiting lists per service, in their order."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Min, Q
from django.http import HttpRequest
from django.utils import timezone

from cluster_ehs.core.figures import weeks_between
from cluster_ehs.core.paging import Page, page
from triage.models import Offer

PAGE = 50


@dataclass(frozen=True)
class Queue:
    """How many wait for one service, and how long the longest has waited, in whole weeks."""

    service_id: int
    code: str
    name: str
    waiting: int
    longest: int
    over: int

    @property
    def alarm(self) -> bool:
        """Eight weeks or more: the longest that the pilot Cluster had known [E]."""
        return self.longest >= Offer.ALARM_WEEKS


def queues(clusters: Collection[int]) -> list[Queue]:
    """The services that somebody waits for, in one query."""
    today = timezone.localdate()
    alarm_from = today - timedelta(weeks=Offer.ALARM_WEEKS)
    rows = (
        Offer.objects.filter(cluster_id__in=clusters, status=Offer.Status.WAITING)
        .values("service_id", "service__code", "service__name", "service__order")
        .annotate(
            waiting=Count("pk"), since=Min("waiting_since"), over=Count("pk", filter=Q(waiting_since__lte=alarm_from))
        )
        .order_by("service__order", "service__name")
    )
    return [
        Queue(
            row["service_id"],
            row["service__code"],
            row["service__name"],
            row["waiting"],
            weeks_between(row["since"], today) or 0,
            row["over"],
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Place:
    """One offer's place on a waiting list."""

    offer: Offer
    weeks: int
    number: int | None = None

    @property
    def alarm(self) -> bool:
        return self.weeks >= Offer.ALARM_WEEKS

    @property
    def name(self) -> str:
        child = self.offer.decision.referral.child
        return f"{child.short_name} {child.last_name[:1]}" if child.first_name else child.short_name


ORDER = ("priority", "waiting_since", "id")


def waiting_list(request: HttpRequest, *, clusters: Collection[int], service_id: int) -> tuple[list[Place], Page]:
    """A page of one service's list: by priority, then by date."""
    rows = Offer.objects.filter(
        cluster_id__in=clusters, service_id=service_id, status=Offer.Status.WAITING
    ).select_related(
        "service", "person", "wait_reason", "cluster", "decision__referral__child", "decision__referral__school"
    )
    found = page(rows, request, order=ORDER, size=PAGE)
    today = timezone.localdate()
    first = not found.newer
    places = [
        Place(offer, offer.weeks_waited(today), number if first else None)
        for number, offer in enumerate(found.rows, start=1)
    ]
    return places, found
