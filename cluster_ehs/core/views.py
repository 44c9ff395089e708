"""Pages of the kernel: the home page, filled by every app for the roles it serves."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

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
