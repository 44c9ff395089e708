"""One line in the log for each answered request: which view, which answer, how long. Never its address or content.

Addresses stay out because private links open a family's page by what stands in them.
"""

import logging

from django.http import HttpRequest, HttpResponse

from cluster_ehs.core.request_ids import RequestIdMiddleware, Trail

log = logging.getLogger("ehs.request")


def write(request: HttpRequest, response: HttpResponse, seconds: float, trail: Trail) -> None:
    # Static files and signs of life are many and say nothing.
    if not trail.view and response.status_code < 400:
        return
    fields = {"method": method_of(request), "status": response.status_code, "ms": round(seconds * 1000)}
    level = logging.ERROR if response.status_code >= 500 else logging.INFO
    log.log(level, "answered", extra={"fields": fields})


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})


def method_of(request: HttpRequest) -> str:
    """The method, of those there are: a client may send any word."""
    return request.method if request.method in METHODS else "other"


RequestIdMiddleware.done.append(write)
