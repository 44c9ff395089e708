"""Settings: which groups of the council's directory mean which roles."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clusters import policies
from clusters.forms import EndForm
from clusters.group_roles import services
from clusters.group_roles.forms import GroupRoleForm
from clusters.http import UserRequest
from clusters.models import GroupRole, Post, Role
from clusters.signing_in import council_roles
from clusters.views.pages import form_page, settings_page

FORM = ["GET", "HEAD", "POST"]


@require_safe
def group_list(request: UserRequest) -> HttpResponse:
    policies.check_manage(request.user)
    today = timezone.localdate()
    found = GroupRole.objects.select_related("cluster", "school", "added_by")
    rows = [(row, services.in_words(row), row.ends_on is not None and row.ends_on <= today) for row in found]
    problem = ""
    lines: list[tuple[council_roles.Row, str, str]] = []
    try:
        for line in council_roles.rows():
            lines.append((line, Role(line.role).label, Post(line.post).label if line.post else ""))
    except (ImproperlyConfigured, OSError) as error:
        problem = str(error)
    return settings_page(
        request,
        "clusters/group_roles/list.html",
        rows=[row for row in rows if not row[2]],
        ended=[row for row in rows if row[2]],
        lines=lines,
        problem=problem,
        connected=bool(settings.DIRECTORY_ISSUER),
    )


@require_http_methods(FORM)
def group_new(request: UserRequest) -> HttpResponse:
    policies.check_manage(request.user)
    form = GroupRoleForm(request.POST if request.method == "POST" else None)
    back = reverse("settings-groups")

    def act() -> str:
        services.add(by=request.user, **form.values)
        return back

    return form_page(
        request,
        form,
        title="What a group means",
        act=act,
        done="Saved. It counts from the next time that somebody signs in through the directory.",
        back=back,
    )


@require_http_methods(FORM)
def group_end(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    found = get_object_or_404(GroupRole.objects.select_related("cluster", "school"), pk=pk)
    data = request.POST if request.method == "POST" else None
    form = EndForm(data, label="First day on which it means this no more", submit_label="End it")
    back = reverse("settings-groups")

    def act() -> str:
        services.end(found, by=request.user, **form.values)
        return back

    return form_page(
        request,
        form,
        title="End what a group means",
        lead=f"“{found.group}” means {services.in_words(found)}.",
        act=act,
        done="Saved. Roles that it gave stay: end them under Staff where they should go.",
        back=back,
    )
