"""Pages of the kernel: the home page, filled by every app for the roles it serves."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cluster_ehs.core import slots

# Fillings of `home.main` before this order stand above what is on the side.
FIRST = 21


def home(request: HttpRequest) -> HttpResponse:
    """What needs me today, by role."""
    hour = timezone.localtime().hour
    return render(
        request,
        "home.html",
        {
            "greeting": "Good morning" if hour < 12 else "Good afternoon" if hour < 18 else "Good evening",
            # On a phone: what is overdue, then the week, then everything else.
            "first": slots.render("home.main", request, orders=range(FIRST)),
            "main": slots.render("home.main", request, orders=range(FIRST, 1000)),
            "side": slots.render("home.side", request),
        },
    )


@login_not_required
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a weakness (RFC 9116), when EHS_SECURITY_CONTACT says where."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    expires = (timezone.now() + timedelta(days=180)).replace(microsecond=0).isoformat()
    text = f"Contact: {settings.SECURITY_CONTACT}\nExpires: {expires}\nPreferred-Languages: en\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
