"""Waiting lists per service, in their order: why each stands where it does, who rang, how long it may take."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, DateField, ExpressionWrapper, F, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, JSONObject
from django.http import HttpRequest
from django.utils import timezone

from cluster_ehs.core.figures import weeks_between
from cluster_ehs.core.paging import Page, page
from triage.forecast import WEEKS, Forecast, forecast
from triage.models import CheckIn, Offer

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
    unasked: int = 0

    @property
    def alarm(self) -> bool:
        """Eight weeks or more: the longest that the pilot Cluster had known [E]."""
        return self.longest >= Offer.ALARM_WEEKS


def check_due() -> Coalesce:
    """The day by which a waiting family is to be rung: as the last call said, or after the service's first weeks."""
    first = ExpressionWrapper(F("waiting_since") + F("service__check_in_weeks") * 7, output_field=DateField())
    return Coalesce("next_check_on", first)


def queue_rows(clusters: Collection[int]) -> QuerySet:
    """A row for each service that somebody waits for."""
    today = timezone.localdate()
    alarm_from = today - timedelta(weeks=Offer.ALARM_WEEKS)
    return (
        Offer.objects.filter(cluster_id__in=clusters, status=Offer.Status.WAITING)
        .alias(_due=check_due())
        .values("service_id", "service__code", "service__name", "service__order")
        .annotate(
            waiting=Count("pk"),
            since=Min("waiting_since"),
            over=Count("pk", filter=Q(waiting_since__lte=alarm_from)),
            unasked=Count("pk", filter=Q(_due__lt=today)),
        )
        .order_by("service__order", "service__name")
    )


def queues(clusters: Collection[int]) -> list[Queue]:
    """The services that somebody waits for, in one query."""
    return queues_of(queue_rows(clusters))


def queues_of(rows: Iterable[dict[str, Any]]) -> list[Queue]:
    today = timezone.localdate()
    return [
        Queue(
            row["service_id"],
            row["service__code"],
            row["service__name"],
            row["waiting"],
            weeks_between(row["since"], today) or 0,
            row["over"],
            row["unasked"],
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Place:
    """One offer's place on a waiting list."""

    offer: Any
    weeks: int
    number: int
    today: date
    forecast: Forecast | None = None

    @property
    def alarm(self) -> bool:
        return self.weeks >= Offer.ALARM_WEEKS

    @property
    def name(self) -> str:
        child = self.offer.decision.referral.child
        return f"{child.short_name} {child.last_name[:1]}" if child.first_name else child.short_name

    @property
    def why(self) -> str:
        """“2nd: urgent, since 3 Nov”."""
        since = self.offer.waiting_since
        day = f"{since.day} {since:%b}" if since.year == self.today.year else f"{since.day} {since:%b %Y}"
        return f"{ordinal(self.number)}: {self.offer.get_priority_display().lower()}, since {day}"

    @property
    def last_check(self) -> dict[str, Any] | None:
        rows = self.offer.last_check
        return {**rows[0], "on": date.fromisoformat(rows[0]["on"])} if rows else None

    @property
    def check_days_late(self) -> int:
        return max((self.today - self.offer.check_due).days, 0)

    @property
    def more_urgent(self) -> bool:
        return self.offer.priority > min(Offer.Priority.values)

    @property
    def less_urgent(self) -> bool:
        return self.offer.priority < max(Offer.Priority.values)


def ordinal(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


@dataclass(frozen=True)
class Rate:
    """The starts of a service in each of the last whole weeks, and those allocated that have not begun."""

    weekly: Sequence[int]
    allocated: int

    @property
    def starts(self) -> int:
        return sum(self.weekly)

    @property
    def basis(self) -> str:
        """What a forecast is based on, in words."""
        begun = "1 start" if self.starts == 1 else f"{self.starts} starts"
        waits = f"; {self.allocated} allocated and not begun come first" if self.allocated else ""
        return f"{begun} of this service in the last {WEEKS} weeks{waits}"


def rate_of(*, cluster_id: int, service_id: int) -> Rate:
    """In one query. A start is the first attended contact or session of the service (domain section 5)."""
    today = timezone.localdate()
    begin = today - timedelta(weeks=WEEKS)
    rows = (
        Offer.objects.filter(
            Q(started_on__gte=begin, started_on__lt=today) | Q(status=Offer.Status.ALLOCATED, started_on__isnull=True),
            cluster_id=cluster_id,
            service_id=service_id,
        )
        .values("started_on")
        .annotate(n=Count("pk"))
        .order_by()
    )
    weekly, allocated = [0] * WEEKS, 0
    for row in rows:
        if row["started_on"]:
            weekly[(row["started_on"] - begin).days // 7] += row["n"]
        else:
            allocated = row["n"]
    return Rate(weekly, allocated)


ORDER = ("priority", "waiting_since", "id")


def waiting_list(
    request: HttpRequest, *, clusters: Collection[int], service_id: int, rate: Rate | None = None
) -> tuple[list[Place], Page]:
    """A page of one service's list: by priority, then by date. With a rate, each place has its forecast."""
    waiting = Offer.objects.filter(cluster_id__in=clusters, service_id=service_id, status=Offer.Status.WAITING)
    last = CheckIn.objects.filter(offer=OuterRef("pk")).order_by("-checked_on", "-created_at")
    rows = waiting.select_related(
        "service", "person", "wait_reason", "cluster", "decision__referral__child", "decision__referral__school"
    ).annotate(
        check_due=check_due(),
        last_check=ArraySubquery(
            last.values(
                row=JSONObject(on="checked_on", by="checked_by__name", said="said", reached="reached", told="told")
            )[:1]
        ),
    )
    found = page(rows, request, order=ORDER, size=PAGE)
    today = timezone.localdate()
    before = _before(waiting, found.rows[0]) if found.newer and found.rows else 0
    numbers = range(before + 1, before + 1 + len(found.rows))
    forecasts: list[Forecast | None] = [None] * len(found.rows)
    if rate:
        forecasts = forecast(rate.weekly, [number - 1 + rate.allocated for number in numbers])
    places = [
        Place(offer, offer.weeks_waited(today), number, today, expected)
        for offer, number, expected in zip(found.rows, numbers, forecasts, strict=True)
    ]
    return places, found


def _before(waiting: Any, first: Offer) -> int:
    """How many stand before the first of a later page."""
    earlier = Q(waiting_since__lt=first.waiting_since) | Q(waiting_since=first.waiting_since, pk__lt=first.pk)
    return waiting.filter(Q(priority__lt=first.priority) | Q(priority=first.priority) & earlier).count()


def check_ins_of(offer: Offer) -> list[CheckIn]:
    return list(CheckIn.objects.filter(offer=offer).select_related("checked_by").order_by("-checked_on", "-created_at"))
