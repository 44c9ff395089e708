"""When a case counts as stuck: the one place of the rule. Pages show its words beside the cases."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from cases.models import Case, CaseService, GoalScore, GoalStatus, OnTrack, SupervisionCase
from cases.selectors.home import NO_CONTACT_DAYS
from cases.selectors.lists import children, told
from clusters.models import User

# So many scores of a goal in a row without a difference count as no movement.
STILL = 4
COLOURS = {OnTrack.ON_TRACK: "green", OnTrack.NOT_ON_TRACK: "red", OnTrack.UNSURE: "yellow"}
RULES = (
    f"no live goal’s score has moved over its last {STILL} scores",
    "the review of the plan is overdue",
    f"there was no contact for {NO_CONTACT_DAYS} days",
    "it was discussed before as not on track, and not as on track since",
)


@dataclass(frozen=True)
class Reviewed:
    """A case as supervision looks at it. stuck: the reasons, none when it moves."""

    case: Case
    children: str
    lead: str
    scores: list[tuple[str, list[int]]]
    last: dict[str, Any] | None
    stuck: list[str]

    @property
    def track(self) -> str:
        return OnTrack(self.last["track"]).label if self.last else ""

    @property
    def colour(self) -> str:
        return COLOURS[self.last["track"]] if self.last else ""


def cases_of(workers: Collection[User], cluster_ids: Collection[int]) -> dict[int, list[Reviewed]]:
    """Open cases that the reader may see, by worker (lead worker or worker of an active service), the most stuck first.

    One query, however many workers.
    """
    ids = [worker.pk for worker in workers]
    of_them = Q(lead_workers__worker__in=ids, lead_workers__ends_on__isnull=True) | Q(
        services__worker__in=ids, services__status=CaseService.Status.ACTIVE
    )
    own = Case.objects.open().filter(of_them, cluster_id__in=list(cluster_ids)).values("pk")
    found: dict[int, list[Reviewed]] = {pk: [] for pk in ids}
    for case in looked_at(Case.objects.filter(pk__in=own)):
        one = reviewed(case)
        for pk in ids:
            if pk == case.lead_id or pk in case.givers:
                found[pk].append(one)
    for cases in found.values():
        cases.sort(key=lambda one: (-len(one.stuck), one.case.family.name, one.case.opened_on))
    return found


def looked_at(cases: QuerySet[Case]) -> Any:
    """Cases with what the rule reads: scores of live goals, the last discussion, lead worker and children."""
    scores = (
        GoalScore.objects.filter(goal__plan__case=OuterRef("pk"), goal__status=GoalStatus.LIVE)
        .order_by("goal__position", "scored_on", "created_at")
        .values(data=JSONObject(goal="goal__words", score="score"))
    )
    last = (
        SupervisionCase.objects.filter(case=OuterRef("pk"))
        .order_by("-held_at")
        .values(data=JSONObject(track="track", at="held_at", decisions="decisions"))[:1]
    )
    return (
        cases.annotate(
            lead=FilteredRelation("lead_workers", condition=Q(lead_workers__ends_on__isnull=True)),
            kids=children(),
            line=ArraySubquery(scores),
            discussed=Subquery(last),
            givers=ArraySubquery(
                CaseService.objects.filter(case=OuterRef("pk"), status=CaseService.Status.ACTIVE).values("worker_id")
            ),
        )
        .annotate(lead_name=F("lead__worker__name"), lead_id=F("lead__worker_id"))
        .select_related("family")
    )


def reviewed(case: Any, today: date | None = None) -> Reviewed:
    """Reads what `looked_at` has put beside the case."""
    by_goal: dict[str, list[int]] = {}
    for row in case.line:
        by_goal.setdefault(row["goal"], []).append(row["score"])
    last = case.discussed
    return Reviewed(
        case,
        told(case.kids)[0],
        case.lead_name or "",
        list(by_goal.items()),
        last,
        stuck_because(case, by_goal, last["track"] if last else "", today or timezone.localdate()),
    )


def stuck_because(case: Case, scores: dict[str, list[int]], track: str, today: date) -> list[str]:
    """Why a case counts as stuck, in the order of `RULES`; empty when it moves."""
    reasons = []
    long_enough = [line[-STILL:] for line in scores.values() if len(line) >= STILL]
    if long_enough and all(len(set(line)) == 1 for line in long_enough) and len(long_enough) == len(scores):
        reasons.append(f"no score moved over {STILL} contacts")
    if case.review_due_on and case.review_due_on < today:
        reasons.append(f"review {(today - case.review_due_on).days} days overdue")
    quiet = (today - (case.last_contact_on or case.opened_on)).days
    if quiet >= NO_CONTACT_DAYS:
        reasons.append(f"no contact for {quiet} days")
    if track == OnTrack.NOT_ON_TRACK:
        reasons.append("was not on track when it was discussed")
    return reasons
