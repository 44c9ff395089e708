"""Settings: schools from a file of the register of schools."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clusters import policies
from clusters.directory.forms import RegisterForm
from clusters.directory.models import RegisterFile
from clusters.http import UserRequest
from clusters.services import register
from clusters.views.pages import form_page, settings_page

SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
def register_list(request: UserRequest) -> HttpResponse:
    policies.check_manage(request.user)
    form = RegisterForm(request.POST or None, request.FILES or None, initial={"authority": settings.LOCAL_AUTHORITY})

    def act() -> str:
        return reverse("settings-register-file", args=[register.receive(by=request.user, **form.values).pk])

    return form_page(
        request,
        form,
        title="Schools from the register",
        act=act,
        done="Nothing has changed yet.",
        back=reverse("settings-schools"),
        template="clusters/register_list.html",
        files=RegisterFile.objects.select_related("author").defer("changes", "rejects")[:SHOWN],
    )


@require_safe
def register_file(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    found = get_object_or_404(RegisterFile.objects.select_related("author"), pk=pk)
    return settings_page(request, "clusters/register_file.html", file=found)


@require_POST
def register_apply(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    found = get_object_or_404(RegisterFile, pk=pk)
    concluded = {change["succeeded"] for change in found.changes if change["concluded"]}
    if register.apply_file(found, by=request.user, refused=concluded - set(request.POST.getlist("accept"))):
        messages.success(request, "The schools are up to date.")
    else:
        messages.warning(request, "The schools have changed since. Look at what would change now.")
    return redirect("settings-register-file", pk)


@require_POST
def register_discard(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    register.discard(get_object_or_404(RegisterFile, pk=pk), by=request.user)
    messages.success(request, "The file is put away; nothing has changed.")
    return redirect("settings-register")
