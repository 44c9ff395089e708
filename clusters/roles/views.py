"""Settings: a manager's role by two people, and acting up."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from clusters import policies as settings_policies
from clusters.http import UserRequest
from clusters.models import AccountRequest, ManagerRequest, User
from clusters.roles import policies, services
from clusters.roles.forms import ActingForm, AskManagerForm
from clusters.views.pages import form_page, settings_page

FORM = ["GET", "HEAD", "POST"]
ASKED = "Asked. Another manager confirms it within seven days; until then nothing changes."


@require_safe
def manager_requests(request: UserRequest) -> HttpResponse:
    """Who asked for whom, what came of it, newest first."""
    settings_policies.check_manage(request.user)
    rows = ManagerRequest.objects.select_related("user", "asked_by", "answered_by")[:50]
    shown = [{"asked": row, "may": row.status == "waiting" and policies.can_confirm(request.user, row)} for row in rows]
    accounts = AccountRequest.objects.select_related("user", "asked_by", "answered_by")[:50]
    return settings_page(request, "clusters/roles/requests.html", rows=shown, accounts=accounts)


@require_http_methods(FORM)
def manager_request(request: UserRequest, pk: int) -> HttpResponse:
    """The second person reads who asks and why, and confirms or refuses."""
    settings_policies.check_manage(request.user)
    asked = get_object_or_404(ManagerRequest.objects.select_related("user", "asked_by", "answered_by"), pk=pk)
    if request.method == "POST":
        answered = services.answer(asked, by=request.user, confirm=request.POST.get("answer") == "confirm")
        messages.success(request, f"{answered.get_status_display()}.")
        return redirect("settings-manager-requests")
    may = asked.status == ManagerRequest.Status.WAITING and policies.can_confirm(request.user, asked)
    return settings_page(request, "clusters/roles/request.html", asked=asked, may=may)


@require_http_methods(FORM)
def manager_ask(request: UserRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(User, pk=pk)
    settings_policies.check_see_person(request.user, found)
    policies.check_ask(request.user, found)
    back = reverse("settings-person", args=[pk])

    def act() -> str:
        services.ask_for_manager(by=request.user, to=found, **form.values)
        return back

    form = AskManagerForm(request.POST or None)
    lead = (
        "Managers see figures and settings of every Cluster, and give roles. It needs two people: you ask, a manager "
    )
    return form_page(
        request, form, title=f"{found} as manager", act=act, done=ASKED, back=back, lead=f"{lead}confirms it."
    )


@require_http_methods(FORM)
def acting_up(request: UserRequest, pk: int) -> HttpResponse:
    settings_policies.check_manage(request.user)
    found = get_object_or_404(User, pk=pk)
    back = reverse("settings-person", args=[pk])

    def act() -> str:
        services.act_up(by=request.user, to=found, **form.values)
        return back

    form = ActingForm(request.POST or None, user=request.user)
    done = ASKED if request.POST.get("role") == "manager" else f"{found} acts up; it ends by itself."
    return form_page(request, form, title=f"{found} acts up", act=act, done=done, back=back)
