"""Goals with their scores and what the family says of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from cases.models import Goal, GoalAction, GoalAgreement, GoalScore, GoalStatus, Review, ReviewPerson
from families.models import Person


def goals(case_id: UUID) -> QuerySet[Goal]:
    """Goals of a case with scores in order, agreements and actions: one query."""
    scores = (
        GoalScore.objects.filter(goal=OuterRef("pk"))
        .order_by("scored_on", "created_at")
        .values(data=JSONObject(score="score", on="scored_on"))
    )
    agreements = (
        GoalAgreement.objects.filter(goal=OuterRef("pk"))
        .order_by("created_at")
        .values(data=JSONObject(person="person_id", agrees="agrees", words="words"))
    )
    actions = (
        GoalAction.objects.filter(goal=OuterRef("pk"))
        .order_by("created_at")
        .values(data=JSONObject(id="id", what="what", who="who", by_when="by_when", done_on="done_on"))
    )
    return (
        Goal.objects.filter(plan__case_id=case_id)
        .annotate(
            score_rows=ArraySubquery(scores),
            agreement_rows=ArraySubquery(agreements),
            action_rows=ArraySubquery(actions),
        )
        .order_by("position", "created_at")
    )


def reviews(case_id: UUID, people: list[Person], most: int = 10) -> list[Review]:
    """The latest reviews, each with `present`: who took part, by name, of the family and beside it."""
    members = ReviewPerson.objects.filter(review=OuterRef("pk")).values_list("person_id")
    found = list(
        Review.objects.filter(plan__case_id=case_id)
        .select_related("author")
        .annotate(person_ids=ArraySubquery(members))
        .order_by("-reviewed_on", "-created_at")[:most]
    )
    for review in found:
        names = [person.short_name for person in people if person.pk in review.person_ids]  # type: ignore[attr-defined]
        review.present = ", ".join(names + [review.took_part] * bool(review.took_part))  # type: ignore[attr-defined]
    return found


@dataclass(frozen=True)
class GoalCard:
    """A goal as the pages show it."""

    goal: Goal
    scores: list[int]
    now: int | None
    said: list[str]
    actions: list[dict[str, Any]]
    factors: list[str]

    @property
    def first(self) -> int | None:
        return self.goal.baseline if self.goal.baseline is not None else (self.scores[0] if self.scores else None)

    @property
    def agreed(self) -> bool:
        """Somebody of the family agrees, and nobody was left saying no."""
        rows = self.goal.agreement_rows  # type: ignore[attr-defined]
        return bool(rows) and all(row["agrees"] for row in rows)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def card(goal: Goal, people: dict[UUID, Person], factors: list[str] | None = None) -> GoalCard:
    rows = goal.score_rows  # type: ignore[attr-defined]
    scores = [row["score"] for row in rows]
    said = []
    whose = people.get(goal.whose_id) if goal.whose_id else None
    if whose:
        said.append(f"{whose.short_name}’s goal")
    for row in goal.agreement_rows:  # type: ignore[attr-defined]
        person = people.get(UUID(row["person"]))
        name = person.short_name if person else "Somebody"
        if row["words"]:
            said.append(f"{name}: “{row['words']}”")
        elif person is not whose or not row["agrees"]:
            said.append(f"{name} {'agrees' if row['agrees'] else 'does not agree'}")
    actions = [
        {**row, "by_when": _day(row["by_when"]), "done_on": _day(row["done_on"])}
        for row in goal.action_rows  # type: ignore[attr-defined]
    ]
    return GoalCard(goal, scores, scores[-1] if scores else None, said, actions, factors or [])


def cards(
    case_id: UUID, people: list[Person], *, factors: dict[UUID, list[str]] | None = None, live: bool = False
) -> list[GoalCard]:
    """Every goal of a case as a card, live ones first."""
    known = {person.pk: person for person in people}
    rows = goals(case_id)
    if live:
        rows = rows.filter(status=GoalStatus.LIVE)
    found = [card(goal, known, (factors or {}).get(goal.pk)) for goal in rows]
    return sorted(found, key=lambda one: one.goal.status != GoalStatus.LIVE)
