"""Pages of the kernel: the home page, filled by every app for the roles it serves."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cluster_ehs.core import slots


def home(request: HttpRequest) -> HttpResponse:
    """What needs me today, by role."""
    hour = timezone.localtime().hour
    return render(
        request,
        "home.html",
        {
            "greeting": "Good morning" if hour < 12 else "Good afternoon" if hour < 18 else "Good evening",
            "main": slots.render("home.main", request),
            "side": slots.render("home.side", request),
        },
    )
