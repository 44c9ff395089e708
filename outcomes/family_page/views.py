"""The family's page: a link and a code told apart, then a short visit of its own, without any sign-in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from cluster_ehs.core import limits, slots
from cluster_ehs.core.requests import posted
from outcomes.family_page import services
from outcomes.family_page.forms import CODE, AgreeForm, AskedForm, CodeForm, GoalScores
from outcomes.family_page.selectors import FamilyPage, page_of
from outcomes.family_page.services import Door, Visitor, digest
from referrals.public.languages import LANGUAGES
from referrals.public.texts import shows_unconfirmed, speaking

COOKIE = f"{settings.HOST_COOKIE_PREFIX}family-page-"
# As long as a link can last: the key of an earlier visit tells a device of the family from a stranger's.
REMEMBERED = 366 * 24 * 60 * 60
WRONG = _("That is not the code of this page. Check it with your worker")
TOO_OFTEN = _("The code was wrong too often. Wait a quarter of an hour, or ask your worker for a new link")
THANKS = {
    "scores": _("Thank you. Your scores are in the plan."),
    "agree": _("Thank you. Your worker has been told."),
    "asked": _("Thank you for telling us how things are."),
    "answers": _("Thank you. Your answers are kept."),
    "late": _("This was answered already, or has changed. Look at the plan again."),
}
FORM = ["GET", "HEAD", "POST"]


def cookie_of(token: str) -> str:
    """One for each link, of the whole site: such a name no other host can set, and it does not tell the link."""
    return COOKIE + digest(token)[:16]


def of_the_family(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Ask for the code unless a visit is open; then the page for the visitor, which no browser or proxy keeps.

    A form that comes after the visit was over is shown with the code to enter, and goes on with what was typed.
    """

    @login_not_required
    @never_cache
    @sensitive_post_parameters()
    @require_http_methods(FORM)
    @wraps(view)
    def guarded(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
        if limits.over("family-page", limits.address_of(request), at_most=600, seconds=3600):
            return closed_off(render(request, "429.html", status=429))
        door = services.find_door(token)
        if door is None:
            return closed_off(render(request, "outcomes/family_page/gone.html", status=404))
        request.door, request.token = door, token  # type: ignore[attr-defined]
        key = request.COOKIES.get(cookie_of(token), "")
        visitor = services.find_visitor(token, key)
        if visitor is None and request.method == "POST" and CODE in request.POST:
            return closed_off(_enter(request, view, door, token, key, kwargs))
        if visitor is None:
            kept = _typed(request)
            return closed_off(_ask_code(request, CodeForm(None if kept else posted(request), kept=kept)))
        return closed_off(view(request, visitor, **kwargs))

    return guarded


def _typed(request: HttpRequest) -> dict[str, str]:
    """What was being sent, without the protection against forged forms and the code."""
    left_out = {CODE, "csrfmiddlewaretoken"}
    return {name: str(value) for name, value in request.POST.items() if name not in left_out and len(name) < 40}


def _enter(
    request: HttpRequest, view: Callable[..., HttpResponse], door: Door, token: str, key: str, kwargs: dict[str, Any]
) -> HttpResponse:
    kept = _typed(request)
    form = CodeForm(request.POST, kept=kept)
    if not form.is_valid():
        return _ask_code(request, form)
    visitor, new = services.open_door(
        door=door, token=token, code=form.cleaned_data[CODE], key=key, address=limits.address_of(request)
    )
    if visitor is None:
        form.add_error(CODE, TOO_OFTEN if new == "too often" else WRONG)
        return _ask_code(request, form)
    response = view(request, visitor, **kwargs) if kept else redirect(request.get_full_path())
    response.set_cookie(
        cookie_of(token),
        new,
        max_age=REMEMBERED,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def _ask_code(request: HttpRequest, form: CodeForm) -> HttpResponse:
    return in_language(request, "code", {"form": form})


def closed_off(response: HttpResponse) -> HttpResponse:
    """No search engine lists it, and no other site is told the address, which is half of the key."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    return response


def spoken(request: HttpRequest) -> str:
    """The language that was chosen on the page, else that of the link."""
    chosen = request.GET.get("language", "")
    door: Door = request.door  # type: ignore[attr-defined]
    return chosen if chosen in LANGUAGES else door.language if door.language in LANGUAGES else "en"


def in_language(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200, folder: str = "family_page"
) -> HttpResponse:
    """A page in the family's language; while nobody has confirmed one of its texts, it says that a machine wrote it."""
    slug = spoken(request)
    context = {
        **context,
        "languages": [(one, f"?language={one.slug}") for one in LANGUAGES.values()],
        "spoken": slug,
        "token": request.token,  # type: ignore[attr-defined]
        "query": f"?language={slug}",
    }
    with speaking(LANGUAGES[slug]):
        body = render_to_string(f"outcomes/{folder}/{template}.html", context, request=request)
        if shows_unconfirmed(body, slug):
            body = render_to_string("referrals/public/_machine.html") + body
        context["body"] = mark_safe(body)  # noqa: S308 - rendered templates
        return render(request, "outcomes/family_page/frame.html", context, status=status)


def to_plan(request: HttpRequest, thanks: str = "") -> HttpResponse:
    query = f"?language={spoken(request)}" + (f"&thanks={thanks}" if thanks else "")
    return redirect(reverse("family-plan", args=[request.token]) + query)  # type: ignore[attr-defined]


def read(request: HttpRequest, visitor: Visitor) -> FamilyPage | None:
    found = services.read_page(visitor)
    return page_of(found) if found else None


@of_the_family
def plan(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Our plan: goals and scores, what comes next, who helps, what the family is asked."""
    page = read(request, visitor)
    if page is None or request.method == "POST":
        return to_plan(request)
    asked = [task for part in slots.gather("family.page", request, visitor=visitor) for task in part["tasks"]]
    done = request.GET.get("thanks", "")
    context = {"page": page, "asked": asked, "thanks": THANKS.get(done), "safety": done == "safety"}
    return in_language(request, "plan", context)


@of_the_family
def scores(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """A score for each goal, or not today."""
    page = read(request, visitor)
    if page is None or not page.live:
        return to_plan(request)
    with speaking(LANGUAGES[spoken(request)]):
        form = GoalScores(posted(request), goals=page.live, cancel_url=plan_address(request))
        valid = form.is_valid()
    if valid:
        chosen = {UUID(goal): score for goal, score in form.scores.items()}
        return to_plan(request, "scores" if services.add_scores(visitor=visitor, scores=chosen) else "late")
    return in_language(request, "scores", {"form": form})


@of_the_family
def goal(request: HttpRequest, visitor: Visitor, goal_id: UUID) -> HttpResponse:
    """Whether the person agrees with a goal, and why."""
    page = read(request, visitor)
    one = next((goal for goal in page.live if goal["id"] == str(goal_id)), None) if page else None
    if one is None:
        return to_plan(request, "late" if request.method == "POST" else "")
    said = {True: "yes", False: "no"}.get(one["agrees"], "")
    with speaking(LANGUAGES[spoken(request)]):
        form = AgreeForm(
            posted(request), initial={"agrees": said, "why": one["says"] or ""}, cancel_url=plan_address(request)
        )
        valid = form.is_valid()
    if valid:
        values = form.values
        kept = services.say_agreement(
            visitor=visitor, goal_id=goal_id, agrees=values["agrees"] == "yes", words=values["why"]
        )
        return to_plan(request, "agree" if kept else "late")
    return in_language(request, "goal", {"form": form, "goal": one})


@of_the_family
def asked(request: HttpRequest, visitor: Visitor, follow_up_id: UUID) -> HttpResponse:
    """How things are, 3 and 12 months after the ending."""
    page = read(request, visitor)
    if page is None or page.follow_up is None or page.follow_up["id"] != str(follow_up_id):
        return to_plan(request, "late" if request.method == "POST" else "")
    with speaking(LANGUAGES[spoken(request)]):
        form = AskedForm(posted(request), goals=page.achieved, cancel_url=plan_address(request))
        valid = form.is_valid()
    if valid:
        answer = {name: form.values[name] for name in ("things", "words", "slipped", "wants_help")}
        kept = services.answer_follow_up(
            visitor=visitor, follow_up_id=follow_up_id, answer={**answer, "scores": form.scores}
        )
        return to_plan(request, "asked" if kept else "late")
    return in_language(request, "asked", {"form": form})


def plan_address(request: HttpRequest) -> str:
    return f"{reverse('family-plan', args=[request.token])}?language={spoken(request)}"  # type: ignore[attr-defined]


@login_not_required
@never_cache
@require_POST
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Close the page on a shared phone or computer."""
    services.leave(token=token, key=request.COOKIES.get(cookie_of(token), ""))
    return closed_off(redirect("family-plan", token=token))
