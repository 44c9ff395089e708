"""Pages of schedules and runs: progress while a report is made, its figures and files for good."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core import audit, pdf
from cluster_ehs.core.once import once
from clusters.http import UserRequest
from clusters.people import duties
from monitoring import policies, report_files, reports
from monitoring.asking import clusters_for
from monitoring.models import ReportFile, ReportRun, Schedule
from monitoring.report_forms import ReportForm, ScheduleForm


def report_schedules(request: UserRequest) -> HttpResponse:
    """What makes itself, and what was made."""
    policies.check_reads_reports(request.user)
    mine = duties(request.user)
    runs = ReportRun.objects.defer("snapshot").select_related("schedule", "asked_by")[:200]
    seen = [run for run in runs if mine.is_manager or (run.cluster_ids and set(run.cluster_ids) <= mine.leads)]
    schedules = Schedule.objects.prefetch_related("clusters", "recipients") if mine.is_manager else []
    return render(
        request,
        "monitoring/report_schedules.html",
        {"schedules": schedules, "runs": seen[:50], "may_edit": policies.can_edit_schedules(request.user)},
    )


def schedule_edit(request: UserRequest, pk: int | None = None) -> HttpResponse:
    policies.check_edit_schedules(request.user)
    schedule = get_object_or_404(Schedule, pk=pk) if pk else None
    initial = {}
    if schedule:
        initial = {
            "name": schedule.name,
            "clusters": schedule.clusters.all(),
            "recipients": schedule.recipients.all(),
            "day_of_month": schedule.day_of_month,
            "active": schedule.active,
        }
    form = ScheduleForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        once(
            user_id=request.user.pk,
            key=form.token,
            make=lambda: reports.save_schedule(by=request.user, schedule=schedule, **form.values).pk,
        )
        return redirect("report-schedules")
    return render(
        request,
        "layouts/form.html",
        {
            "title": "Change the schedule" if schedule else "New schedule",
            "form": form,
            "back_url": reverse("report-schedules"),
            "back_label": "Scheduled reports",
        },
    )


def report_new(request: UserRequest) -> HttpResponse:
    policies.check_reads_reports(request.user)
    allowed = clusters_for(request)
    start, end = reports.month_before(timezone.localdate())
    initial = {"clusters": [c.pk for c in allowed], "period_from": start, "period_to": end}
    form = ReportForm(request.POST or None, initial=initial, cluster_ids=[c.pk for c in allowed])
    if request.method == "POST" and form.is_valid():
        run_id = once(
            user_id=request.user.pk,
            key=form.token,
            make=lambda: str(reports.start_report(by=request.user, **form.values).pk),
        )
        return redirect("report-run", run_id)
    return render(
        request,
        "layouts/form.html",
        {
            "title": "Make a report now",
            "form": form,
            "back_url": reverse("report-schedules"),
            "back_label": "Scheduled reports",
        },
    )


def _run(request: UserRequest, pk: uuid.UUID) -> ReportRun:
    run = get_object_or_404(ReportRun, pk=pk)
    policies.check_see_run(request.user, run)
    return run


def report_run(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    run = _run(request, pk)
    files = list(run.files.defer("content")) if run.status == ReportRun.Status.DONE else []
    return render(
        request,
        "monitoring/report_run.html",
        {"run": run, "files": sorted(files, key=lambda f: f.kind), "no_pdf": pdf.MISSING, "snapshot": run.snapshot},
    )


def report_progress(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """The fragment that the page asks for every two seconds until the report is done."""
    run = _run(request, pk)
    response = render(request, "monitoring/_report_progress.html", {"run": run})
    if run.status == ReportRun.Status.DONE:
        response["HX-Refresh"] = "true"
    return response


def report_file(request: UserRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
    run = _run(request, pk)
    file = get_object_or_404(ReportFile, run=run, kind=kind)
    audit.event(by=request.user, kind="download", text=f"Downloaded “{run.title}” as {kind.upper()}", about=run)
    return HttpResponse(
        bytes(file.content),
        content_type=report_files.TYPES[ReportFile.Kind(file.kind)],
        headers={
            "Content-Disposition": f'attachment; filename="monitoring-{run.period_from}-{run.period_to}.{kind}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
