"""Where surveys are found."""

from __future__ import annotations

from typing import Any

from cases.models import Case
from cluster_ehs.core import slots
from clusters.http import UserRequest
from outcomes.surveys import selectors
from outcomes.surveys.policies import sees_surveys


def nav(request: UserRequest) -> dict[str, Any]:
    return {"label": "Surveys", "url_name": "survey-list"}


def shared(request: UserRequest, *, case: Case, page: dict[str, Any]) -> dict[str, Any] | None:
    """What the family wanted its worker to see; no query where there is nothing."""
    if not getattr(case, "shares_answers", True):
        return None
    rows = selectors.shared_rows(case.family_id)
    return {"rows": rows} if rows else None


def fill_all() -> None:
    slots.fill("nav", order=65, template="outcomes:surveys", selector=nav, policy=sees_surveys)
    selectors.beside_case()
    slots.fill("case.outcomes.main", order=80, template="outcomes/surveys/shared.html", selector=shared)
