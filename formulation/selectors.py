"""Reads of formulations: the latest, the earlier ones, what a goal addresses, why we are here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Max, OuterRef
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Goal, GoalStatus
from cluster_ehs.core.models import Event
from clusters.models import Term, User, Vocabulary
from clusters.people import duties
from formulation.models import QUESTIONS, Factor, Formulation, GoalFactor, P, Participant

WHY = (P.PRECIPITATING, P.PERPETUATING, P.PROTECTIVE)
AT_MOST = 3


def versions(case: Case) -> list[Formulation]:
    """Every version of a case's formulation, newest first, with `took_part`: ids of the family's members."""
    there = Participant.objects.filter(formulation=OuterRef("pk")).values("person_id")
    return list(
        Formulation.objects.filter(case=case)
        .select_related("author")
        .annotate(took_part=ArraySubquery(there))
        .order_by("-number")
    )


def factors_of(formulation: Formulation) -> list[Factor]:
    """The factors with domain, person and `goals`: the words of the goals that address them. One query."""
    goals = GoalFactor.objects.filter(factor=OuterRef("pk")).order_by("goal__position").values("goal__words")
    return list(
        Factor.objects.filter(formulation=formulation)
        .select_related("domain", "person")
        .annotate(goals=ArraySubquery(goals))
        .order_by("p", "position", "created_at")
    )


def last_saved(formulation: Formulation) -> Event | None:
    """Who saved a formulation last, and when."""
    about = f"{formulation._meta.label_lower}:{formulation.pk}"
    return (
        Event.objects.filter(family_id=formulation.family_id, about=about, kind="formulation.saved")
        .order_by("-id")
        .first()
    )


def boxes(factors: Iterable[Factor]) -> list[dict[str, Any]]:
    """The six Ps in order, each with its question and its factors."""
    by_p: dict[str, list[Factor]] = defaultdict(list)
    for factor in factors:
        by_p[factor.p].append(factor)
    return [{"p": p, "label": p.label, "question": QUESTIONS[p], "factors": by_p[p.value]} for p in P]


def domains(including: Iterable[int] = ()) -> list[Term]:
    """Domains that may be chosen today, and retired ones that are in use on this record."""
    terms = Term.objects.of(Vocabulary.DOMAIN)
    return list((terms.current() | terms.filter(pk__in=list(including))).order_by("order", "label"))


def goals_to_link(case: Case) -> list[Goal]:
    """The live goals of the case's plan."""
    return list(Goal.objects.filter(plan__case=case, status=GoalStatus.LIVE).order_by("position"))


# --- slots of the case page ---
def tab(request: HttpRequest, *, case: Case, **_: Any) -> dict[str, Any]:
    return {"key": "formulation", "label": "Formulation", "url": reverse("case-formulation", args=[case.pk])}


def reads_text(user: User, *, case: Case | None = None, **_: Any) -> bool:
    """Formulations are free text: the staff who read the record read them."""
    return case is None or case.cluster_id in duties(user).clusters


def why_we_are_here(request: HttpRequest, *, case: Case, **_: Any) -> dict[str, Any] | None:
    """What set it off, what keeps it going and what protects, from the latest formulation; one query."""
    found = (
        Factor.objects.filter(formulation__case=case, formulation__number=_latest_number(case))
        .select_related("formulation")
        .order_by("position", "created_at")
    )
    by_p: dict[str, list[Factor]] = defaultdict(list)
    formulation = None
    for factor in found:
        by_p[factor.p].append(factor)
        formulation = factor.formulation
    return {
        "sentence": sentence(by_p),
        "formulation": formulation,
        "url": reverse("case-formulation", args=[case.pk]),
    }


def _latest_number(case: Case) -> Any:
    return (
        Formulation.objects.filter(case=case).order_by().values("case").annotate(last=Max("number")).values("last")[:1]
    )


def sentence(by_p: dict[str, list[Factor]]) -> str:
    """“The move to a new school (precipitating), kept going by …” with at most three factors of each P."""
    set_off, keeps_going, protects = (joined([continued(f.text) for f in by_p.get(p, [])[:AT_MOST]]) for p in WHY)
    story = []
    if set_off:
        story.append(f"{set_off} ({P.PRECIPITATING.label.lower()})")
    if keeps_going:
        story.append(f"kept going by {keeps_going} ({P.PERPETUATING.label.lower()})")
    told = ", ".join(story)
    if protects:
        told += f"{'; ' if told else ''}{protects} ({P.PROTECTIVE.label.lower()})"
    return f"{told[:1].upper()}{told[1:]}." if told else ""


def continued(text: str) -> str:
    """A factor inside a sentence: no full stop, a small first letter unless it is or belongs to a name."""
    text = text.strip().rstrip(".;,")
    first, _, rest = text.partition(" ")
    name = first.endswith(("'s", "’s", "s'", "s’")) or rest[:1].isupper() or first[1:] != first[1:].lower()
    return text if name or first == "I" else f"{text[:1].lower()}{text[1:]}"


def joined(parts: list[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def in_chronology(request: HttpRequest, *, case: Case, **_: Any) -> dict[str, Any]:
    url = reverse("case-formulation", args=[case.pk])
    return {
        "entries": [
            {
                "at": timezone.make_aware(datetime.combine(f.made_on, time(12))),
                "kind": "Formulation",
                "title": f"Formulation {f.number}, {f.get_setting_display().lower()}",
                "by": f.author.name,
                "text": f.summary,
                "url": f"{url}{f.number}/",
            }
            for f in Formulation.objects.filter(case=case).select_related("author")
        ]
    }


def addressed(request: HttpRequest, *, case: Case, **_: Any) -> dict[str, Any]:
    """For each goal of a case, the texts of the factors that it addresses; one query."""
    by_goal: dict[UUID, list[str]] = defaultdict(list)
    links = GoalFactor.objects.filter(goal__plan__case=case).select_related("factor")
    for link in links.order_by("factor__p", "factor__position"):
        by_goal[link.goal_id].append(f"{link.factor.text} ({link.factor.get_p_display().lower()})")
    return {"by_goal": dict(by_goal)}
