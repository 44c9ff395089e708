"""What is told about an error: its kind and place, the request's id, the view, the user by number. Nothing else.

No locals, no posted fields, no words of the exception and no SQL parameters leave the process (`core.logs.describe`).
The log has each error; the addresses in `EHS_ERRORS_TO` get one mail an hour for each place that fails.
"""

import hashlib
import json
import logging
import sys
from typing import Any

from celery.signals import task_failure
from django.conf import settings
from django.core.signals import got_request_exception
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from cluster_ehs.core import logs, request_ids, unavailable
from cluster_ehs.core.request_ids import RequestIdMiddleware, Trail
from cluster_ehs.core.tasks import queue_message

log = logging.getLogger("ehs.errors")


def note(**_: Any) -> None:
    """Keep what an exception was until the request is undone and answered."""
    error, trail = sys.exc_info()[1], request_ids.trail()
    if error is not None and trail is not None:
        trail.error = logs.describe(error)


def request_done(request: HttpRequest, response: HttpResponse, seconds: float, trail: Trail) -> None:
    if trail.error and response.status_code >= 500:
        tell(trail.error, trail)


def task_failed(exception: BaseException, **_: Any) -> None:
    """Celery's signal; the log has it from Celery itself, through our formatter."""
    tell(logs.describe(exception), request_ids.trail() or Trail(request_ids.made()))


def tell(error: dict[str, Any], trail: Trail) -> None:
    """Queue a mail about an error, once an hour for each place. A database that is away is no second error."""
    if not settings.ERRORS_TO:
        return
    where = trail.view or trail.task or "unknown"
    place = error["places"][-1] if error["places"] else ""
    digest = hashlib.sha256(f"{error['type']} {place} {where}".encode()).hexdigest()[:16]
    body = "\n".join(
        [
            f"Error: {error['type']}",
            f"In: {where}",
            f"Request: {trail.id}",
            f"User: {trail.user_id or 'nobody'}",
            f"At: {timezone.localtime():%d/%m/%Y %H:%M:%S}",
            "",
            json.dumps(error, indent=1),
            "",
            "One mail an hour for each place. The log has every one, by the id of its request.",
        ]
    )
    try:
        with transaction.atomic():
            for to in settings.ERRORS_TO:
                key = f"error:{digest}:{timezone.now():%Y%m%d%H}:{to}"
                queue_message(key=key[:200], to=to, subject=f"Error in {where}"[:200], body=body)
    except DatabaseError as failure:
        log.error("no mail about an error could be queued (%s)", type(failure).__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of an error, or of a part that is away; the request is not asked, whose transaction may be broken."""
    return unavailable.answer(request, request_id=request_ids.current())


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(render_to_string("400.html", {"request_id": request_ids.current()}), status=400)


got_request_exception.connect(note, dispatch_uid="error_reports")
task_failure.connect(task_failed)
RequestIdMiddleware.done.append(request_done)
