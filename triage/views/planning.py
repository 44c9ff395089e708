"""Meetings that repeat, one of them moved, and the school holidays of the settings."""

from copy import copy
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cluster_ehs.core.requests import posted
from clusters import policies as settings_policies
from clusters.http import UserRequest
from clusters.people import duties
from clusters.views.pages import form_page, settings_page
from triage import policies, services
from triage.forms.meeting import HolidayForm, MeetingForm, PatternForm
from triage.models import Meeting, MeetingPattern, SchoolHoliday
from triage.selectors import meetings as read
from triage.views.writing import write_once

FORM = ["GET", "HEAD", "POST"]


@require_safe
def patterns(request: UserRequest) -> HttpResponse:
    """How the Cluster's meetings repeat, and what is made of it."""
    policies.check_read_screening(request.user)
    clusters = duties(request.user).clusters
    context = {
        "patterns": MeetingPattern.objects.filter(cluster_id__in=clusters).select_related("cluster"),
        "ahead": read.repeated_ahead(clusters),
        "leads": duties(request.user).leads,
        "several": len(clusters) > 1,
    }
    return render(request, "triage/patterns.html", context)


@require_http_methods(FORM)
def pattern_new(request: UserRequest) -> HttpResponse:
    leads = duties(request.user).leads
    if not leads:
        policies.check_plan_meeting(request.user, 0)
    form = PatternForm(posted(request), clusters=leads)
    return _pattern(request, form, None, "Add a pattern of meetings")


@require_http_methods(FORM)
def pattern(request: UserRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(MeetingPattern, pk=pk)
    policies.check_plan_meeting(request.user, found.cluster_id)
    form = PatternForm(posted(request), clusters=duties(request.user).leads, pattern=found)
    return _pattern(request, form, found, "Change how the meetings repeat")


def _pattern(request: UserRequest, form: PatternForm, found: MeetingPattern | None, title: str) -> HttpResponse:
    back = reverse("meeting-patterns")

    def make() -> str:
        saved = services.save_pattern(by=request.user, pattern=found, **form.values)
        messages.success(request, f"{saved}. The meetings of the next ten weeks are made.")
        return back

    if form.is_bound and form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    context = {"form": form, "title": title, "back_url": back, "back_label": "Meetings that repeat"}
    return render(request, "layouts/form.html", context)


@require_POST
def make(request: UserRequest) -> HttpResponse:
    """Make the meetings ahead now, for each Cluster that the person leads."""
    leads = duties(request.user).leads
    if not leads:
        policies.check_plan_meeting(request.user, 0)
    made = sum(services.make_meetings(by=request.user, cluster_id=cluster_id) for cluster_id in leads)
    messages.success(request, f"{made} meetings made." if made else "All meetings of the next ten weeks are there.")
    return redirect("meeting-patterns")


@require_http_methods(FORM)
def change_meeting(request: UserRequest, pk: UUID) -> HttpResponse:
    """Move a meeting that has not begun, or say that it is not held."""
    found = get_object_or_404(Meeting, pk=pk)
    policies.check_run_meeting(request.user, found)
    initial = {name: getattr(found, name) for name in ("starts_at", "place", "note")}
    form = MeetingForm(posted(request), initial={**initial, "held": found.status != Meeting.Status.SKIPPED})
    back = reverse("meeting", args=[pk])

    def make() -> str:
        services.change_meeting(by=request.user, meeting=found, **form.values)
        messages.success(request, "The meeting is changed.")
        return back

    if form.is_bound and form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    context = {"form": form, "title": "Change this meeting", "back_url": back, "back_label": "The meeting"}
    return render(request, "layouts/form.html", context)


@require_safe
def holidays(request: UserRequest) -> HttpResponse:
    settings_policies.check_see_settings(request.user)
    today = timezone.localdate()
    # What is to come stands first, in its order; what is over follows, the latest first.
    found = sorted(
        SchoolHoliday.objects.select_related("cluster").order_by("-starts_on")[:60],
        key=lambda day: (day.ends_on < today, abs(day.starts_on - today)),
    )
    return settings_page(request, "triage/holidays.html", holidays=found, today=today)


@require_http_methods(FORM)
def holiday_new(request: UserRequest) -> HttpResponse:
    settings_policies.check_manage(request.user)
    form = HolidayForm(posted(request))
    back = reverse("settings-holidays")

    def act() -> str:
        services.add_holiday(by=request.user, **form.values)
        return back

    done = "The holiday is added. Meetings that fall on it change within a minute."
    return form_page(request, form, title="Add a school holiday", act=act, done=done, back=back)


@require_http_methods(FORM)
def holiday_edit(request: UserRequest, pk: int) -> HttpResponse:
    settings_policies.check_manage(request.user)
    found = get_object_or_404(SchoolHoliday, pk=pk)
    form = HolidayForm(posted(request), holiday=copy(found))
    back = reverse("settings-holidays")

    def act() -> str:
        services.change_holiday(by=request.user, holiday=found, **form.values)
        return back

    done = "Saved. Meetings change within a minute."
    return form_page(request, form, title=f"Change {found}", act=act, done=done, back=back)
