"""Two versions of a formulation side by side."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clusters.http import UserRequest
from families.models import Person
from formulation import selectors
from formulation.compare import compared
from formulation.frames import case_frame
from formulation.models import Formulation
from formulation.views import version_of


@require_safe
def compare(request: UserRequest, pk: UUID) -> HttpResponse:
    """`from` and `to` are numbers of versions; without them the last two."""
    page = case_frame(request, pk)
    page |= selectors.versions_of_case(page["case"])
    versions = page["versions"]
    if len(versions) < 2:
        return render(request, "formulation/compare_none.html", page)
    latest = versions[0].number
    numbers = sorted((_number(request, "from", latest - 1), _number(request, "to", latest)))
    before, after = (version_of(page, number) for number in numbers)
    factors = selectors.factors_of_all([before, after])
    context = {
        "before": before,
        "after": after,
        "boxes": compared(factors[before.pk], factors[after.pk]),
        "details": _details(before, after, page["people"]),
    }
    return render(request, "formulation/compare.html", page | context)


def _number(request: UserRequest, name: str, otherwise: int) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else otherwise


def _details(before: Formulation, after: Formulation, people: list[Person]) -> list[dict[str, Any]]:
    """What stands beside the factors: label, both texts, and whether they differ."""

    def said(one: Formulation) -> list[tuple[str, str]]:
        there = set(one.took_part)  # type: ignore[attr-defined]
        return [
            ("Family members who took part", selectors.joined([p.short_name for p in people if p.pk in there])),
            ("Professionals who took part", one.professionals),
            ("How it was made", one.get_setting_display()),
            ("Summary", one.summary),
        ]

    return [
        {"label": label, "before": first, "after": then, "differs": first != then}
        for (label, first), (_, then) in zip(said(before), said(after), strict=True)
    ]
