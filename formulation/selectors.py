"""Reads of formulations: the latest, the earlier ones, what a goal addresses, why we are here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseStatus, Goal, GoalStatus
from cases.selectors.case import lead_of
from cluster_ehs.core.models import Event
from clusters.models import Term, User, Vocabulary
from clusters.people import duties
from families.models import Person
from formulation.models import QUESTIONS, Assessment, Factor, Formulation, GoalFactor, P, Participant
from referrals.models import Referral, Status

WHY = (P.PRECIPITATING, P.PERPETUATING, P.PROTECTIVE)
AT_MOST = 3
IN_THE_PLAN = 12


def versions(**of: Any) -> list[Formulation]:
    """Every version of a formulation, newest first, with `took_part`: ids of the family's members."""
    there = Participant.objects.filter(formulation=OuterRef("pk")).values("person_id")
    return list(
        Formulation.objects.filter(**of)
        .select_related("author", "assessment")
        .annotate(took_part=ArraySubquery(there))
        .order_by("-number")
    )


def versions_of_case(case: Case) -> dict[str, list[Formulation]]:
    """The versions of a case, and `from_referrals`: what was made at screening and did not become part of them."""
    there = Participant.objects.filter(formulation=OuterRef("pk")).values("person_id")
    found = list(
        Formulation.objects.filter(Q(case=case) | Q(case=None, referral__case_link__case=case))
        .select_related("author", "assessment", "referral")
        .annotate(took_part=ArraySubquery(there))
        .order_by("-number")
    )
    return {
        "versions": [f for f in found if f.case_id],
        "from_referrals": [f for f in found if not f.case_id],
    }


def size_of_print(formulation: Formulation, factors: list[Factor]) -> str:
    """How large the page for the family is set, so that it stays one page: by the letters there are."""
    letters = len(formulation.summary) + sum(len(factor.text) + 24 for factor in factors)
    return next((size for size, most in (("large", 1600), ("middle", 3200)) if letters <= most), "small")


def factors_of(formulation: Formulation) -> list[Factor]:
    """The factors with domain, person and `goals`: the words of the goals that address them. One query."""
    goals = GoalFactor.objects.filter(factor=OuterRef("pk")).order_by("goal__position").values("goal__words")
    return list(
        Factor.objects.filter(formulation=formulation)
        .select_related("domain", "person")
        .annotate(goals=ArraySubquery(goals))
        .order_by("p", "position", "created_at")
    )


def factors_of_all(formulations: Iterable[Formulation]) -> dict[UUID, list[Factor]]:
    """Formulation's key -> its factors in order, with domain and person. One query."""
    found: dict[UUID, list[Factor]] = {formulation.pk: [] for formulation in formulations}
    rows = Factor.objects.filter(formulation_id__in=list(found)).select_related("domain", "person")
    for factor in rows.order_by("p", "position", "created_at"):
        found[factor.formulation_id].append(factor)
    return found


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
    """What set it off, what keeps it going and what protects, from the latest formulation; and the assessment.

    One query, two while nothing is written.
    """
    latest = Assessment.objects.filter(case=case).order_by("-starts_on", "-created_at")
    found = (
        Factor.objects.filter(formulation__case=case, formulation__number=_latest_number(case))
        .select_related("formulation")
        .annotate(
            assessment=Subquery(latest.values(data=_TOLD)[:1]),
            names=ArraySubquery(
                Person.objects.filter(family=OuterRef("family_id")).values(
                    name=Coalesce(NullIf("known_as", Value("")), "first_name")
                )
            ),
        )
        .order_by("position", "created_at")
    )
    by_p: dict[str, list[Factor]] = defaultdict(list)
    formulation, told = None, None
    names: frozenset[str] = frozenset()
    for factor in found:
        by_p[factor.p].append(factor)
        formulation, told, names = factor.formulation, factor.assessment, frozenset(factor.names)
    if formulation is None:
        told = latest.values_list(_TOLD, flat=True).first()
    return {
        "sentence": sentence(by_p, names),
        "formulation": formulation,
        "closed": case.status == CaseStatus.CLOSED,
        "assessment": assessment_line(told) if told else "",
        "url": reverse("case-formulation", args=[case.pk]),
    }


_TOLD = JSONObject(status="status", starts="starts_on", completed="completed_on", ended="ended_on")


def assessment_line(told: dict[str, Any]) -> str:
    """“Early help assessment completed 3 June 2026”, from dates as the database gives them in JSON."""
    words = {
        Assessment.Status.BEGUN: ("in progress since", told["starts"]),
        Assessment.Status.COMPLETED: ("completed", told["completed"]),
        Assessment.Status.ENDED: ("ended without completion", told["ended"]),
    }
    said, day = words[Assessment.Status(told["status"])]
    return f"Early help assessment {said} {date.fromisoformat(day):%-d %B %Y}."


def _latest_number(case: Case) -> Any:
    return (
        Formulation.objects.filter(case=case).order_by().values("case").annotate(last=Max("number")).values("last")[:1]
    )


def sentence(by_p: dict[str, list[Factor]], names: Collection[str] = ()) -> str:
    """“The move to a new school (precipitating), kept going by …” with at most three factors of each P.

    names: of the family, which keep their first letter.
    """
    set_off, keeps_going, protects = (
        joined([continued(f.text, names) for f in by_p.get(p, [])[:AT_MOST]]) for p in WHY
    )
    story = []
    if set_off:
        story.append(f"{set_off} ({P.PRECIPITATING.label.lower()})")
    if keeps_going:
        story.append(f"kept going by {keeps_going} ({P.PERPETUATING.label.lower()})")
    told = ", ".join(story)
    if protects:
        told += f"{'; ' if told else ''}{protects} ({P.PROTECTIVE.label.lower()})"
    return f"{told[:1].upper()}{told[1:]}." if told else ""


def continued(text: str, names: Collection[str] = ()) -> str:
    """A factor inside a sentence: no full stop, a small first letter unless it is or belongs to a name."""
    text = text.strip().rstrip(".;,")
    first, _, rest = text.partition(" ")
    name = (
        first.strip(",") in names
        or first.endswith(("'s", "’s", "s'", "s’"))
        or rest[:1].isupper()
        or first[1:] != first[1:].lower()
    )
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


def beside_plan(request: HttpRequest, *, case: Case, **_: Any) -> dict[str, Any] | None:
    """Which factors no live goal addresses yet, and which strengths the plan builds on; one query."""
    live = GoalFactor.objects.filter(factor=OuterRef("pk"), goal__status=GoalStatus.LIVE)
    found = list(
        Factor.objects.filter(formulation__case=case, formulation__number=_latest_number(case))
        .annotate(used=Exists(live))
        .order_by("position", "created_at")
    )
    if not found:
        return None
    order = list(P)
    open_ones = [f for f in found if not f.used and f.p != P.PROTECTIVE]  # type: ignore[attr-defined]
    open_ones.sort(key=lambda factor: order.index(P(factor.p)))
    strengths = [f for f in found if f.p == P.PROTECTIVE]
    return {
        "unaddressed": open_ones[:IN_THE_PLAN],
        "more": len(open_ones) - IN_THE_PLAN,
        "addressed": sum(f.used for f in found if f.p != P.PROTECTIVE),  # type: ignore[attr-defined]
        "used": [f for f in strengths if f.used],  # type: ignore[attr-defined]
        "unused": [f for f in strengths if not f.used][:IN_THE_PLAN],  # type: ignore[attr-defined]
        "may_write": _may_use(request.user, case),  # type: ignore[arg-type]
        "url": reverse("case-formulation", args=[case.pk]),
    }


def _may_use(user: User, case: Case) -> bool:
    """The lead worker and the leader, told without a query; others find the same link on the formulation."""
    lead = lead_of(case)
    leads = case.cluster_id in duties(user).leads
    return case.status != CaseStatus.CLOSED and (leads or (lead is not None and lead.pk == user.pk))


# --- slot of the referral's page ---
def works_with_referral(user: User, *, referral: Referral, **_: Any) -> bool:
    return referral.cluster_id in duties(user).clusters


def of_referral(request: HttpRequest, *, referral: Referral, **_: Any) -> dict[str, Any] | None:
    """What was formulated with a referral; nothing once it went into the case, or when nothing can be begun."""
    made = Formulation.objects.filter(referral=referral).order_by("-number").first()
    if made is None and referral.status == Status.ENDED:
        return None
    in_case = made.case_id if made else None
    url = (
        reverse("case-formulation", args=[in_case]) if in_case else reverse("referral-formulation", args=[referral.pk])
    )
    return {"made": made, "in_case": in_case, "url": url}
