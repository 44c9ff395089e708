"""Goals with their scores and what the family says of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from cases.models import Goal, GoalAction, GoalAgreement, GoalNotAsked, GoalScore, GoalStatus, Review, ReviewPerson
from families.models import Involvement, Person


def goals(case_id: UUID) -> QuerySet[Goal]:
    """Goals of a case with scores in order, agreements and actions: one query."""
    scores = (
        GoalScore.objects.filter(goal=OuterRef("pk"))
        .order_by("scored_on", "created_at")
        .values(data=JSONObject(score="score", on="scored_on", given_by="given_by_id"))
    )
    agreements = (
        GoalAgreement.objects.filter(goal=OuterRef("pk"))
        .order_by("created_at")
        .values(data=JSONObject(person="person_id", agrees="agrees", words="words", itself="by_itself_at"))
    )
    actions = (
        GoalAction.objects.filter(goal=OuterRef("pk"))
        .order_by("created_at")
        .values(data=JSONObject(id="id", what="what", who="who", by_when="by_when", done_on="done_on"))
    )
    not_asked = (
        GoalNotAsked.objects.filter(goal=OuterRef("pk")).order_by().values("goal").annotate(n=Count("*")).values("n")
    )
    return (
        Goal.objects.filter(plan__case_id=case_id)
        .annotate(
            score_rows=ArraySubquery(scores),
            agreement_rows=ArraySubquery(agreements),
            action_rows=ArraySubquery(actions),
            not_asked_at=Subquery(not_asked),
        )
        .order_by("position", "created_at")
    )


def reviews(case_id: UUID, people: list[Person], most: int = 10) -> list[Review]:
    """The latest reviews, each with `present`: who took part, by name, of the family and beside it."""
    members = ReviewPerson.objects.filter(review=OuterRef("pk")).values_list("person_id")
    found: list[Review] = list(
        Review.objects.filter(plan__case_id=case_id)
        .select_related("author")
        .annotate(person_ids=ArraySubquery(members))
        .order_by("-reviewed_on", "-created_at")[:most]
    )
    for review in found:
        names = [person.short_name for person in people if person.pk in review.person_ids]  # type: ignore[attr-defined]
        review.present = ", ".join(names + [review.took_part] * bool(review.took_part))  # type: ignore[attr-defined]
    return found


# Younger children are heard at contacts; they are not asked to agree with a plan. Our own line: no source draws one.
ASKED_FROM_AGE = 5


def to_be_asked() -> Q:
    """Whose agreement with a goal counts: who lives there or takes part in the plan, and is old enough."""
    born = timezone.localdate() - timedelta(days=round(ASKED_FROM_AGE * 365.25))
    old_enough = Q(is_child=False) | Q(birth_date__isnull=True) | Q(birth_date__lte=born)
    near = Q(in_household=True) | Q(involvement=Involvement.INVOLVED)
    return near & old_enough & Q(deceased=False) & ~Q(involvement=Involvement.NOT_TO_BE)


def is_asked(person: Person) -> bool:
    """`to_be_asked` of somebody who is loaded already."""
    old_enough = not person.is_child or person.age is None or person.age >= ASKED_FROM_AGE
    near = person.in_household or person.involvement == Involvement.INVOLVED
    return near and old_enough and not person.deceased and person.involvement != Involvement.NOT_TO_BE


def not_agreed_by_all() -> Exists:
    """For a list of cases: a live goal that somebody disagrees with, or that somebody was not asked about [E]."""
    answers = GoalAgreement.objects.filter(goal=OuterRef(OuterRef("pk")), person=OuterRef("pk"), agrees=True)
    left_out = Person.objects.filter(to_be_asked(), ~Exists(answers), family_id=OuterRef("family_id"))
    against = GoalAgreement.objects.filter(goal=OuterRef("pk"), agrees=False)
    return Exists(
        Goal.objects.filter(Exists(left_out) | Exists(against), plan__case=OuterRef("pk"), status=GoalStatus.LIVE)
    )


@dataclass(frozen=True)
class GoalCard:
    """A goal as the pages show it. `disagree` and `unasked` are names; both empty of a goal that has ended."""

    goal: Goal
    scores: list[int]
    now: int | None
    said: list[str]
    actions: list[dict[str, Any]]
    factors: list[str]
    disagree: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)

    @property
    def first(self) -> int | None:
        return self.goal.baseline if self.goal.baseline is not None else (self.scores[0] if self.scores else None)

    @property
    def by_itself(self) -> int:
        """How many of the scores the family gave on its page, without a worker."""
        return sum(row["given_by"] is not None for row in self.goal.score_rows)  # type: ignore[attr-defined]

    @property
    def agreed(self) -> bool:
        """Somebody of the family agrees, and nobody was left saying no."""
        rows = self.goal.agreement_rows  # type: ignore[attr-defined]
        return bool(rows) and all(row["agrees"] for row in rows)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _on_own_page(at: str | None) -> str:
    """“ (on the family’s page, 3 November)” of what was said there."""
    return f" (on the family’s page, {timezone.localtime(datetime.fromisoformat(at)):%-d %B})" if at else ""


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
        itself = _on_own_page(row["itself"])
        if row["words"]:
            said.append(f"{name}{itself}: “{row['words']}”")
        elif person is not whose or itself or not row["agrees"]:
            said.append(f"{name} {'agrees' if row['agrees'] else 'does not agree'}{itself}")
    actions = [
        {**row, "by_when": _day(row["by_when"]), "done_on": _day(row["done_on"])}
        for row in goal.action_rows  # type: ignore[attr-defined]
    ]
    now = scores[-1] if scores else None
    if goal.status != GoalStatus.LIVE:
        return GoalCard(goal, scores, now, said, actions, factors or [])
    agrees = {UUID(row["person"]): row["agrees"] for row in goal.agreement_rows}  # type: ignore[attr-defined]
    return GoalCard(
        goal,
        scores,
        now,
        said,
        actions,
        factors or [],
        disagree=[person.short_name for pk, person in people.items() if agrees.get(pk) is False],
        unasked=[person.short_name for pk, person in people.items() if pk not in agrees and is_asked(person)],
    )


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
