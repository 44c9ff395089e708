"""The family's private page: a link and a code told apart, without a sign-in; and the worker's page that gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from cases import services
from cases.forms.family_link import CodeForm
from cases.models import FamilyLink
from cases.pages import case_page
from cases.policies import check_share_plan
from cases.selectors.family_page import family_page, in_own_words, language_of
from cases.services.family_link import Door, find_door, try_code
from cluster_ehs.core import audit
from cluster_ehs.core.requests import posted
from cluster_ehs.core.scope import NamedActor, Window, acting_as
from clusters.http import UserRequest
from families.models import Person
from referrals.public.languages import LANGUAGES

OPEN_MINUTES = 30
WRONG = _("That is not the code of this page. Check it with your worker")
TOO_OFTEN = _("The code was wrong too often, so this link is locked. Ask your worker for a new one")


@dataclass(frozen=True)
class TheFamily:
    """The family as an actor: history names it so, and no user stands behind it."""

    pk: int | None = None
    actor_name: str = "the family, by its private link"


@login_not_required
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def plan(request: UserRequest, token: str) -> HttpResponse:
    """Ask for the code, then show the plan for half an hour."""
    door = find_door(token)
    if door is None:
        return render(request, "cases/family_gone.html", status=404)
    language = request.GET.get("language", "")
    language = language if language in LANGUAGES else "en"
    form = CodeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with acting_as(NamedActor.FAMILY):
            right = try_code(door, form.values["code"])
        if right:
            request.session[session_key(door)] = timezone.now().timestamp()
            return redirect(f"{reverse('family-plan', args=[token])}?language={language}")
        form.add_error("code", WRONG if right is False else TOO_OFTEN)
    elif request.method == "GET" and is_open(request, door):
        with acting_as(NamedActor.FAMILY, window=Window(str(door.family_id), door.cluster_id)):
            page = family_page(door.case_id)
            if page is None:
                raise Http404
            audit.look(by=TheFamily(), at=page.case, page="family's page")
            body = in_own_words(page, language)
        return in_language(request, language, "cases/family_plan.html", {"body": body, "token": token})
    return in_language(request, language, "cases/family_code.html", {"form": form})


def in_language(request: UserRequest, language: str, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page for the family in one of the languages of the public form, with links to the others."""
    languages = [(one, f"?language={one.slug}") for one in LANGUAGES.values()]
    with translation.override(LANGUAGES[language].code):
        return render(request, template, {"languages": languages, "spoken": language, **context})


def session_key(door: Door) -> str:
    return f"family-link:{door.id}"


def is_open(request: UserRequest, door: Door) -> bool:
    since = request.session.get(session_key(door))
    return since is not None and timezone.now().timestamp() - since < OPEN_MINUTES * 60


@login_not_required
@require_POST
def leave(request: UserRequest, token: str) -> HttpResponse:
    """Close the page on a shared phone or computer."""
    door = find_door(token)
    if door:
        request.session.pop(session_key(door), None)
    return redirect("family-plan", token=token)


def share(request: UserRequest, pk: UUID) -> HttpResponse:
    """Make the family's private link; the token and the code are shown once, here."""
    page = case_page(request, pk, tab="plan")
    check_share_plan(request.user, page["case"])
    new = None
    if request.method == "POST":
        made = services.make_family_link(by=request.user, case=page["case"])
        new = {
            "url": settings.PUBLIC_URL + reverse("family-plan", args=[made.token]) + in_their_language(page["people"]),
            "code": made.code,
            "expires_on": made.link.expires_on,
        }
    links = FamilyLink.objects.filter(case_id=pk, withdrawn_at__isnull=True).select_related("created_by")
    today = timezone.localdate()
    context = {"new": new, "links": [link for link in links if link.expires_on >= today]}
    response = render(request, "cases/share.html", page | context)
    response["Cache-Control"] = "no-store"
    return response


def in_their_language(people: list[Person]) -> str:
    """The end of a link to the plan that opens it in the family's language."""
    language = language_of(people)
    return "" if language == "en" else f"?language={language}"


@require_POST
def withdraw(request: UserRequest, pk: UUID, link_id: UUID) -> HttpResponse:
    link = get_object_or_404(FamilyLink, pk=link_id, case_id=pk)
    services.withdraw_family_link(by=request.user, link=link)
    messages.success(request, "The private link has been withdrawn; it opens nothing any more.")
    return redirect("case-share", pk=pk)
