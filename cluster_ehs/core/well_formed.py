"""What no page of ours ever sends is refused before any view reads it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from cluster_ehs.core.error_reports import bad_request

METHODS = ("GET", "HEAD", "POST")
NOT_IN_THE_CLEAR = "Use https. What was sent without it could be read on its way: withdraw the token."


class WellFormedMiddleware:
    """405 for a method that no page takes, 400 for a NUL in the address or its query: PostgreSQL holds none, so a view
    that looks something up by it would fail. The API answers for itself, in JSON; posted fields are judged by forms.
    A program that calls without TLS is refused and not led to it, or nobody would notice [OWASP ASVS 5.0 4.1.2].
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):
            if settings.SECURE_SSL_REDIRECT and not request.is_secure():
                return JsonResponse({"detail": NOT_IN_THE_CLEAR}, status=403)
            return self.get_response(request)
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return bad_request(request, ValueError())
        return self.get_response(request)
