"""What is answered when something failed: a fault of ours (500), or a part that is away for a moment (503).

Away: the database does not answer, gave up waiting or was stopped; the disk for files is full; too many documents are
being drawn. Then nothing was saved,
the page says so and when to try again, and carries what was typed, so that a button sends it again.
"""

import errno
import sys
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.template import loader

RETRY_SECONDS = 15
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
WORDS = {
    500: "Something went wrong here. It has been recorded.",
    503: "A part of the service does not answer at the moment. Nothing was saved. Try again in a moment.",
}


class Busy(Exception):
    """Too much of one costly kind is asked for at this moment; answered like a part that is away."""


def is_away(error: BaseException | None) -> bool:
    """Whether this error, or one that led to it, says that a part is away for a moment."""
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError | Busy):
            return True
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            return True
        error = error.__cause__ or error.__context__
    return False


def _typed(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """What was typed, to be sent again; never a password or a code."""
    if request.method != "POST" or request.path.startswith("/account/"):
        return
    try:
        for name, values in request.POST.lists():
            if "password" not in name:
                yield from ((name, str(value)) for value in values)
    except (UnreadablePostError, OSError):
        return


def answer(request: HttpRequest, *, request_id: str = "") -> HttpResponse:
    """What `handler500` answers. It touches neither session nor database, since they may be what is away."""
    status = 503 if is_away(sys.exc_info()[1]) else 500
    response: HttpResponse
    if request.path.startswith("/api/") or request.content_type == "application/json":
        response = JsonResponse({"detail": WORDS[status]}, status=status)
    else:
        fields = list(_typed(request)) if status == 503 else []
        context = {
            "request_id": request_id,
            "fields": fields,
            "files": bool(fields) and request.content_type == "multipart/form-data",
            # Without the host: it stays here whatever the request said.
            "address": "/" + request.get_full_path().lstrip("/"),
            "sent": request.method == "POST",
        }
        response = HttpResponse(loader.get_template(f"{status}.html").render(context), status=status)
    if status == 503:
        response["Retry-After"] = str(RETRY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response
