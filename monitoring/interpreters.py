"""What is spent on interpreters against the budget, by month of a financial year (April to March) [E]."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import ExtractMonth, TruncDate

from cases.models import InterpreterBooking
from clusters.models import Cluster
from clusters.services.budgets import budgets_of

WARN, OVER = 80, 100
Status = InterpreterBooking.Status
# Spent: what was used, and what was cancelled so late that it is charged. Booked, it is money that will be spent.
SPENT = Q(status=Status.USED) | Q(status=Status.CANCELLED, cancelled_late=True)
COMING = Q(status__in=InterpreterBooking.OPEN)


def pounds(pence: int) -> str:
    """“1,234.50”."""
    return f"{pence / 100:,.2f}"


@dataclass(frozen=True)
class Month:
    """A month of one Cluster, or of several. Money in pence."""

    number: int
    used: int = 0
    late: int = 0
    minutes: int = 0
    spent: int = 0
    coming: int = 0
    unknown: int = 0

    @property
    def spent_pounds(self) -> str:
        return pounds(self.spent)

    @property
    def coming_pounds(self) -> str:
        return pounds(self.coming)

    def plus(self, other: Month) -> Month:
        names = ("used", "late", "minutes", "spent", "coming", "unknown")
        return Month(self.number, **{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True)
class Spend:
    """A financial year: `months` from April on, and the budget in pence, None where none is set."""

    name: str
    months: tuple[Month, ...]
    budget: int | None

    @property
    def total(self) -> Month:
        found = Month(0)
        for month in self.months:
            found = found.plus(month)
        return found

    @property
    def percent(self) -> int | None:
        """Spent and booked of the budget, rounded down: a budget is not over before it is."""
        if not self.budget:
            return None
        return (self.total.spent + self.total.coming) * 100 // self.budget

    @property
    def left(self) -> int | None:
        return None if self.budget is None else self.budget - self.total.spent - self.total.coming

    @property
    def paid(self) -> str:
        return pounds(self.total.spent + self.total.coming)

    @property
    def over_pounds(self) -> str:
        return pounds(-(self.left or 0))

    @property
    def in_words(self) -> str:
        """“£1,200.00 of £4,000.00 spent and booked (30 %)”."""
        return f"£{self.paid} of £{pounds(self.budget or 0)} spent and booked ({self.percent or 0} %)"

    @property
    def state(self) -> str:
        """“”, “near” from 80 % on, “over” when there is nothing left and more is to be paid."""
        if self.left is not None and self.left < 0:
            return "over"
        return "near" if self.percent is not None and self.percent >= WARN else ""


def months_of(year: int) -> list[date]:
    """The first days of a financial year's months, April first."""
    return [date(year + (month > 12), (month - 1) % 12 + 1, 1) for month in range(4, 16)]


def spends(*, clusters: Sequence[Cluster], year: int, on: date) -> list[Spend]:
    """Each Cluster's year, by the day of the booking. Two queries.

    on: the day whose budget holds. To be asked within `scope.figures()`; no name and no free text is read.
    """
    ids = [cluster.pk for cluster in clusters]
    rows = (
        InterpreterBooking.objects.filter(cluster_id__in=ids)
        .annotate(day=TruncDate("at"))
        .filter(day__gte=date(year, 4, 1), day__lt=date(year + 1, 4, 1))
        .annotate(month=ExtractMonth("day"))
        .order_by()
        .values("cluster_id", "month")
        .annotate(
            used_n=Count("pk", filter=Q(status=Status.USED)),
            late_n=Count("pk", filter=Q(cancelled_late=True)),
            minutes_n=Sum("minutes_used", filter=Q(status=Status.USED)),
            spent_n=Sum("pence", filter=SPENT),
            coming_n=Sum("pence", filter=COMING),
            unknown_n=Count("pk", filter=Q(pence__isnull=True) & (SPENT | COMING)),
        )
    )
    found = {
        (row["cluster_id"], row["month"]): Month(
            row["month"],
            row["used_n"],
            row["late_n"],
            row["minutes_n"] or 0,
            row["spent_n"] or 0,
            row["coming_n"] or 0,
            row["unknown_n"],
        )
        for row in rows
    }
    budgets = budgets_of(ids, year, on)
    return [
        Spend(
            str(cluster),
            tuple(found.get((cluster.pk, day.month), Month(day.month)) for day in months_of(year)),
            budgets.get(cluster.pk),
        )
        for cluster in clusters
    ]


def together(parts: Sequence[Spend], name: str) -> Spend:
    """Several Clusters as one; the budget is the sum of those that are set."""
    months = []
    for column in zip(*(part.months for part in parts), strict=True):
        found = Month(column[0].number)
        for month in column:
            found = found.plus(month)
        months.append(found)
    set_ = [part.budget for part in parts if part.budget is not None]
    return Spend(name, tuple(months), sum(set_) if set_ else None)


def languages(*, clusters: Collection[int], year: int) -> list[tuple[str, int, int]]:
    """Language, times used and minutes, the most used first."""
    rows = (
        InterpreterBooking.objects.filter(cluster_id__in=clusters, status=Status.USED)
        .annotate(day=TruncDate("at"))
        .filter(day__gte=date(year, 4, 1), day__lt=date(year + 1, 4, 1))
        .order_by()
        .values(label=F("language__label"))
        .annotate(n=Count("pk"), minutes=Sum("minutes_used"))
        .order_by("-n", "label")
    )
    return [(row["label"], row["n"], row["minutes"] or 0) for row in rows]
