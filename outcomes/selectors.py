"""Reads of closures and endings: one closure whole, those that wait, what a case's page and the homes show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from cases import digest
from cases.models import Case, GoalStatus, SocialCareStep
from cases.selectors.plan import GoalCard
from clusters.http import UserRequest
from clusters.people import duties
from outcomes.followup.selectors import beside_closure, entries_of
from outcomes.models import Closure, ClosureGoal, ClosureOutcome, ExitPlan, UndoneReopening
from triage.models import Ending, EndingOutcome, Outcome

HEADINGS = (
    ("in_place", "What stays in place"),
    ("wider_family", "Family and friends who help"),
    ("community", "In the community"),
    ("school", "At school"),
    ("if_things_slip", "If things slip"),
    ("back_in_touch", "How to get back in touch"),
    ("who_stays", "Who stays in touch"),
)
# The same headings as the family reads them.
TO_THE_FAMILY = {
    "in_place": "What we keep doing",
    "wider_family": "Family and friends who are there for us",
    "community": "Places and groups near us",
    "school": "At school",
    "if_things_slip": "If things start to slip",
    "back_in_touch": "How to get in touch again",
    "who_stays": "Who stays in touch with us",
}


def closures() -> QuerySet[Closure]:
    """Closures with exit plan, outcomes and the ends of goals: one query."""
    outcomes = ClosureOutcome.objects.filter(closure=OuterRef("pk")).values("outcome")
    goals = (
        ClosureGoal.objects.filter(closure=OuterRef("pk"))
        .order_by("goal__position")
        .values(data=JSONObject(goal="goal_id", result="result", score="score", reason="reason"))
    )
    return (
        Closure.objects.select_related("exit_plan__follow_up_by", "asked_by", "answered_by", "reopened_by")
        .annotate(outcome_codes=ArraySubquery(outcomes), goal_rows=ArraySubquery(goals))
        .order_by("-created_at")
    )


def outcome_labels(codes: list[str]) -> list[str]:
    """In the order of the vocabulary."""
    return [str(outcome.label) for outcome in Outcome if outcome.value in codes]


def plan_rows(plan: ExitPlan | None, headings: dict[str, str] | None = None) -> list[tuple[str, str]]:
    """The filled headings of an exit plan."""
    words = headings or dict(HEADINGS)
    rows = [(words[name], text) for name, _ in HEADINGS if plan and (text := getattr(plan, name).strip())]
    if plan and not headings:
        asks = plan.follow_up_by.name if plan.follow_up_by else "The leaders"
        rows.append(("Asks after 3 and 12 months", asks))
    return rows


def empty_headings(plan: ExitPlan | None) -> list[str]:
    return [label for name, label in HEADINGS if not (plan and getattr(plan, name).strip())]


def goal_ends(closure: Closure, cards: list[GoalCard]) -> list[dict[str, Any]]:
    """Each goal that the closure ends, with its scores at the start and at the end, its aim and what became of it."""
    by_id = {card.goal.pk: card for card in cards}
    rows = []
    for row in closure.goal_rows:  # type: ignore[attr-defined]
        card = by_id.get(UUID(row["goal"]))
        if card is None:
            continue
        signed = closure.status == Closure.Status.SIGNED_OFF
        scores = card.scores if signed or row["score"] is None else [*card.scores, row["score"]]
        rows.append(
            {
                "goal": card.goal,
                "scores": scores,
                "first": card.first,
                "last": scores[-1] if scores else None,
                "result": GoalStatus(row["result"]).label,
                "reason": row["reason"],
            }
        )
    return rows


def goal_rows(cards: list[GoalCard]) -> list[dict[str, Any]]:
    """Every goal of the plan with its scores at the start and now, its aim and where it stands."""
    return [
        {
            "goal": card.goal,
            "scores": card.scores,
            "first": card.first,
            "last": card.now,
            "result": card.goal.get_status_display(),
            "reason": card.goal.ended_reason,
        }
        for card in cards
    ]


def endings(case: Case) -> list[dict[str, Any]]:
    """How each referral of the case ended, or that it has not; one query."""
    outcomes = EndingOutcome.objects.filter(ending__referral=OuterRef("referral_id")).values("outcome")
    rows = (
        case.case_referrals.annotate(
            ended_on=F("referral__ending__ended_on"),
            where=F("referral__ending__where"),
            codes=ArraySubquery(outcomes),
        )
        .select_related("referral__child")
        .order_by("referral__received_on")
    )
    return [
        {
            "referral": row.referral,
            "ended_on": row.ended_on,
            "where": Ending.Where(row.where).label if row.where else "",
            "outcomes": outcome_labels(row.codes),
        }
        for row in rows
    ]


# --- slots ---
def tab(request: UserRequest, *, case: Case, **_: Any) -> dict[str, Any]:
    return {"key": "outcomes", "label": "Outcomes", "url": reverse("case-outcomes", args=[case.pk])}


def to_sign_off(request: UserRequest, **_: Any) -> dict[str, Any] | None:
    """Closures that wait for a leader of the Clusters this user leads, the longest first."""
    today = timezone.localdate()
    rows = (
        Closure.objects.filter(cluster_id__in=duties(request.user).leads, status=Closure.Status.ASKED)
        .select_related("family", "asked_by", "case")
        .order_by("created_at")
    )
    found = [
        {"closure": row, "days": (today - timezone.localtime(row.created_at).date()).days, "family": row.family}
        for row in rows
    ]
    return {"rows": found} if found else None


def returned_to_me(request: UserRequest, **_: Any) -> dict[str, Any]:
    """My closures that came back and were not asked for again."""
    rows = (
        Closure.objects.filter(
            cluster_id__in=duties(request.user).clusters,
            asked_by=request.user,
            status=Closure.Status.RETURNED,
            case__status="open",
        )
        .select_related("family", "answered_by")
        .order_by("case_id", "-created_at")
        .distinct("case_id")
    )
    today = timezone.localdate()
    return {
        "overdue": [],
        "this_week": [
            {
                "title": f"{row.family.name}: closure returned",
                "detail": row.answer,
                "url": reverse("case-outcomes", args=[row.case_id]),
                "action": "Complete it",
                "action_url": reverse("case-close", args=[row.case_id]),
                "days_late": 0,
                "when": _day(row) or today,
            }
            for row in rows
        ],
    }


def _day(closure: Closure) -> date | None:
    return timezone.localtime(closure.answered_at).date() if closure.answered_at else None


def in_chronology(request: UserRequest, *, case: Case, **_: Any) -> dict[str, Any]:
    """What was asked, answered and taken back; one query."""
    url = reverse("case-outcomes", args=[case.pk])
    entries = []
    rows = (
        Closure.objects.filter(case=case)
        .select_related("asked_by", "answered_by", "reopened_by", "exit_plan")
        .annotate(
            outcome_codes=ArraySubquery(ClosureOutcome.objects.filter(closure=OuterRef("pk")).values("outcome")),
            follow_rows=beside_closure(),
            undone=ArraySubquery(
                UndoneReopening.objects.filter(closure=OuterRef("pk")).values(
                    data=JSONObject(
                        opened="reopened_at",
                        opener="reopened_by__name",
                        why="reopened_reason",
                        at="created_at",
                        by="undone_by__name",
                        reason="reason",
                    )
                )
            ),
        )
    )
    for row in rows:
        words = "; ".join(outcome_labels(row.outcome_codes))  # type: ignore[attr-defined]
        said: list[tuple[Any, str, Any, str]] = [(row.created_at, "Closure asked for", row.asked_by, words)]
        if row.status == Closure.Status.RETURNED:
            said.append((row.answered_at, "Closure returned", row.answered_by, row.answer))
        if row.status == Closure.Status.SIGNED_OFF:
            said.append((row.answered_at, "Closure signed off", row.answered_by, words))
        if row.reopened_at:
            said.append((row.reopened_at, "Case opened again", row.reopened_by, row.reopened_reason))
        entries += entries_of(row.follow_rows)  # type: ignore[attr-defined]
        for each in row.undone:  # type: ignore[attr-defined]
            for at, title, name, text in (
                (each["opened"], "Case opened again", each["opener"], each["why"]),
                (each["at"], "Reopening undone: a mistake", each["by"], each["reason"]),
            ):
                when = datetime.fromisoformat(at)
                entries.append({"at": when, "kind": "Closure", "title": title, "by": name, "text": text, "url": url})
        entries += [
            {"at": at, "kind": "Closure", "title": title, "by": by.name if by else "", "text": text, "url": url}
            for at, title, by, text in said
        ]
    return {"entries": entries}


def in_digest(request: HttpRequest, *, clusters: Sequence[int]) -> dict[str, Any]:
    """What closing counts in the numbers of the week, by Cluster."""
    asked = Closure.objects.filter(cluster_id__in=clusters, status=Closure.Status.ASKED)
    return {"lines": [("closures to sign off", digest.count(asked))]}


def closes_with_step_up(case: Case) -> bool:
    """Whether the last step was one up after which the case closes; no query for a case loaded as having no steps."""
    if not getattr(case, "has_steps", True):
        return False
    last = SocialCareStep.objects.filter(case=case).first()
    return bool(last and last.direction == "up" and last.meanwhile == SocialCareStep.Meanwhile.CLOSES)


def reopen_until(case: Case, days: int) -> date | None:
    return case.closed_on + timedelta(days=days) if case.closed_on else None
