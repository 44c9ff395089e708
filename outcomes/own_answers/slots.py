"""What waits for the visitor, on the family's page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cluster_ehs.core import slots
from outcomes.family_page.services import Visitor
from outcomes.family_page.views import spoken
from outcomes.own_answers.services import tasks_of
from outcomes.own_answers.titles import title_of

SURVEY = _("How was the help?")


def waiting(request: HttpRequest, *, visitor: Visitor) -> dict[str, Any]:
    """One query: the measures and surveys that this person may answer today."""
    token, query = request.token, f"?language={spoken(request)}"  # type: ignore[attr-defined]
    found = tasks_of(visitor)
    tasks = [
        {
            "title": title_of(each),
            "url": reverse("family-plan-measure", args=[token, each.code]) + query,
        }
        for each in found.measures
    ]
    tasks += [
        {"title": SURVEY, "url": reverse("family-plan-survey", args=[token, each.invitation_id]) + query}
        for each in found.surveys
    ]
    return {"tasks": tasks}


def fill_all() -> None:
    slots.fill("family.page", template="own_answers", selector=waiting)
