"""What a family reads of its own record: the plan, the scores, who helps. Read as the family, inside its one window."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cases.models import Case, CaseService, CaseStatus, GoalStatus
from cases.selectors.case import case_with_family, lead_of, people_of
from cases.selectors.plan import GoalCard, cards
from clusters.models import Cluster, User


@dataclass(frozen=True)
class FamilyPage:
    case: Case
    goals: list[GoalCard]
    ended: list[GoalCard]
    lead: User | None
    helpers: list[CaseService]
    cluster: Cluster
    closed: bool


def family_page(case_id: UUID) -> FamilyPage | None:
    """None when the case is not within the window that is open."""
    case = case_with_family().filter(pk=case_id).first()
    if case is None:
        return None
    goals = cards(case_id, people_of(case.family_id))
    lead = lead_of(case)
    helpers = [
        service
        for service in CaseService.objects.filter(case_id=case_id, status=CaseService.Status.ACTIVE)
        .select_related("service", "worker")
        .order_by("service__order")
        if lead is None or service.worker_id != lead.pk
    ]
    return FamilyPage(
        case,
        [card for card in goals if card.goal.status == GoalStatus.LIVE],
        [card for card in goals if card.goal.status == GoalStatus.ACHIEVED],
        lead,
        helpers,
        case.cluster,
        case.status == CaseStatus.CLOSED,
    )
