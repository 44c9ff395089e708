"""The plan on paper for the family: in its language, to look at, to print, as a tagged PDF."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from cases.pages import case_page
from cases.selectors.family_page import in_own_words, page_with
from cases.selectors.plan import cards
from cluster_ehs.core import pdf
from clusters.http import UserRequest
from referrals.public.languages import LANGUAGES


def _for_family(request: UserRequest, pk: UUID, language: str) -> dict[str, Any]:
    if language not in LANGUAGES:
        raise Http404
    page = case_page(request, pk, tab="plan")
    family = page_with(page["case"], cards(pk, page["people"]), page["services"])
    return page | {"body": in_own_words(family, language), "spoken": LANGUAGES[language], "pdf": not pdf.MISSING}


@require_safe
def plan_for_family(request: UserRequest, pk: UUID, language: str) -> HttpResponse:
    page = _for_family(request, pk, language)
    page["languages"] = [(one, reverse("plan-for-family", args=[pk, one.slug])) for one in LANGUAGES.values()]
    return render(request, "cases/plan_for_family.html", page)


@require_safe
def plan_for_family_pdf(request: UserRequest, pk: UUID, language: str) -> HttpResponse:
    page = _for_family(request, pk, language)
    if pdf.MISSING:
        return HttpResponse(pdf.MISSING, status=503, content_type="text/plain; charset=utf-8")
    with translation.override(page["spoken"].code):
        document = pdf.render_pdf("cases/plan_pdf.html", {"body": page["body"], "spoken": page["spoken"]})
    name = f"plan-{page['case'].reference}-{language}.pdf"
    return HttpResponse(
        document,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store, private"},
    )
