"""Lists of cases: newest first, paged by key, one query for the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, FilteredRelation, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from cases.models import Case, CaseService, CaseStatus, Cover
from cases.selectors.plan import not_agreed_by_all
from cluster_ehs.core.figures import age_in_years, weeks_between
from cluster_ehs.core.requests import whole_number
from clusters.models import User
from families.models import Person

PAGE = 25
SHOW = {"mine": "My cases", "open": "All open", "disagree": "Goals not agreed by all", "closed": "Closed"}


@dataclass(frozen=True)
class Row:
    case: Case
    children: str
    schools: str
    weeks: int
    lead: str


def children() -> ArraySubquery:
    """The children of the case's family, oldest first."""
    return ArraySubquery(
        Person.objects.filter(family_id=OuterRef("family_id"), is_child=True)
        .order_by("birth_date")
        .values(
            data=JSONObject(
                name="first_name", known="known_as", last="last_name", born="birth_date", school="school__name"
            )
        )
    )


def told(rows: list[dict[str, Any]]) -> tuple[str, str]:
    """“Zdeňka 9, Petr 6” and their schools."""
    today = timezone.localdate()
    names, schools = [], []
    for row in rows:
        age = age_in_years(date.fromisoformat(row["born"]), today) if row["born"] else None
        name = row["known"] or row["name"] or row["last"]
        names.append(f"{name} {age}" if age is not None else name)
        if row["school"] and row["school"] not in schools:
            schools.append(row["school"])
    return ", ".join(names), ", ".join(schools)


def mine(user: User) -> Q:
    """Cases that the user leads, gives a service in, or covers today."""
    return (
        Q(lead_workers__worker=user, lead_workers__ends_on__isnull=True)
        | Q(services__worker=user, services__status=CaseService.Status.ACTIVE)
        | Q(pk__in=Cover.objects.today().filter(covering=user).values("case_id"))
    )


def case_rows(user: User, clusters: frozenset[int], show: str, worker: str = "") -> QuerySet[Case]:
    """The cases of Clusters in the order of the list. The Cluster stands first so that its index leads."""
    rows = Case.objects.filter(cluster_id__in=clusters)
    if show == "closed":
        rows = rows.filter(status=CaseStatus.CLOSED)
    else:
        rows = rows.open()
    if show == "disagree":
        rows = rows.filter(not_agreed_by_all())
    if show == "mine":
        rows = rows.filter(pk__in=Case.objects.filter(mine(user), cluster_id__in=clusters).values("pk"))
    if (worker_id := whole_number(worker)) is not None:
        rows = rows.filter(lead_workers__worker_id=worker_id, lead_workers__ends_on__isnull=True)
    return (
        rows.annotate(
            lead=FilteredRelation("lead_workers", condition=Q(lead_workers__ends_on__isnull=True)), kids=children()
        )
        .select_related("family")
        .annotate(lead_name=F("lead__worker__name"))
        .order_by("-opened_on", "-id")
    )


def disagreeing(clusters: frozenset[int]) -> int:
    """How many open cases have a live goal that not everybody in the family agrees with [E]."""
    return Case.objects.open().filter(not_agreed_by_all(), cluster_id__in=clusters).count()


def page_of(rows: QuerySet[Case], after: str) -> tuple[list[Case], str]:
    """One page, after the case of that id, and the id after which the next one begins (empty: none)."""
    try:
        pk = UUID(after) if after else None
    except ValueError:
        pk = None
    if pk:
        anchor = Case.objects.filter(pk=pk).values_list("opened_on", flat=True).first()
        if anchor:
            rows = rows.filter(Q(opened_on__lt=anchor) | Q(opened_on=anchor, pk__lt=pk), opened_on__lte=anchor)
    found = list(rows[: PAGE + 1])
    return found[:PAGE], str(found[PAGE - 1].pk) if len(found) > PAGE else ""


def as_rows(cases: list[Case]) -> list[Row]:
    today = timezone.localdate()
    found = []
    for case in cases:
        names, schools = told(case.kids)  # type: ignore[attr-defined]
        weeks = weeks_between(case.opened_on, case.closed_on or today) or 0
        found.append(Row(case, names, schools, weeks, case.lead_name or ""))  # type: ignore[attr-defined]
    return found


def by_reference(show: str) -> QuerySet[Case]:
    """For managers: cases of every Cluster without anybody's name. To be read under `scope.figures()`."""
    rows = Case.objects.filter(status=CaseStatus.CLOSED) if show == "closed" else Case.objects.open()
    return rows.select_related("cluster").order_by("-opened_on", "-id")
