"""The warning on a leader's home that the budget for interpreters is nearly, or more than, spent."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, F, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone

from cases.models import InterpreterBooking
from cluster_ehs.core import numbers, scope, slots
from clusters.http import UserRequest
from clusters.models import Cluster, InterpreterBudget
from clusters.people import duties
from clusters.services.budgets import financial_year
from monitoring.interpreters import COMING, SPENT, spends

NAME = "budgets for interpreters half spent"


def half_spent(request: HttpRequest) -> QuerySet | None:
    """This year's budgets of led Clusters of which half is spent or booked, as far as the reader sees the bookings.

    Cheap, and asked beside other numbers; `near_budget` then counts exactly, restricted records too.
    """
    leads = duties(request.user).leads  # type: ignore[arg-type]
    if not leads:
        return None
    today = timezone.localdate()
    year = financial_year(today)
    budgets = InterpreterBudget.objects.filter(cluster__in=leads, year=year, effective_from__lte=today)
    later = budgets.filter(cluster=OuterRef("cluster"), effective_from__gt=OuterRef("effective_from"))
    paid = (
        InterpreterBooking.objects.filter(
            SPENT | COMING,
            cluster=OuterRef("cluster"),
            at__date__gte=date(year, 4, 1),
            at__date__lt=date(year + 1, 4, 1),
        )
        .order_by()
        .values("cluster")
        .annotate(n=Sum("pence"))
        .values("n")
    )
    return (
        budgets.filter(~Exists(later))
        .annotate(paid=Coalesce(Subquery(paid, output_field=IntegerField()), 0))
        .filter(paid__gte=F("pence") / 2)
    )


def near_budget(request: UserRequest) -> dict[str, Any] | None:
    """Clusters whose budget is 80 % spent and booked, or over; None while none is."""
    if not numbers.of(request, NAME):
        return None
    today = timezone.localdate()
    clusters = list(Cluster.objects.filter(pk__in=duties(request.user).leads))
    with scope.figures():
        found = spends(clusters=clusters, year=financial_year(today), on=today)
    near = [spend for spend in found if spend.state]
    return {"near": near} if near else None


def fill_all() -> None:
    numbers.count(NAME, half_spent)
    slots.fill(
        "home.side",
        order=47,
        template="monitoring/slots/interpreter_budget.html",
        selector=near_budget,
        policy=lambda user, **_: bool(duties(user).leads),
    )
