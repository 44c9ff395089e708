"""What this app shows on its own pages and on those of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from cases import policies
from cases.models import Case
from cluster_ehs.core import slots

TABS = (
    (10, "overview", "Overview", "case"),
    (30, "plan", "Plan", "case-plan"),
    (40, "contacts", "Contacts", "case-contacts"),
    (50, "services", "Services", "case-services"),
    (60, "people", "People", "case-people"),
    (70, "meetings", "Meetings", "case-meetings"),
    (80, "documents", "Documents", "case-documents"),
    (90, "chronology", "Chronology", "case-chronology"),
)


def tab(key: str, label: str, url_name: str) -> Callable[..., dict[str, Any]]:
    def entry(request: HttpRequest, *, case: Case) -> dict[str, Any] | None:
        url = address(url_name, case.pk)
        return {"key": key, "label": label, "url": url} if url else None

    return entry


def history_tab(request: HttpRequest, *, case: Case) -> dict[str, Any] | None:
    url = address("family-history", case.family_id)
    return {"key": "history", "label": "History", "url": url} if url else None


def address(url_name: str, *args: object) -> str:
    """The address of a page, empty where the page is not installed."""
    try:
        return reverse(url_name, args=args)
    except NoReverseMatch:
        return ""


def nav(request: HttpRequest) -> dict[str, Any]:
    return {"label": "Cases", "url_name": "case-list"}


def fill_all() -> None:
    slots.fill("nav", order=40, template="cases:nav", selector=nav, policy=policies.sees_case_list)
    for order, key, label, url_name in TABS:
        slots.fill("case.tabs", order=order, template=f"cases:{key}", selector=tab(key, label, url_name))
    slots.fill("case.tabs", order=110, template="cases:history", selector=history_tab)
