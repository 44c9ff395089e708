"""Settings: the first page, Clusters, schools and memberships, the log of changes."""

from copy import copy

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from cluster_ehs.core import slots
from clusters import policies, selectors
from clusters.forms import ClusterForm, EndForm, MembershipForm, SchoolForm
from clusters.http import UserRequest
from clusters.models import Cluster, School, SchoolMembership
from clusters.services import places
from clusters.views.pages import form_page, settings_page

FORM = ["GET", "HEAD", "POST"]


@require_safe
def overview(request: UserRequest) -> HttpResponse:
    policies.check_see_settings(request.user)
    entries = selectors.overview(request.user)
    # Those of the apps above stand before the log of changes, which is last.
    entries[-1:-1] = [
        selectors.Entry(each["label"], each["about"], reverse(each["url_name"]))
        for each in slots.gather("settings.nav", request)
    ]
    return settings_page(request, "clusters/overview.html", entries=entries)


@require_safe
def changes(request: UserRequest) -> HttpResponse:
    """What was changed in the settings, by whom; `before` pages backwards."""
    policies.check_see_settings(request.user)
    before = request.GET.get("before", "")
    found = selectors.changes(request.user, before=int(before) if before.isdecimal() and len(before) < 18 else None)
    page, more = found[: selectors.PAGE], len(found) > selectors.PAGE
    url = reverse("settings-changes")
    return settings_page(
        request,
        "clusters/changes.html",
        events=page,
        older=f"{url}?before={page[-1].pk}" if more else "",
        newer=url if before else "",
    )


@require_safe
def cluster_list(request: UserRequest) -> HttpResponse:
    policies.check_see_settings(request.user)
    return settings_page(request, "clusters/cluster_list.html", clusters=selectors.cluster_list(request.user))


@require_http_methods(FORM)
def cluster_new(request: UserRequest) -> HttpResponse:
    policies.check_manage(request.user)
    form = ClusterForm(request.POST or None)

    def act() -> str:
        return reverse("settings-cluster", args=[places.add_cluster(by=request.user, **form.values).pk])

    return form_page(
        request, form, title="Add a Cluster", act=act, done="The Cluster is added.", back=reverse("settings-clusters")
    )


@require_safe
def cluster(request: UserRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Cluster, pk=pk)
    policies.check_see_cluster(request.user, found)
    rows = selectors.memberships(cluster=found)
    return settings_page(
        request,
        "clusters/cluster.html",
        cluster=found,
        members=[row for row in rows if selectors.is_now(row)],
        others=[row for row in rows if not selectors.is_now(row)],
        people=selectors.staff_list(request.user, cluster=found),
    )


@require_http_methods(FORM)
def cluster_edit(request: UserRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Cluster, pk=pk)
    policies.check_manage(request.user)
    form = ClusterForm(request.POST or None, instance=copy(found))
    back = reverse("settings-cluster", args=[pk])

    def act() -> str:
        places.change_cluster(found, by=request.user, **form.values)
        return back

    return form_page(request, form, title=f"Change {found}", act=act, done="Saved.", back=back)


@require_safe
def school_list(request: UserRequest) -> HttpResponse:
    policies.check_manage(request.user)
    return settings_page(request, "clusters/school_list.html", schools=selectors.school_list())


@require_http_methods(FORM)
def school_new(request: UserRequest) -> HttpResponse:
    policies.check_manage(request.user)
    form = SchoolForm(request.POST or None)

    def act() -> str:
        return reverse("settings-school", args=[places.add_school(by=request.user, **form.values).pk])

    return form_page(
        request, form, title="Add a school", act=act, done="The school is added.", back=reverse("settings-schools")
    )


@require_safe
def school(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    found = get_object_or_404(School, pk=pk)
    rows = [{"row": row, "now": selectors.is_now(row)} for row in selectors.memberships(school=found)]
    return settings_page(request, "clusters/school.html", school=found, memberships=rows)


@require_http_methods(FORM)
def school_edit(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    found = get_object_or_404(School, pk=pk)
    form = SchoolForm(request.POST or None, instance=copy(found))
    back = reverse("settings-school", args=[pk])

    def act() -> str:
        places.change_school(found, by=request.user, **form.values)
        return back

    return form_page(request, form, title=f"Change {found}", act=act, done="Saved.", back=back)


@require_http_methods(FORM)
def membership_of_school(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    found = get_object_or_404(School, pk=pk)
    form = MembershipForm(request.POST or None, fixed="school")
    back = reverse("settings-school", args=[pk])

    def act() -> str:
        places.add_membership(by=request.user, school=found, **form.values)
        return back

    return form_page(request, form, title=f"{found} joins a Cluster", act=act, done="Saved.", back=back)


@require_http_methods(FORM)
def membership_of_cluster(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    found = get_object_or_404(Cluster, pk=pk)
    form = MembershipForm(request.POST or None, fixed="cluster")
    back = reverse("settings-cluster", args=[pk])

    def act() -> str:
        places.add_membership(by=request.user, cluster=found, **form.values)
        return back

    return form_page(
        request,
        form,
        title=f"A school joins {found}",
        act=act,
        done="Saved.",
        back=back,
        lead="Is the school not in the list? Add it under Schools first.",
    )


@require_http_methods(FORM)
def membership_end(request: UserRequest, pk: int) -> HttpResponse:
    policies.check_manage(request.user)
    found = get_object_or_404(SchoolMembership.objects.select_related("school", "cluster"), pk=pk)
    form = EndForm(request.POST or None, label="First day no longer a member", submit_label="End the membership")
    back = reverse("settings-school", args=[found.school_id])

    def act() -> str:
        places.end_membership(found, by=request.user, **form.values)
        return back

    return form_page(
        request,
        form,
        title=f"{found.school} leaves {found.cluster}",
        act=act,
        done="Saved.",
        back=back,
        lead="Families already helped keep their help; new referrals from the school are shown as not eligible.",
    )
