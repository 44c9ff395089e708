"""What was passed to partner services and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, DateField, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, JSONObject
from django.http import HttpRequest
from django.utils import timezone

from cluster_ehs.core.paging import Page, page
from triage.models import Chase, PassingOn

PAGE = 50
STATES = PassingOn.Status

TABS = {
    "chase": "Ask for news",
    "open": "Under way",
    "back": "Back or declined",
    "done": "Outcome known",
}


def news_due() -> Coalesce:
    """The day by which something should be heard: as agreed or chased, or after the partner's days."""
    usual = ExpressionWrapper(F("sent_on") + F("partner__answer_days"), output_field=DateField())
    return Coalesce("news_due_on", usual)


def overdue(today: date | None = None) -> Q:
    """Nothing heard by the day it was due; of rows with `due=news_due()` beside them.

    One that was accepted is asked after only where somebody said when.
    """
    today = today or timezone.localdate()
    return Q(status=STATES.SENT, due__lt=today) | Q(status=STATES.ACCEPTED, news_due_on__lt=today)


def awaited_partners(partners: set[int]) -> set[int]:
    """Which of the partner services have a referral that they have not yet said the end of."""
    open_ones = PassingOn.objects.filter(partner_id__in=partners, status__in=(STATES.SENT, STATES.ACCEPTED))
    return set(open_ones.values_list("partner_id", flat=True))


def _of_tab(tab: str) -> Q:
    return {
        "chase": overdue(),
        "open": Q(status__in=(STATES.SENT, STATES.ACCEPTED)) & ~overdue(),
        "back": Q(status__in=(STATES.DECLINED, STATES.BACK)),
        "done": Q(status=STATES.OUTCOME_KNOWN),
    }[tab]


@dataclass
class Partner:
    """One partner's row of the ledger: how many in each state."""

    id: int
    name: str
    counts: dict[str, int] = field(default_factory=dict)
    overdue: int = 0

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def partner_rows(clusters: Collection[int]) -> QuerySet:
    """A row for each partner and state."""
    return (
        PassingOn.objects.filter(cluster_id__in=clusters)
        .alias(due=news_due())
        .values("partner_id", "partner__name", "status")
        .annotate(n=Count("pk"), late=Count("pk", filter=overdue()))
        .order_by("partner__order", "partner__name")
    )


def by_partner(clusters: Collection[int]) -> list[Partner]:
    """Everything passed on by partner and state, in one query; those to be asked for news first."""
    return partners_of(partner_rows(clusters))


def partners_of(rows: Iterable[dict[str, Any]]) -> list[Partner]:
    partners: dict[int, Partner] = {}
    for row in rows:
        partner = partners.setdefault(row["partner_id"], Partner(row["partner_id"], row["partner__name"]))
        partner.counts[row["status"]] = row["n"]
        partner.overdue += row["late"]
    return sorted(partners.values(), key=lambda partner: -partner.overdue)


def tab_counts(partners: list[Partner]) -> dict[str, int]:
    """How many rows each tab holds, from the summary that is read anyway."""
    late = sum(partner.overdue for partner in partners)

    def of(*states: str) -> int:
        return sum(partner.counts.get(state, 0) for partner in partners for state in states)

    return {
        "chase": late,
        "open": of(STATES.SENT, STATES.ACCEPTED) - late,
        "back": of(STATES.DECLINED, STATES.BACK),
        "done": of(STATES.OUTCOME_KNOWN),
    }


def ledger(request: HttpRequest, *, clusters: Collection[int], tab: str, partner_id: int | None = None) -> Page:
    """A page of one tab, the oldest first, finished ones the newest first. Raises KeyError for an unknown tab."""
    last = Chase.objects.filter(passing_on=OuterRef("pk")).order_by("-chased_on", "-created_at")
    said = JSONObject(on="chased_on", by="chased_by__name", said="said")
    rows = (
        PassingOn.objects.annotate(
            due=news_due(),
            chased=Count("chases"),
            last_chase=ArraySubquery(last.values(row=said)[:1]),
        )
        .filter(_of_tab(tab), cluster_id__in=clusters)
        .select_related("partner", "decision__referral__child")
    )
    if partner_id:
        rows = rows.filter(partner_id=partner_id)
    return page(rows, request, order=("-sent_on", "-id") if tab == "done" else ("sent_on", "id"), size=PAGE)


@dataclass(frozen=True)
class Line:
    """A row of the ledger with what was done about it."""

    row: Any
    days_late: int

    @property
    def last_chase(self) -> dict[str, Any] | None:
        found = self.row.last_chase
        return {**found[0], "on": date.fromisoformat(found[0]["on"])} if found else None


def lines(found: Page, *, tab: str) -> list[Line]:
    """The rows of a page; those longest overdue stand first."""
    today = timezone.localdate()
    rows = [Line(row, max((today - row.due).days, 0)) for row in found.rows]
    return sorted(rows, key=lambda line: -line.days_late) if tab == "chase" else rows


def chases_of(passing_on: PassingOn) -> list[Chase]:
    return list(
        Chase.objects.filter(passing_on=passing_on).select_related("chased_by").order_by("-chased_on", "-created_at")
    )
