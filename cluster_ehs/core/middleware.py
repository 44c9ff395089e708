"""One transaction per request that first sets who is acting, and drafts for expired sessions."""

from collections.abc import Callable
from http import HTTPStatus

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cluster_ehs.core import request_ids, scope
from cluster_ehs.core.denied import Conflict, TooOften


class ScopedRequest(HttpRequest):
    """A request on its way through the middleware: its name in the audit, whether it is undone, whether its page
    says what is wrong with the form that was sent, how many notices the reader has not read."""

    request_id: str
    rolled_back: bool
    form_refused: bool
    notices: int


class ScopeMiddleware:
    """Everything after this runs in one transaction in the scope of the person who asks.

    An exception or an answer of 500 rolls the whole request back. Record pages are never stored by
    a browser or a proxy, so the back button after signing out shows nothing. A form that is shown again with
    errors is answered with 422 (RFC 9110), whichever view showed it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: ScopedRequest) -> HttpResponse:
        with transaction.atomic():
            user = request.user
            if user.is_authenticated:
                request_ids.note_user(user.pk)
                request.notices = scope.act_as_user(user.pk, request_id=request.request_id)
            response = self.get_response(request)
            if (
                response.status_code == HTTPStatus.OK
                and request.method == "POST"
                and getattr(request, "form_refused", False)
            ):
                response.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
            if response.status_code >= 500 or getattr(request, "rolled_back", False):
                transaction.set_rollback(True)
        if user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store, private"
        return response

    def process_exception(self, request: ScopedRequest, exception: Exception) -> HttpResponse | None:
        request.rolled_back = True
        if isinstance(exception, Conflict):
            return render(request, "409.html", {"reason": exception.reason}, status=409)
        if isinstance(exception, TooOften):
            answer = render(request, "429.html", status=429)
            answer["Retry-After"] = "60"
            return answer
        return None
