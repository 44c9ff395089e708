"""What needs show on the Outcomes tab, beside the closing form and in the settings."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from cases.models import Case
from cases.selectors.beside import BESIDE_CASE
from cluster_ehs.core import slots
from clusters.http import UserRequest
from clusters.models import User
from clusters.people import duties
from outcomes import policies as of_outcomes
from outcomes.needs import selectors
from outcomes.needs.models import StatutoryLevel


def beside_outcomes(request: UserRequest, *, case: Case, **_: Any) -> dict[str, Any]:
    """The case was loaded with `selectors.at_a_glance()`: no statement of its own."""
    names = {"at_start": "needs_at_start", "at_end": "needs_at_end", "averted": "steps_averted"}
    return {name: getattr(case, given, None) for name, given in names.items()}


def before_closing(request: UserRequest, *, case: Case, **_: Any) -> dict[str, Any]:
    """Closing asks for the needs at the end; the day of that round comes with the case."""
    return {"done_on": getattr(case, "needs_ended_on", None)}


def in_chronology(request: HttpRequest, *, case: Case, **_: Any) -> dict[str, Any]:
    """That needs were gone through and what was averted, read with the case; the words are on their own page."""
    url = reverse("case-needs", args=[case.pk])
    needs: list[dict[str, Any]] = getattr(case, "needs_gone_through", [])
    averted: list[dict[str, Any]] = getattr(case, "averted_rows", [])
    entries = [
        {
            "at": date.fromisoformat(row["on"]),
            "kind": "needs",
            "ref": UUID(row["id"]),
            "title": f"Needs at the {row['moment']}: {row['number'] or 'none'} found",
            "by": row["author"],
            "text": "",
            "url": url,
        }
        for row in needs
    ]
    entries += [
        {
            "at": date.fromisoformat(row["on"]),
            "kind": "averted",
            "ref": UUID(row["id"]),
            "title": f"Averted: {StatutoryLevel(row['level']).label.lower()}, {_children(row['children'])}",
            "by": row["author"],
            "text": "",
            "url": url,
        }
        for row in averted
    ]
    return {"entries": entries, "kinds": {"needs": "Needs", "averted": "Stepping up averted"}}


def _children(number: int) -> str:
    return f"{number} child" if number == 1 else f"{number} children"


def settings_entry(request: UserRequest) -> dict[str, Any]:
    return {
        "label": "Unit costs",
        "url_name": "settings-unit-costs",
        "about": "What statutory steps cost, with the source: for what stepping up averted would have cost.",
    }


def is_manager(user: User, **_: object) -> bool:
    return duties(user).is_manager


def fill_all() -> None:
    BESIDE_CASE["needs_ended_on"] = selectors.end_round
    BESIDE_CASE["needs_gone_through"] = selectors.gone_through
    BESIDE_CASE["averted_rows"] = selectors.averted
    slots.fill(
        "case.chronology",
        order=64,
        template="outcomes:needs",
        selector=in_chronology,
        policy=of_outcomes.reads_text,
    )
    slots.fill(
        "case.outcomes.side",
        order=30,
        template="outcomes/needs/slots/glance.html",
        selector=beside_outcomes,
        policy=of_outcomes.reads_text,
    )
    slots.fill(
        "case.closing",
        order=20,
        template="outcomes/needs/slots/closing.html",
        selector=before_closing,
        policy=of_outcomes.reads_text,
    )
    slots.fill("settings.nav", order=64, template="outcomes:costs", selector=settings_entry, policy=is_manager)
