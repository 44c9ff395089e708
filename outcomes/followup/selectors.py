"""Reads of follow-ups: what is due, what a case's page shows, and the figures of a period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from cluster_ehs.core import numbers
from clusters.http import UserRequest
from clusters.models import StaffRole
from clusters.people import duties
from families.models import Family, Involvement, Person
from outcomes.followup.models import FollowUp, FollowUpStatus
from outcomes.followup.policies import can_record
from referrals.models import Referral

AHEAD = 14
DUE = "follow-ups to ask"


def of_case(case_id: UUID) -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(case_id=case_id).select_related("holder", "recorded_by", "by_person")


def to_ring(people: Iterable[Person], family: Family) -> list[tuple[str, str]]:
    """The numbers of the grown-ups at home who take part, or else the family's."""
    own = [
        (person.short_name, person.telephone)
        for person in people
        if person.telephone
        and person.in_household
        and not (person.is_child or person.deceased or person.involvement == Involvement.NOT_TO_BE)
    ]
    return own or [("Telephone", family.telephone)] * bool(family.telephone)


def due_for(request: Any) -> QuerySet[FollowUp]:
    """Due within a fortnight, for this user: the own ones; and as a leader those that nobody holds any more."""
    mine = duties(request.user)
    works = StaffRole.objects.today().filter(
        user_id=OuterRef("holder_id"), cluster_id=OuterRef("cluster_id"), user__is_active=True
    )
    led = Q(cluster_id__in=mine.leads) & (Q(holder__isnull=True) | ~Exists(works))
    return FollowUp.objects.filter(Q(holder=request.user) | led, cluster_id__in=mine.clusters).filter(
        status=FollowUp.Status.DUE, due_on__lte=timezone.localdate() + timedelta(days=AHEAD)
    )


def to_ask(request: UserRequest) -> QuerySet[FollowUp]:
    """The same with what My work shows of each."""
    rows = due_for(request).select_related("family", "case")
    return rows.annotate(tries=Count("attempts")).order_by("due_on")


def my_work(request: UserRequest, **_: Any) -> dict[str, Any]:
    """How many there are is counted with the page's other numbers: without any, nothing more is asked."""
    if not numbers.of(request, DUE):
        return {"overdue": [], "this_week": []}
    today = timezone.localdate()
    rows = [
        {
            "title": f"{one.family.name}: how are they, {one.months} months on?",
            "detail": f"Tried {one.tries} time{'s' * (one.tries != 1)}" if one.tries else "Follow-up after the ending",  # type: ignore[attr-defined]
            "url": reverse("case-outcomes", args=[one.case_id]),
            "action": "Record it",
            "action_url": reverse("follow-up", args=[one.pk]),
            "days_late": max((today - one.due_on).days, 0),
            "when": one.due_on,
        }
        for one in to_ask(request)
    ]
    return {
        "overdue": [row for row in rows if row["days_late"]],
        "this_week": [row for row in rows if not row["days_late"]],
    }


def beside_outcomes(request: UserRequest, *, case: Case, **_: Any) -> dict[str, Any] | None:
    """The follow-ups of a case that has ended, on its Outcomes tab."""
    if case.closed_on is None:
        return None
    rows = list(of_case(case.pk).annotate(tries=Count("attempts")))
    return {"rows": [(one, can_record(request.user, one)) for one in rows]} if rows else None


def beside_closure() -> ArraySubquery:
    """The follow-ups that have ended beside a closure, in the same statement; for `entries_of`."""
    ended = FollowUp.objects.filter(
        closure=OuterRef("pk"), status__in=[FollowUp.Status.DONE, FollowUp.Status.NOT_REACHED]
    )
    return ArraySubquery(
        ended.values(
            data=JSONObject(
                id="id", months="months", on="ended_on", status="status", things="things", words="words",
                slipped="slipped", by="recorded_by__name", known="by_person__known_as", first="by_person__first_name",
            )
        )
    )  # fmt: skip


def entries_of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For the chronology: the answers, and that the family was not reached."""
    entries = []
    for row in rows:
        itself = row["known"] or row["first"]
        said = [FollowUp.Things(row["things"]).label if row["things"] else "", row["words"]]
        said.append(f"Slipped: {row['slipped']}" if row["slipped"] else "")
        entries.append(
            {
                "at": date.fromisoformat(row["on"]),
                "kind": "Follow-up",
                "title": f"Follow-up after {row['months']} months: {FollowUpStatus(row['status']).label.lower()}",
                "by": f"{itself}, on the family’s page" if itself else row["by"] or "",
                "text": "\n".join(part for part in said if part),
                "url": reverse("follow-up", args=[row["id"]]),
            }
        )
    return entries


def since_the_ending(follow_up: FollowUp) -> list[Referral]:
    """Referrals of the family after its case was closed: a re-referral, as the record knows it."""
    closed_on = follow_up.case.closed_on
    if closed_on is None:
        return []
    return list(
        Referral.objects.filter(family_id=follow_up.family_id, received_on__gt=closed_on).order_by("received_on")
    )


@dataclass(frozen=True)
class Figures:
    """Follow-ups whose day fell in a period: every one is one of the four."""

    months: int
    due: int
    done: int
    by_family: int
    not_reached: int
    waiting: int
    better: int
    worse: int
    wants_help: int

    @property
    def answered_of_due(self) -> tuple[int, int]:
        return self.done, self.due


def figures(clusters: Iterable[int], since: date, until: date) -> list[Figures]:
    """For each of 3 and 12 months: how many fell due from `since` to `until` (both included), and what became of them.

    Follow-ups that are not needed (the case went on, the family moved) are no part of them. One statement.
    """
    rows = (
        FollowUp.objects.filter(cluster_id__in=list(clusters), due_on__range=(since, until))
        .exclude(status=FollowUp.Status.NOT_NEEDED)
        .values("months")
        .order_by("months")
        .annotate(
            due=Count("pk"),
            done=Count("pk", filter=Q(status="done")),
            by_family=Count("pk", filter=Q(status="done", how="page")),
            not_reached=Count("pk", filter=Q(status="not_reached")),
            waiting=Count("pk", filter=Q(status="due")),
            better=Count("pk", filter=Q(status="done", things__gte=4)),
            worse=Count("pk", filter=Q(status="done", things__lte=2)),
            wants_help=Count("pk", filter=Q(status="done", wants_help="yes")),
        )
    )
    return [Figures(**row) for row in rows]
