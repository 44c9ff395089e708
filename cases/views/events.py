"""Groups, drop-ins and school consultations: the list, one event, its people and its registers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cases.forms.event import (
    CancelForm,
    EventFilterForm,
    EventForm,
    NotHeldForm,
    PeopleForm,
    RegisterForm,
    SessionForm,
)
from cases.models import Event, EventAttendance, EventSession
from cases.policies import check_staff, check_staff_of
from cases.selectors import events as read
from cases.selectors.workload import workers_and_leaders
from cases.services import Stale
from cases.services import events as write
from cases.views.common import add_errors, content
from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.once import once, with_content
from cluster_ehs.core.paging import page
from cluster_ehs.core.requests import line_of, posted
from clusters.http import UserRequest
from clusters.models import Cluster
from clusters.people import duties
from families.models import Person
from families.search import find_people, read_line

FORM = ["GET", "HEAD", "POST"]
FOUND = 12
TITLES = {
    Event.Kind.GROUP: "Plan a group",
    Event.Kind.DROP_IN: "A drop-in",
    Event.Kind.CONSULTATION: "A school consultation",
}


@require_safe
def event_list(request: UserRequest) -> HttpResponse:
    check_staff(request.user)
    form = EventFilterForm(request.GET if "kind" in request.GET else None)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    rows = read.events_of(
        duties(request.user).clusters,
        kind=asked.get("kind") or "",
        since=asked.get("since"),
        until=asked.get("until"),
    )
    found = page(rows, request, order=read.ORDER)
    context = {"form": form, "page": found, "lines": read.lines(found.rows) if found.rows else [], "kinds": TITLES}
    return render(request, "cases/events.html", context)


@require_http_methods(FORM)
def event_new(request: UserRequest) -> HttpResponse:
    """`?kind=` says which form is shown."""
    check_staff(request.user)
    kind = request.POST.get("kind") or request.GET.get("kind", "")
    kind = kind if kind in Event.Kind.values else Event.Kind.GROUP
    own = {str(one.pk): one for one in Cluster.objects.filter(pk__in=duties(request.user).clusters)}
    workers = {worker.pk: worker for one in own.values() for worker in workers_and_leaders(one.pk)}
    form = EventForm(
        posted(request),
        kind=kind,
        clusters=[(pk, str(one)) for pk, one in own.items()],
        workers=list(workers.values()),
        initial={"leaders": [str(request.user.pk)]},
        cancel_url=reverse("event-list"),
    )

    def make() -> str:
        values = form.values
        made = write.plan_event(
            by=request.user,
            cluster=own[values["cluster"]],
            kind=kind,
            details=form.details,
            starts_at=values["starts_at"],
            weeks=values.get("weeks") or 1,
        )
        return _address(made)

    if request.method == "POST" and form.is_valid():
        try:
            url = once(user_id=request.user.pk, key=form.token, make=make)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect(url)
    return render(request, "cases/events_form.html", {"form": form, "title": TITLES[Event.Kind(kind)]})


@require_safe
def event(request: UserRequest, pk: UUID) -> HttpResponse:
    found = _event(request, pk)
    counts = read.counts_of([found])[found.pk]
    people = read.people_of(found) if found.takes_people else []
    audit.look_at_each(by=request.user, at=people, page="event")
    sessions = read.sessions_shown(found, counts)
    context = {
        "event": found,
        "people": people,
        "hidden": counts.linked - len(people),
        "sessions": sessions,
        "came": sum(one.came + one.others for one in sessions),
    }
    return render(request, "cases/events_one.html", context)


@require_http_methods(FORM)
def event_edit(request: UserRequest, pk: UUID) -> HttpResponse:
    found = _open_event(request, pk)
    options: dict[str, Any] = {
        "kind": found.kind,
        "clusters": [(str(found.cluster_id), str(found.cluster))],
        "workers": workers_and_leaders(found.cluster_id),
        "cancel_url": _address(found),
    }

    def save(form: EventForm) -> None:
        write.change_event(by=request.user, event=found, details=form.details, version=form.seen_version)

    def theirs(current: Event) -> list[tuple[str, Any]]:
        return [("What it is called", current.title), ("Place", current.place), ("What it is about", current.about)]

    def again(current: Event, data: Any) -> EventForm:
        return EventForm(data, event=current, **options)

    form = EventForm(posted(request), event=found, **options)
    return _versioned(request, form, save, theirs, again, title="Change it", url=_address(found))


@require_http_methods(FORM)
def event_cancel(request: UserRequest, pk: UUID) -> HttpResponse:
    found = _event(request, pk)
    form = CancelForm(posted(request), cancel_url=_address(found))

    def make() -> str:
        write.cancel_event(by=request.user, event=found, why=form.values["why"])
        return _address(found)

    if request.method == "POST" and form.is_valid():
        try:
            url = once(user_id=request.user.pk, key=form.token, make=make)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "It is cancelled.")
            return redirect(url)
    elif found.cancelled_at:
        raise Conflict(write.CANCELLED)
    return render(request, "cases/events_form.html", {"form": form, "title": f"Cancel: {found.title}"})


@require_http_methods(FORM)
def event_people(request: UserRequest, pk: UUID) -> HttpResponse:
    """Search, then tick. What is searched for is only ever posted, never part of an address."""
    found = _open_event(request, pk)
    if not found.takes_people:
        raise Conflict("At a school consultation children are counted, not named.")
    if request.method == "POST" and request.POST.get("remove"):
        person = get_object_or_404(Person, pk=_uuid(request.POST["remove"]), cluster_id=found.cluster_id)
        write.unlink_person(by=request.user, event=found, person=person)
        messages.success(request, "Taken off.")
        return redirect("event-people", pk=pk)
    line = line_of(request, "q")
    searching = request.method == "POST" and "people" not in request.POST and "once" not in request.POST
    people = read.people_of(found)
    linked = {one.person_id for one in people}
    offered = _found(found, line) if searching and line else read.people_of_own_cases(request.user, found)
    choices = {person.pk: person for person in offered if person.pk not in linked}
    # Whoever is ticked stays a choice, also when the list has changed since; the service looks once more.
    ticked = {one for text in request.POST.getlist("people") if (one := _uuid(text))} - choices.keys()
    rows = Person.objects.filter(pk__in=ticked, cluster_id=found.cluster_id) if ticked else Person.objects.none()
    choices |= {person.pk: person for person in rows.select_related("family")}
    adding = request.method == "POST" and not searching
    form = PeopleForm(request.POST if adding else None, people=list(choices.values()), known=not searching)
    if adding and form.is_valid():
        try:
            url = once(user_id=request.user.pk, key=form.token, make=lambda: _linked(request, found, form))
        except ValidationError as error:
            add_errors(form, error)
        else:
            return redirect(url)
    if request.method == "GET":
        audit.look_at_each(by=request.user, at=people, page="event")
    context = {
        "event": found,
        "people": people,
        "form": form,
        "offered": bool(choices),
        "search_query": line,
        "there_already": [one for one in offered if one.pk in linked] if searching else [],
        "nothing": searching and bool(line) and not offered,
        "no_words": searching and not line,
    }
    return render(request, "cases/events_people.html", context)


def _linked(request: UserRequest, found: Event, form: PeopleForm) -> str:
    number = write.link_people(by=request.user, event=found, people=form.chosen)
    messages.success(request, "Added." if number else "They were there already.")
    return reverse("event-people", args=[found.pk])


def _found(found: Event, line: str) -> list[Person]:
    asked = read_line(line)
    matches = find_people(
        clusters=[found.cluster_id],
        query_name=asked.name,
        birth_date=asked.birth_date,
        upn=asked.upn,
        nhs_number=asked.nhs_number,
        limit=FOUND,
    )
    return [match.person for match in matches]


@require_http_methods(FORM)
def session_new(request: UserRequest, pk: UUID) -> HttpResponse:
    found = _open_event(request, pk)
    form = SessionForm(posted(request), start=found.ends_at + timedelta(weeks=1), cancel_url=_address(found))

    def make() -> str:
        write.add_session(by=request.user, event=found, held_at=form.values["held_at"])
        return _address(found)

    if request.method == "POST" and form.is_valid():
        try:
            url = once(user_id=request.user.pk, key=form.token, make=make)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "The session is added.")
            return redirect(url)
    elif found.kind != Event.Kind.GROUP:
        raise Conflict("Only a group has more than one session. Plan the next one on its own.")
    return render(request, "cases/events_form.html", {"form": form, "title": f"One more session: {found.title}"})


@require_http_methods(FORM)
def register(request: UserRequest, pk: UUID) -> HttpResponse:
    """Who came to a session that has begun."""
    session = _session(request, pk)
    found = session.event
    if not session.has_begun:
        return redirect("event-session-move", pk=pk)
    people = read.people_of(found) if found.takes_people else []
    if request.method == "GET":
        audit.look_at_each(by=request.user, at=people, page="register")
    options: dict[str, Any] = {"people": people, "register": read.register_of(session), "cancel_url": _address(found)}

    def save(form: RegisterForm) -> None:
        values = form.values
        write.take_register(
            by=request.user,
            session=session,
            came=form.came,
            other_adults=values["other_adults"],
            other_children=values["other_children"],
            version=form.seen_version,
        )

    def theirs(current: EventSession) -> list[tuple[str, Any]]:
        said = read.register_of(current)
        words = {str(value): str(label) for value, label in EventAttendance.Status.choices}
        lines = [(str(one.person), words.get(said.get(one.person_id, ""), "Not said")) for one in people]
        others = f"{current.other_adults} adults, {current.other_children} children"
        return [*lines, ("Others", others)]

    def again(current: EventSession, data: Any) -> RegisterForm:
        return RegisterForm(data, session=current, **options)

    form = RegisterForm(posted(request), session=session, **options)
    more = {"event": found, "session": session, "register": True, "people": people}
    title = f"Who came on {session}?"
    return _versioned(request, form, save, theirs, again, title=title, url=_address(found), more=more)


@require_http_methods(FORM)
def session_not_held(request: UserRequest, pk: UUID) -> HttpResponse:
    """One date on which it did not, or will not, take place."""
    session = _session(request, pk)
    found = session.event
    if session.was_held:
        raise Conflict("The register of this session has been taken. Put the register right instead.")

    def save(form: NotHeldForm) -> None:
        write.session_not_held(by=request.user, session=session, why=form.values["why"], version=form.seen_version)

    def theirs(current: EventSession) -> list[tuple[str, Any]]:
        return [("When", f"{timezone.localtime(current.held_at):%-d %B %Y, %H:%M}"), ("Why not", current.not_held)]

    def again(current: EventSession, data: Any) -> NotHeldForm:
        return NotHeldForm(data, session=current, cancel_url=_address(found))

    form = NotHeldForm(posted(request), session=session, cancel_url=_address(found))
    title = f"{found.title}: not held on {session}"
    return _versioned(request, form, save, theirs, again, title=title, url=_address(found))


@require_http_methods(FORM)
def session_move(request: UserRequest, pk: UUID) -> HttpResponse:
    """Another date for a session without a register."""
    session = _session(request, pk)
    found = session.event
    if session.was_held:
        raise Conflict("The register of this session has been taken; its date stays.")

    def save(form: SessionForm) -> None:
        values = form.values
        write.move_session(by=request.user, session=session, held_at=values["held_at"], version=form.seen_version)

    def theirs(current: EventSession) -> list[tuple[str, Any]]:
        return [("When", f"{timezone.localtime(current.held_at):%-d %B %Y, %H:%M}")]

    def again(current: EventSession, data: Any) -> SessionForm:
        return SessionForm(data, session=current, cancel_url=_address(found))

    form = SessionForm(posted(request), session=session, cancel_url=_address(found))
    title = f"Another date: {found.title}"
    return _versioned(request, form, save, theirs, again, title=title, url=_address(found))


def _versioned(
    request: UserRequest,
    form: Any,
    save: Callable[[Any], None],
    theirs: Callable[[Any], list[tuple[str, Any]]],
    again: Callable[[Any, Any], Any],
    *,
    title: str,
    url: str,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    """Save a form that says which version it saw; against a later one both texts are shown."""
    said: list[tuple[str, Any]] = []
    status = 200
    if request.method == "POST" and form.is_valid():

        def make() -> str:
            save(form)
            return url

        try:
            to = once(user_id=request.user.pk, key=with_content(form.token, content(request)), make=make)
        except ValidationError as error:
            add_errors(form, error)
        except Stale as stale:
            said, status = theirs(stale.current), 409
            data = request.POST.copy()
            data["version"] = str(stale.current.version)
            form = again(stale.current, data)
        else:
            messages.success(request, "Saved.")
            return redirect(to)
    context = {"form": form, "title": title, "theirs": said, "back_url": url, "back_label": "Back", **(more or {})}
    return render(request, "cases/events_form.html", context, status=status)


def _event(request: UserRequest, pk: UUID) -> Event:
    check_staff(request.user)
    found = get_object_or_404(read.one_event(), pk=pk)
    check_staff_of(request.user, found.cluster_id)
    return found


def _open_event(request: UserRequest, pk: UUID) -> Event:
    found = _event(request, pk)
    if found.cancelled_at:
        raise Conflict(write.CANCELLED)
    return found


def _session(request: UserRequest, pk: UUID) -> EventSession:
    check_staff(request.user)
    session = get_object_or_404(EventSession.objects.select_related("event"), pk=pk)
    check_staff_of(request.user, session.cluster_id)
    if session.event.cancelled_at:
        raise Conflict(write.CANCELLED)
    return session


def _address(found: Event) -> str:
    return reverse("event", args=[found.pk])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
