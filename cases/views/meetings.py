"""The meetings of a case: planned, recorded, handed out as minutes; and its tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases import services
from cases.forms.meeting import NotHeldForm, PlanMeetingForm, RecordMeetingForm, TaskForm
from cases.models import CaseMeeting, Task
from cases.pages import case_page
from cases.selectors.case import who_is_who
from cases.selectors.meetings import for_outside, meetings, shown
from cases.selectors.workload import workers_and_leaders
from cases.services.tasks import add_task, finish_task
from cases.views.common import add_errors, draft, refuse_readers
from cluster_ehs.core import drafts, pdf, slots
from cluster_ehs.core.once import once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from families.addresses import address_flags

FORM = ["GET", "HEAD", "POST"]


@require_GET
def meeting_list(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="meetings")
    tasks = list(Task.objects.filter(case_id=pk).select_related("owner", "done_by").order_by("done_at", "due_on"))
    of_meeting: dict[UUID | None, list[Task]] = {}
    for task in tasks:
        of_meeting.setdefault(task.meeting_id, []).append(task)
    return render(
        request,
        "cases/meetings.html",
        page
        | {
            "meetings": [
                shown(meeting, of_meeting.get(meeting.pk, [])) for meeting in meetings(pk, with_tasks=False)[:30]
            ],
            "open_tasks": [task for task in tasks if not task.done_at],
            "done_tasks": [task for task in tasks if task.done_at][:10],
            "slot": slots.render("case.meetings.main", request, case=page["case"]),
        },
    )


@require_GET
def meeting(request: UserRequest, pk: UUID, meeting_id: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="meetings")
    found = get_object_or_404(meetings(pk), pk=meeting_id)
    return render(request, "cases/meeting.html", page | {"one": shown(found), "pdf": not pdf.MISSING})


@require_GET
def minutes(request: UserRequest, pk: UUID, meeting_id: UUID) -> HttpResponse:
    """The minutes as a tagged PDF, to hand to those who came: no address that somebody must not be told."""
    page = case_page(request, pk, tab="meetings")
    one = shown(get_object_or_404(meetings(pk).filter(recorded_at__isnull=False, not_held=""), pk=meeting_id))
    if pdf.MISSING:
        return HttpResponse(pdf.MISSING, status=503, content_type="text/plain; charset=utf-8")

    flags = address_flags([page["family"].pk])

    def out(text: str) -> str:
        return for_outside(text, page["family"], page["people"], flags)

    context = {
        "one": one,
        "case": page["case"],
        "place": out(one.meeting.place),
        "purpose": out(one.meeting.purpose),
        "child_voice": out(one.meeting.child_voice),
        "decisions": out(one.meeting.decisions),
        "family_plan": out(one.meeting.family_plan),
        "outcome": out(one.meeting.outcome),
        "tasks": [(out(task.what), task.outside or task.owner.name, task.due_on) for task in one.tasks],
    }
    return HttpResponse(
        pdf.render_pdf("cases/meeting_pdf.html", context),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="minutes-{page["case"].reference}.pdf"',
            "Cache-Control": "no-store, private",
        },
    )


def _options(request: UserRequest, page: dict[str, Any], key: str, back: str) -> dict[str, Any]:
    kept = draft(request, key)
    return {
        "family": [(str(person.pk), who_is_who(person)) for person in page["people"]],
        "workers": workers_and_leaders(page["case"].cluster_id),
        "draft_key": key,
        "draft_version": kept.version if kept else 0,
        "cancel_url": back,
    }


def _write(
    request: UserRequest,
    page: dict[str, Any],
    form_class: Any,
    options: dict[str, Any],
    save: Callable[[Any], CaseMeeting],
    title: str,
    lead: str = "",
) -> HttpResponse:
    """Show a form of rows; save it once; a refusal stands at its field and keeps what was typed."""
    key, theirs, status = options["draft_key"], [], 200
    kept = draft(request, key)
    if request.method == "POST" and request.POST.get("more"):
        form = drafts.unjudged(form_class(form_class.with_more(request.POST), **options))
    elif request.method == "POST":
        form = form_class(request.POST, **options)
        if form.is_valid():
            try:
                url = once(user_id=request.user.pk, key=form.token, make=lambda: _address(save(form)))
            except ValidationError as error:
                add_errors(form, error)
            except services.Stale as stale:
                current, status = stale.current, 409
                theirs = [("What was decided", current.decisions), ("What the child said", current.child_voice)]
                data = request.POST.copy()
                data["version"] = str(current.version)
                form = form_class(data, **options)
            else:
                drafts.finish(request, key)
                messages.success(request, "Meeting saved.")
                return redirect(url)
    else:
        form = drafts.unjudged(form_class(drafts.as_posted(kept.data), **options)) if kept else form_class(**options)
    context = {"form": form, "title": title, "kept": kept, "theirs": theirs, "lead": lead}
    return render(request, "cases/form.html", page | context, status=status)


def _address(saved: CaseMeeting) -> str:
    return reverse("case-meeting", args=[saved.case_id, saved.pk])


@require_http_methods(FORM)
def meeting_new(request: UserRequest, pk: UUID) -> HttpResponse:
    """Plan a meeting, or with `?record` record one that has been held."""
    page = case_page(request, pk, tab="meetings")
    refuse_readers(page)
    case, by, back = page["case"], request.user, reverse("case-meetings", args=[pk])
    if "record" in request.GET:
        options = _options(request, page, f"meeting-held:{pk}", back)

        def record(form: RecordMeetingForm) -> CaseMeeting:
            values = form.values
            when = {name: values[name] for name in ("kind", "held_at", "place")}
            return services.add_meeting(by=by, case=case, **when, who=form.who, said=form.said)

        return _write(request, page, RecordMeetingForm, options, record, "Record a meeting")

    options = _options(request, page, f"meeting:{pk}", back)

    def plan(form: PlanMeetingForm) -> CaseMeeting:
        values = form.values
        when = {name: values[name] for name in ("kind", "held_at", "place", "purpose")}
        return services.add_meeting(by=by, case=case, **when, who=form.who)

    return _write(request, page, PlanMeetingForm, options, plan, "Plan a meeting")


@require_http_methods(FORM)
def meeting_record(request: UserRequest, pk: UUID, meeting_id: UUID) -> HttpResponse:
    """What came of a meeting; a second time to put right or to add."""
    page = case_page(request, pk, tab="meetings")
    refuse_readers(page)
    found = get_object_or_404(meetings(pk), pk=meeting_id)
    options = _options(request, page, f"meeting-record:{meeting_id}", _address(found))
    options |= {"meeting": found, "present": list(found.present.all())}

    def record(form: RecordMeetingForm) -> CaseMeeting:
        return services.record_meeting(
            by=request.user, meeting=found, who=form.who, said=form.said, version=form.seen_version
        )

    lead = f"{found.get_kind_display()}. Tasks written here are added to those of the meeting."
    return _write(request, page, RecordMeetingForm, options, record, "Record the meeting", lead)


@require_http_methods(FORM)
def meeting_change(request: UserRequest, pk: UUID, meeting_id: UUID) -> HttpResponse:
    """Another day or other people for a meeting to come."""
    page = case_page(request, pk, tab="meetings")
    refuse_readers(page)
    found = get_object_or_404(meetings(pk), pk=meeting_id)
    options = _options(request, page, f"meeting-change:{meeting_id}", _address(found))
    options |= {"meeting": found, "present": list(found.present.all())}

    def change(form: PlanMeetingForm) -> CaseMeeting:
        values = form.values
        plan = {name: values[name] for name in ("held_at", "place", "purpose")}
        return services.plan_again(by=request.user, meeting=found, **plan, who=form.who, version=form.seen_version)

    return _write(request, page, PlanMeetingForm, options, change, f"Change the plan: {found.get_kind_display()}")


@require_http_methods(FORM)
def meeting_not_held(request: UserRequest, pk: UUID, meeting_id: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="meetings")
    refuse_readers(page)
    found = get_object_or_404(CaseMeeting, pk=meeting_id, case_id=pk)
    form = NotHeldForm(posted(request), cancel_url=_address(found))
    if request.method == "POST" and form.is_valid():
        services.meeting_not_held(by=request.user, meeting=found, why=form.values["why"])
        messages.success(request, "The meeting is marked as not held.")
        return redirect("case-meetings", pk=pk)
    return render(request, "cases/form.html", page | {"form": form, "title": "The meeting was not held"})


@require_http_methods(FORM)
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
            return str(add_task(by=request.user, case=page["case"], task=form.tasks[0]).pk)

        try:
            once(user_id=request.user.pk, key=form.token, make=make)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "Task added.")
            return redirect("case-meetings", pk=pk)
    return render(request, "cases/form.html", page | {"form": form, "title": "Add a task"})


@require_POST
def task_done(request: UserRequest, pk: UUID, task_id: UUID) -> HttpResponse:
    task = get_object_or_404(Task.objects.select_related("case"), pk=task_id, case_id=pk)
    finish_task(by=request.user, task=task)
    messages.success(request, "Task done.")
    return redirect("case-meetings", pk=pk)
