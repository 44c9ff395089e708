"""Settings: a change to how a manager signs in, by two people."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clusters.account_changes import policies, services
from clusters.account_changes.forms import AskForm
from clusters.http import UserRequest
from clusters.models import AccountRequest, User
from clusters.roles.views import ASKED
from clusters.views.pages import form_page, settings_page

FORM = ["GET", "HEAD", "POST"]


@require_http_methods(FORM)
def ask(request: UserRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    policies.check_ask(request.user, found)
    back = reverse("settings-person", args=[pk])

    def act() -> str:
        services.ask(by=request.user, to=found, **form.values)
        return back

    form = AskForm(request.POST or None)
    lead = "Whoever holds a manager’s account gives roles. So it needs two people: you ask, another manager confirms."
    return form_page(request, form, title=f"How {found} signs in", act=act, done=ASKED, back=back, lead=lead)


@require_http_methods(FORM)
def answer(request: UserRequest, pk: int) -> HttpResponse:
    """The second person reads who asks and why, and confirms or refuses. Whom it is about can refuse too."""
    asked = get_object_or_404(AccountRequest.objects.select_related("user", "asked_by", "answered_by"), pk=pk)
    policies.check_refuse(request.user, asked)
    if request.method == "POST":
        answered = services.answer(asked, by=request.user, confirm=request.POST.get("answer") == "confirm")
        messages.success(request, f"{answered.get_status_display()}.")
        return redirect("home" if request.user.pk == asked.user_id else "settings-manager-requests")
    waits = asked.status == AccountRequest.Status.WAITING
    may = waits and policies.can_confirm(request.user, asked)
    return settings_page(
        request, "clusters/account_changes/request.html", asked=asked, may=may, waits=waits, done=asked.done_at
    )
