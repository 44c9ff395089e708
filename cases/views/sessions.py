"""My sessions: the week, what waits to be recorded, planning, and the private address for a calendar."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from cases import services
from cases.forms.session import MissedForm, MoveForm, PlanForm
from cases.models import PlannedSession
from cases.pages import case_page
from cases.policies import check_works_in_cases
from cases.selectors import sessions
from cases.services import calendar
from cases.views.common import add_errors, refuse_readers
from cluster_ehs.core import limits
from cluster_ehs.core.once import once
from cluster_ehs.core.requests import posted
from cluster_ehs.core.scope import acting_as_user
from clusters.http import UserRequest
from clusters.models import CalendarFeed

HOUR = 3600
READS, TRIES = 60, 60
PLAIN = "text/plain; charset=utf-8"
NEW_ADDRESS = "new_calendar_address"


@require_GET
def my_sessions(request: UserRequest) -> HttpResponse:
    """A week of the reader's own, Monday first; `week` is a day of it."""
    check_works_in_cases(request.user)
    today = timezone.localdate()
    first = sessions.monday(_day(request.GET.get("week", "")) or today)
    days = [(day, [_line(session) for session in day.sessions]) for day in sessions.week_of(request.user, first)]
    context = {
        "days": days,
        "today": today,
        "first": first,
        "last": first + timedelta(days=6),
        "before": first - timedelta(days=7),
        "after": first + timedelta(days=7),
        "this_week": first == sessions.monday(today),
        "count": sum(len(lines) for _, lines in days),
        "to_record": [_line(session) for session in sessions.to_record(request.user)[:20]],
    }
    return render(request, "cases/my_sessions.html", context)


def _day(text: str) -> date | None:
    """A day written as 2026-11-23, of a year that a calendar may show."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 < found.year < 2100 else None


def _line(session: PlannedSession) -> dict[str, Any]:
    over = session.at < timezone.now()
    return {
        "session": session,
        "who": sessions.whose(session),
        "what": sessions.what(session),
        "state": session.contact.get_attendance_display() if session.contact else ("To record" if over else ""),
        "late": over and session.contact is None,
        "url": reverse("contact", args=[session.contact_id])
        if session.contact_id
        else reverse("planned-session", args=[session.pk]),
    }


def session_plan(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="services")
    refuse_readers(page)
    form = PlanForm(
        posted(request),
        services=page["services"],
        user=request.user,
        chosen=request.GET.get("service", ""),
        cancel_url=reverse("case-services", args=[pk]),
    )

    def make() -> str:
        made = services.plan_sessions(by=request.user, case=page["case"], **form.service_values)
        first = f"{timezone.localtime(made[0].at):%A %-d %B at %H:%M}"
        messages.success(
            request, f"{len(made)} are planned, the first on {first}." if len(made) > 1 else f"Planned for {first}."
        )
        return reverse("case-services", args=[pk])

    return _answer(request, form, make, "cases/form.html", page | {"title": "Plan sessions"})


def planned_session(request: UserRequest, pk: UUID) -> HttpResponse:
    """How it went, in one tap where it did not take place; or another time."""
    found = get_object_or_404(PlannedSession.objects.select_related("case", "case_service__service"), pk=pk)
    if found.contact_id and request.method == "GET":
        return redirect("contact", pk=found.contact_id)
    page = case_page(request, found.case_id, tab="services")
    refuse_readers(page)
    which = request.POST.get("form", "") if request.method == "POST" else ""
    cancel = reverse("my-sessions")
    first = {"at": found.at, "minutes": found.minutes, "place": found.place}
    move = MoveForm(request.POST if which == "move" else None, initial=first, cancel_url=cancel)
    missed = MissedForm(request.POST if which != "move" and request.method == "POST" else None, cancel_url=cancel)

    def moved() -> str:
        services.move_session(by=request.user, planned=found, **move.values)
        messages.success(request, "Saved.")
        return reverse("my-sessions") + f"?week={timezone.localdate(move.values['at'])}"

    def not_held() -> str:
        services.log_contact(
            by=request.user,
            case=page["case"],
            kind=found.kind,
            at=min(found.at, timezone.now()),
            case_service=found.case_service,
            planned=found,
            **missed.values,
        )
        messages.success(request, "Recorded.")
        return reverse("my-sessions")

    context = page | {
        "planned": found,
        "who": sessions.whose(found),
        "what": sessions.what(found),
        "move": move,
        "missed": missed,
        "over": found.at < timezone.now(),
    }
    form, make = (move, moved) if which == "move" else (missed, not_held)
    return _answer(request, form, make, "cases/planned_session.html", context)


@require_POST
def session_withdraw(request: UserRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(PlannedSession.objects.select_related("case"), pk=pk)
    services.withdraw_session(by=request.user, planned=found)
    messages.success(request, "It is not planned any more.")
    return redirect("case-services", pk=found.case_id)


def my_calendar(request: UserRequest) -> HttpResponse:
    """Make or end the private address that a calendar on a phone or desk subscribes to; shown once."""
    check_works_in_cases(request.user)
    if request.method == "POST":
        if "end" in request.POST:
            calendar.end_feed(by=request.user)
            messages.success(request, "The address opens nothing any more.")
        else:
            token = calendar.make_feed(by=request.user)
            request.session[NEW_ADDRESS] = settings.PUBLIC_URL + reverse("calendar-feed", args=[token])
        return redirect("my-calendar")
    live = CalendarFeed.objects.filter(user=request.user, revoked_at__isnull=True).first()
    return render(request, "cases/my_calendar.html", {"live": live, "new": request.session.pop(NEW_ADDRESS, None)})


@login_not_required
@never_cache
@require_safe
def calendar_feed(request: UserRequest, token: str) -> HttpResponse:
    """What a calendar reads, in the scope of the worker whose address it is. Asked too often, it is to wait."""
    if limits.over("calendar", token, at_most=READS, seconds=HOUR):
        return _wait()
    feed = calendar.find_feed(token)
    if feed is None:
        guessed = limits.over("calendar-guess", limits.address_of(request), at_most=TRIES, seconds=HOUR)
        return _wait() if guessed else HttpResponse("Not found", status=404, content_type=PLAIN)
    with acting_as_user(feed.user_id):
        content = calendar.as_calendar(feed)
    return HttpResponse(content, content_type="text/calendar; charset=utf-8")


def _wait() -> HttpResponse:
    return HttpResponse("Asked too often", status=429, content_type=PLAIN, headers={"Retry-After": str(HOUR)})


def _answer(
    request: UserRequest, form: Any, make: Callable[[], str], template: str, context: dict[str, Any]
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(once(user_id=request.user.pk, key=form.token, make=make))
        except ValidationError as error:
            add_errors(form, error)
    return render(request, template, {"form": form} | context)
