"""The id of a request: on its answer, its error page, each line of the log, its changes in the history and its tasks.

The proxy's own id is taken where a proxy of ours stands in front (`TRUSTED_PROXIES`); what a client says about itself
counts for nothing. An id says nothing about anybody.
"""

import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
# In the headers of a queued task.
TASK_HEADER = "ehs_request_id"
GOOD = re.compile(r"[0-9A-Za-z-]{8,64}")


@dataclass
class Trail:
    """What the log may know about the work at hand: ids and names of our own, nothing that anybody typed."""

    id: str
    user_id: int | None = None
    view: str = ""
    task: str = ""
    # What went wrong, as `core.logs.describe` says it.
    error: dict[str, Any] | None = None


_trail: ContextVar[Trail | None] = ContextVar("ehs_trail", default=None)


def trail() -> Trail | None:
    return _trail.get()


def current() -> str:
    """The id of the request or task at hand; empty outside of both."""
    found = _trail.get()
    return found.id if found else ""


def note_user(user_id: int) -> None:
    if found := _trail.get():
        found.user_id = user_id


def made() -> str:
    return uuid.uuid4().hex


def accepted(said: str | None) -> str:
    """An id from outside when it is one, else a new one."""
    return said if said and GOOD.fullmatch(said) else made()


@contextmanager
def work(request_id: str, *, task: str = "") -> Iterator[Trail]:
    """Everything inside is done under this id."""
    token = _trail.set(Trail(request_id, task=task))
    try:
        yield _trail.get()  # type: ignore[misc]
    finally:
        _trail.reset(token)


class RequestIdMiddleware:
    """The first in the list: gives each request its id, and lets the log and the figures know when it is answered.

    `done` are told (request, response, seconds, trail) after everything else, outside the request's transaction.
    """

    done: list[Callable[[HttpRequest, HttpResponse, float, Trail], None]] = []

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        behind_proxy = settings.ALLAUTH_TRUSTED_PROXY_COUNT > 0
        with work(accepted(request.headers.get(HEADER)) if behind_proxy else made()) as ours:
            request.request_id = ours.id  # type: ignore[attr-defined]
            response = self.get_response(request)
            response[HEADER] = ours.id
            if request.resolver_match:
                ours.view = request.resolver_match.view_name
            for tell in self.done:
                tell(request, response, time.perf_counter() - began, ours)
        return response

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        if (found := trail()) and request.resolver_match:
            found.view = request.resolver_match.view_name


# --- tasks: signals of Celery, connected in `cluster_ehs.celery` ---
_of_tasks: dict[str, Any] = {}


def send_along(headers: dict[str, Any] | None = None, **_: Any) -> None:
    """A queued task carries the id of the request that asked for it."""
    if headers is not None and (found := current()):
        headers[TASK_HEADER] = found


def begin_task(task_id: str, task: Any, **_: Any) -> None:
    """A task works under the id of its request; one that the clock started has its own."""
    said = (getattr(task.request, "headers", None) or {}).get(TASK_HEADER) or getattr(task.request, TASK_HEADER, None)
    _of_tasks[task_id] = _trail.set(Trail(accepted(said or task_id), task=task.name))


def end_task(task_id: str, **_: Any) -> None:
    if token := _of_tasks.pop(task_id, None):
        _trail.reset(token)
