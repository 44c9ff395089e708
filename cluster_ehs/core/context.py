"""What every page of a signed-in person needs: navigation by role, the name of the service."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from cluster_ehs.core import gate, session_limits, slots


def page(request: HttpRequest) -> dict[str, Any]:
    """Navigation is a slot: each app adds its own entries (`nav`), shown to those its policy lets in."""
    user = getattr(request, "user", None)
    context: dict[str, Any] = {"service_name": settings.LABELS["service"], "nav": [], "may_search": False}
    context["for_trying_out"] = gate.is_for_trying_out()
    context["directory_name"] = settings.DIRECTORY_NAME if settings.DIRECTORY_ISSUER else ""
    context["request_id"] = getattr(request, "request_id", "")
    if user is None or not user.is_authenticated:
        return context
    context["clocks"] = session_limits.clocks(request)
    # Before the second factor nothing opens, so nothing is offered: the name and the way out alone.
    context["half_signed_in"] = getattr(request, "is_half_signed_in", lambda: False)()
    if context["half_signed_in"]:
        return context
    context["notices_not_read"] = getattr(request, "notices", 0)
    # The box in the header is for those whom some app lets search.
    context["may_search"] = any(filling.policy(user) for filling in slots.fillings("header.search"))
    for filling in slots.fillings("nav"):
        entry = filling.selector(request) if filling.policy(user) else None
        if entry is None:
            continue
        try:
            url = reverse(entry["url_name"])
        except NoReverseMatch:
            continue
        current = request.path == url or (url != "/" and request.path.startswith(entry.get("under", url)))
        context["nav"].append({"label": entry["label"], "url": url, "current": current})
    return context
