"""The worker's side of the family's page: who has a link, giving one, changing and withdrawing it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from cases.models import FamilyLink
from cases.pages import case_page
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from outcomes.family_page import selectors, services
from outcomes.family_page.forms import GiveForm, LinkForm
from outcomes.family_page.policies import YOUNG_FROM_AGE, check_give, may_have_page

FORM = ["GET", "HEAD", "POST"]


@require_http_methods(FORM)
def share(request: UserRequest, pk: UUID) -> HttpResponse:
    """Who has a link; and a new one, whose link and code are shown once, here."""
    page = case_page(request, pk, tab="plan")
    case, people = page["case"], page["people"]
    check_give(request.user, case)
    may = [person for person in people if may_have_page(person)]
    adult = next((person for person in may if not person.is_child), may[0] if may else None)
    form = GiveForm(
        posted(request),
        people=[(str(person.pk), str(person)) for person in may],
        goals=selectors.goals_of_one(pk, people),
        initial={
            "language": selectors.language_of(adult, people) if adult else "en",
            "shared_goals": selectors.young_childrens_goals(pk, people, YOUNG_FROM_AGE),
        },
    )
    new = _give(request, form, page) if request.method == "POST" and form.is_valid() else None
    context = {
        "new": new,
        "links": [(link, selectors.said_of(link, case)) for link in selectors.links_of(pk)],
        "form": form if new is None else None,
        "nobody": not may,
    }
    response = render(request, "outcomes/family_page/share.html", page | context)
    response["Cache-Control"] = "no-store"
    return response


def _give(request: UserRequest, form: GiveForm, page: dict[str, Any]) -> dict[str, Any] | None:
    values = form.values
    person = next(one for one in page["people"] if str(one.pk) == values["person"])
    try:
        with transaction.atomic():
            made = services.make_family_link(
                by=request.user,
                case=page["case"],
                person=person,
                language=values["language"],
                expires_on=values["expires_on"],
                shared_goals=[UUID(goal) for goal in values.get("shared_goals", ())],
            )
    except ValidationError as error:
        _add(form, error)
        return None
    return {
        "person": person,
        "url": settings.PUBLIC_URL + reverse("family-plan", args=[made.token]),
        "code": made.code,
        "expires_on": made.link.expires_on,
    }


def _add(form: LinkForm, error: ValidationError) -> None:
    for name, reasons in error.message_dict.items():
        for reason in reasons:
            form.add_error(name if name in form.fields else None, reason)


@require_http_methods(FORM)
def change(request: UserRequest, pk: UUID, link_id: UUID) -> HttpResponse:
    """Renew a link, or change its language and what it shows."""
    page = case_page(request, pk, tab="plan")
    check_give(request.user, page["case"])
    link = get_object_or_404(selectors.links_of(pk), pk=link_id)
    form = LinkForm(
        posted(request),
        goals=selectors.goals_of_one(pk, page["people"], but=link.person_id),
        initial={
            "language": link.language,
            "expires_on": link.expires_on,
            "shared_goals": [str(goal) for goal in link.shared_goals],
        },
        cancel_url=reverse("case-share", args=[pk]),
    )
    if request.method == "POST" and form.is_valid():
        values = form.values
        try:
            with transaction.atomic():
                services.change_family_link(
                    by=request.user,
                    link=link,
                    language=values["language"],
                    expires_on=values["expires_on"],
                    shared_goals=[UUID(goal) for goal in values.get("shared_goals", ())],
                )
        except ValidationError as error:
            _add(form, error)
        else:
            messages.success(request, f"Saved. {link.person} goes on with the same link and code.")
            return redirect("case-share", pk=pk)
    return render(request, "outcomes/family_page/change.html", page | {"form": form, "link": link})


@require_POST
def withdraw(request: UserRequest, pk: UUID, link_id: UUID) -> HttpResponse:
    link = get_object_or_404(FamilyLink, pk=link_id, case_id=pk)
    services.withdraw_family_link(by=request.user, link=link)
    messages.success(request, "The private link has been withdrawn; it opens nothing any more.")
    return redirect("case-share", pk=pk)
