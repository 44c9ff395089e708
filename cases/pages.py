"""The frame of every page of a case, for this app and for those above it.

A tab of another app renders a template that extends `cases/layout.html` with the context of `case_page`.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from cases.models import Case
from cases.selectors.case import case_with_family, identity, lead_of, people_of, user_writes
from cases.selectors.support import services_of
from cluster_ehs.core import audit, slots
from clusters.http import UserRequest


def case_page(request: UserRequest, case_id: UUID, *, tab: str, cases: QuerySet[Case] | None = None) -> dict[str, Any]:
    """Load a case the reader may see, record the look, and give the frame's context.

    Keys: case, family, people, services (with use), lead_worker, can_write, identity, tabs, tab.
    cases: `case_with_family()` with more annotations, for a page that needs them. Four queries, three when posting.
    Raises Http404 when the walls show no such case.
    """
    case = get_object_or_404(cases if cases is not None else case_with_family(), pk=case_id)
    people = people_of(case.family_id)
    services = list(services_of(case.pk))
    if request.method == "GET":
        audit.look(by=request.user, at=case, page=f"case: {tab}")
    return {
        "case": case,
        "family": case.family,
        "people": people,
        "services": services,
        "lead_worker": lead_of(case),
        "can_write": user_writes(request.user, case, services),
        "identity": identity(case, people, services),
        "tabs": [{**entry, "current": entry["key"] == tab} for entry in slots.gather("case.tabs", request, case=case)],
        "tab": tab,
    }
