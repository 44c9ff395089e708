"""`GET /healthz`: whether database, queue and worker are there, for the proxy and whoever watches.

Answered before anything else in the request: no sign-in, no session, no scope, no host check. To everybody it says
whether all is well and no more; which part is down, and how old the back-up is, only to who shows the token of
`/metrics`. Why a part is down is in the log. An address is no proof: behind a proxy everybody comes from one.
"""

import logging
from collections.abc import Callable

import redis
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from cluster_ehs.core.backups import schedule
from cluster_ehs.core.heartbeat import KEY, queue
from cluster_ehs.core.metrics import shows_token

PATH = "/healthz"

log = logging.getLogger(__name__)


def database_state() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.error("healthz: the database is down (%s)", type(error).__name__)
        return "down"
    return "ok"


def backup_state() -> str:
    """`ok`, `late` (none in 26 hours), `none` (not configured) or `unknown`. It makes no service unwell."""
    try:
        return schedule.state()
    except DatabaseError:
        return "unknown"


def backup_hours() -> int | None:
    """Whole hours since the last good back-up; None when there never was one, or nobody can tell."""
    try:
        last = schedule.last_backup_at()
    except DatabaseError:
        return None
    return None if last is None else max(0, int((timezone.now() - last).total_seconds() // 3600))


def queue_and_worker_states() -> tuple[str, str]:
    try:
        with queue() as client:
            worker = next(client.scan_iter(f"{KEY}*", count=1000), None)
    except redis.RedisError as error:
        log.error("healthz: the queue is down (%s)", type(error).__name__)
        return "down", "unknown"
    return "ok", "ok" if worker else "down"


def states() -> dict[str, str]:
    """`ok`, `down` or (a worker behind a queue that is down) `unknown` for each part."""
    database = database_state()
    queue_, worker = queue_and_worker_states()
    return {"database": database, "queue": queue_, "worker": worker}


class HealthMiddleware:
    """Answers 200 when every part is ok, else 503. Before all that needs a host, a session or the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != PATH:
            return self.get_response(request)
        parts = states()
        well = all(state == "ok" for state in parts.values())
        said: dict[str, str | int | None] = {"status": "ok" if well else "not ok"}
        if shows_token(request):
            said |= {**parts, "backup": backup_state(), "backup_hours": backup_hours()}
        return JsonResponse(said, status=200 if well else 503, headers={"Cache-Control": "no-store"})
