"""Pages of schedules and runs: progress while a report is made, its figures and files for good."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from cluster_ehs.core import audit, pdf
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.once import once
from clusters.http import UserRequest
from clusters.people import duties
from monitoring import comparison, given_out, policies, report_files, reports, schedules
from monitoring.asking import clusters_for
from monitoring.models import KeptInside, ReportFile, ReportRun, Schedule, in_words
from monitoring.report_forms import ReportForm, ScheduleForm, as_entered, shown_before
from monitoring.suite import BY_KEY, REPORTS, engine
from monitoring.suite.pages import sections


def report_schedules(request: UserRequest) -> HttpResponse:
    """What makes itself, and what was made."""
    policies.check_reads_reports(request.user)
    mine = duties(request.user)
    runs = ReportRun.objects.defer("snapshot").select_related("schedule", "asked_by", "kept_inside")[:200]
    seen = [
        run
        for run in runs
        if policies.can_see_clusters(request.user, run.cluster_ids)
        and (run.report not in BY_KEY or policies.can_see_report(request.user, BY_KEY[run.report]))
    ]
    set_up = Schedule.objects.prefetch_related("clusters", "recipients") if mine.is_manager else []
    return render(
        request,
        "monitoring/report_schedules.html",
        {
            "schedules": set_up,
            "runs": seen[:50],
            "may_edit": policies.can_edit_schedules(request.user),
            "sections": sections("report-schedules"),
        },
    )


def schedule_edit(request: UserRequest, pk: int | None = None) -> HttpResponse:
    policies.check_edit_schedules(request.user)
    schedule = get_object_or_404(Schedule, pk=pk) if pk else None
    form = ScheduleForm(request.POST or None, initial=as_entered(schedule) if schedule else {})
    if request.method == "POST" and form.is_valid():
        once(
            user_id=request.user.pk,
            key=form.token,
            make=lambda: schedules.save_schedule(by=request.user, schedule=schedule, **form.values).pk,
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
    """Make a report that is kept, with its files; a report's page leads here with what it shows filled in."""
    policies.check_reads_reports(request.user)
    allowed = clusters_for(request, retired=True)
    seen = [report for report in REPORTS if policies.can_see_report(request.user, report)]
    form = ReportForm(request.POST or None, initial=shown_before(request.GET, allowed), clusters=allowed, reports=seen)
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
            "lead": "It is made as PDF, Excel and CSV, and what it says stays as it is.",
            "form": form,
            "back_url": reverse("reports"),
            "back_label": "All reports",
        },
    )


def _run(request: UserRequest, pk: uuid.UUID) -> ReportRun:
    run = get_object_or_404(ReportRun, pk=pk)
    policies.check_see_run(request.user, run)
    if run.report in BY_KEY:
        policies.check_see_report(request.user, BY_KEY[run.report])
    return run


def report_run(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """What a run says for good; `with` sets an earlier run of the same report and Clusters beside it."""
    run = _run(request, pk)
    done = run.status == ReportRun.Status.DONE
    inside = inside_of(run)
    files = list(run.files.defer("content")) if done and not inside else []
    context: dict[str, Any] = {"run": run, "files": sorted(files, key=lambda f: f.kind), "no_pdf": pdf.MISSING}
    context |= {"inside": inside, "may_keep_inside": run.outside and policies.can_keep_inside(request.user, run)}
    if done:
        earlier = comparison.earlier_runs(run)
        snapshot = engine.modern(run.snapshot or {})
        chosen = next((each for each in earlier if str(each.pk) == request.GET.get("with")), None)
        if chosen is not None:
            snapshot = comparison.beside(snapshot, engine.modern(ReportRun.objects.get(pk=chosen.pk).snapshot or {}))
        days = engine.days_of(snapshot, "before")
        context |= {
            "snapshot": snapshot,
            "tables": engine.shown(snapshot),
            "earlier": earlier,
            "chosen": chosen,
            "before": in_words(*days) if days else "",
            "together": comparison.made_together(run),
        }
    return render(request, "monitoring/report_run.html", context)


def inside_of(run: ReportRun) -> KeptInside | None:
    """Who said that nobody outside got it."""
    return KeptInside.objects.filter(run=run).select_related("by").first() if run.outside else None


def report_progress(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """The fragment that the page asks for every two seconds until the report is done."""
    run = _run(request, pk)
    response = render(request, "monitoring/_report_progress.html", {"run": run})
    if run.status == ReportRun.Status.DONE:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def report_keep_inside(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    run = _run(request, pk)
    given_out.keep_inside(by=request.user, run=run)
    return redirect("report-run", run.pk)


def report_file(request: UserRequest, pk: uuid.UUID, kind: str) -> HttpResponse:
    run = _run(request, pk)
    file = get_object_or_404(ReportFile, run=run, kind=kind)
    if inside_of(run):
        raise Denied("Nobody outside got this report: it was marked so, and its files are closed.")
    audit.event(by=request.user, kind="download", text=f"Downloaded “{run.title}” as {kind.upper()}", about=run)
    mark = "-for-outside" if run.outside else ""
    name = f"{run.report}-{run.period_from}-{run.period_to}{mark}.{kind}"
    return HttpResponse(
        bytes(file.content),
        content_type=report_files.TYPES[ReportFile.Kind(file.kind)],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
