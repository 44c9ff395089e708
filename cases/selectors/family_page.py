"""What a family reads of its own record: the plan, the scores, who helps. Read as the family, inside its one window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from cases.models import Case, CaseService, CaseStatus, GoalStatus
from cases.selectors.case import lead_of
from cases.selectors.plan import GoalCard
from clusters.models import Cluster, User
from families.models import Person
from referrals.public.languages import LANGUAGES
from referrals.public.texts import shows_unconfirmed


@dataclass(frozen=True)
class FamilyPage:
    case: Case
    goals: list[GoalCard]
    ended: list[GoalCard]
    lead: User | None
    helpers: list[CaseService]
    cluster: Cluster
    closed: bool


def page_with(case: Case, goals: list[GoalCard], services: Iterable[CaseService]) -> FamilyPage:
    """The same from what is loaded already: for the worker who prints it."""
    lead = lead_of(case)
    return FamilyPage(
        case,
        [card for card in goals if card.goal.status == GoalStatus.LIVE],
        [card for card in goals if card.goal.status == GoalStatus.ACHIEVED],
        lead,
        [
            service
            for service in services
            if service.status == CaseService.Status.ACTIVE and (lead is None or service.worker_id != lead.pk)
        ],
        case.cluster,
        case.status == CaseStatus.CLOSED,
    )


def in_own_words(page: FamilyPage, language: str) -> str:
    """The plan as the family reads it, in one of the languages of the public form. What people wrote stays as it is.

    Above it stands that a machine translated it, while any of its fixed texts has been confirmed by nobody.
    """
    with translation.override(LANGUAGES[language].code):
        html = render_to_string("cases/parts/family_plan.html", {"page": page})
        if not shows_unconfirmed(html, language):
            return mark_safe(html)  # noqa: S308 - a rendered template
        return mark_safe(render_to_string("referrals/public/_machine.html") + html)  # noqa: S308 - rendered templates


def language_of(people: list[Person]) -> str:
    """The language of the adults at home, if the plan speaks it; else English."""
    by_name = {language.english: slug for slug, language in LANGUAGES.items()}
    spoken = [p.first_language.label for p in people if p.first_language and not p.is_child and p.in_household]
    return next((by_name[label] for label in spoken if label in by_name), "en")
