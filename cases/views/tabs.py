"""The thinner tabs: people, meetings with tasks."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from cases import services
from cases.forms.meeting import MeetingForm, TaskForm
from cases.models import CaseMeeting, Task
from cases.pages import case_page
from cases.selectors.case import who_is_who
from cases.selectors.workload import workers_and_leaders
from cases.slots import address
from cases.views.common import add_errors, draft, refuse_readers
from cluster_ehs.core import drafts, slots
from cluster_ehs.core.once import once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from families.pictures import pictures


@require_GET
def people(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="people")
    rows = [
        {"person": person, "who": who_is_who(person), "url": address("person-edit", person.pk)}
        for person in page["people"]
    ]
    context = {
        "rows": rows,
        "family_url": address("family", page["case"].family_id),
        "add_url": address("person-new", page["case"].family_id),
        "pictures": pictures(request, page["family"], page["people"]),
        "slot": slots.render("case.people.main", request, case=page["case"]),
    }
    return render(request, "cases/people.html", page | context)


@require_GET
def meetings(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="meetings")
    tasks = list(Task.objects.filter(case_id=pk).select_related("owner", "done_by").order_by("done_at", "due_on")[:60])
    return render(
        request,
        "cases/meetings.html",
        page
        | {
            "meetings": CaseMeeting.objects.filter(case_id=pk).select_related("author")[:30],
            "open_tasks": [task for task in tasks if not task.done_at],
            "done_tasks": [task for task in tasks if task.done_at][:10],
        },
    )


def meeting_edit(request: UserRequest, pk: UUID, meeting_id: UUID | None = None) -> HttpResponse:
    """Plan or record a meeting; record one that was planned."""
    page = case_page(request, pk, tab="meetings")
    refuse_readers(page)
    meeting = get_object_or_404(CaseMeeting, pk=meeting_id, case_id=pk) if meeting_id else None
    key = f"meeting:{meeting_id or pk}"
    kept = draft(request, key)
    options: dict[str, Any] = {
        "workers": workers_and_leaders(page["case"].cluster_id),
        "meeting": meeting,
        "draft_key": key,
        "draft_version": kept.version if kept else 0,
        "cancel_url": reverse("case-meetings", args=[pk]),
    }
    if request.method == "POST":
        form = MeetingForm(request.POST, **options)
        if form.is_valid() and save_meeting(request, page, form, meeting):
            drafts.discard(request.user, key)
            messages.success(request, "Meeting saved.")
            return redirect("case-meetings", pk=pk)
    else:
        form = drafts.unjudged(MeetingForm(drafts.as_posted(kept.data), **options)) if kept else MeetingForm(**options)
    title = "Record the meeting" if meeting else "A meeting about this family"
    context = {"form": form, "title": title, "kept": kept}
    return render(request, "cases/form.html", page | context)


def save_meeting(request: UserRequest, page: dict[str, Any], form: MeetingForm, meeting: CaseMeeting | None) -> bool:
    values = form.values

    def make() -> str:
        common: dict[str, Any] = {
            "by": request.user,
            "attendees": values["attendees"],
            "decisions": values["decisions"],
            "tasks": form.tasks,
        }
        if meeting:
            return str(services.record_meeting(meeting=meeting, **common).pk)
        made = services.add_meeting(case=page["case"], kind=values["kind"], held_at=values["held_at"], **common)
        return str(made.pk)

    try:
        once(user_id=request.user.pk, key=form.token, make=make)
    except ValidationError as error:
        add_errors(form, error)
        return False
    return True


def task_new(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="meetings")
    refuse_readers(page)
    form = TaskForm(
        posted(request),
        workers=workers_and_leaders(page["case"].cluster_id),
        cancel_url=reverse("case-meetings", args=[pk]),
    )
    if request.method == "POST" and form.is_valid():

        def make() -> str:
            return str(services.add_task(by=request.user, case=page["case"], task=form.tasks[0]).pk)

        try:
            once(user_id=request.user.pk, key=form.token, make=make)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "Task added.")
            return redirect("case-meetings", pk=pk)
    context = {"form": form, "title": "Add a task"}
    return render(request, "cases/form.html", page | context)


@require_POST
def task_done(request: UserRequest, pk: UUID, task_id: UUID) -> HttpResponse:
    task = get_object_or_404(Task.objects.select_related("case"), pk=task_id, case_id=pk)
    services.finish_task(by=request.user, task=task)
    messages.success(request, "Task done.")
    return redirect("case-meetings", pk=pk)
