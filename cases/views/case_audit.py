"""Case-file audit: samples, one case file with its questions, the second reader, the table with its download."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from cases.forms.case_audit import AuditForm, ModerationForm, QuestionForm, SampleForm
from cases.models import AuditQuestion, AuditSample, CaseAudit
from cases.policies import check_leads, check_staff, leads_cluster
from cases.selectors import case_audit as read
from cases.selectors.workload import workers_and_leaders
from cases.services import Stale
from cases.services import case_audit as write
from cases.views.common import add_errors
from cluster_ehs.core import audit as trace
from cluster_ehs.core import drafts
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.exports import as_csv
from cluster_ehs.core.once import once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.models import Cluster
from clusters.people import duties
from clusters.policies import check_manage
from clusters.views.pages import form_page, settings_page

FORM = ["GET", "HEAD", "POST"]


def check_audits(request: UserRequest) -> None:
    if not duties(request.user).leads:
        raise Denied("Only a leader of a Cluster audits case files.")


@require_GET
def sample_list(request: UserRequest) -> HttpResponse:
    check_audits(request)
    return render(request, "cases/audit_samples.html", {"samples": read.samples(duties(request.user).leads)[:40]})


@require_http_methods(FORM)
def sample_new(request: UserRequest) -> HttpResponse:
    check_audits(request)
    own = {str(c.pk): c for c in Cluster.objects.filter(pk__in=duties(request.user).leads)}
    form = SampleForm(
        posted(request), clusters=[(pk, str(c)) for pk, c in own.items()], cancel_url=reverse("case-audits")
    )
    if request.method == "POST" and form.is_valid():
        values: dict[str, Any] = form.values | {"cluster": own[form.values["cluster"]]}
        try:
            url = once(
                user_id=request.user.pk,
                key=form.token,
                make=lambda: reverse("case-audit-sample", args=[write.draw_sample(by=request.user, **values).pk]),
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            return redirect(url)
    lead = "Drawn at random from the cases that you may see, spread over workers or services by their number of cases."
    return render(request, "layouts/form.html", {"form": form, "title": "Draw case files", "lead": lead})


def _sample(request: UserRequest, pk: UUID) -> AuditSample:
    check_audits(request)
    found = get_object_or_404(AuditSample.objects.select_related("cluster", "drawn_by"), pk=pk)
    check_leads(request.user, found.cluster_id, "audit case files")
    return found


@require_GET
def sample(request: UserRequest, pk: UUID) -> HttpResponse:
    """The files of a sample, and the table over those that are finished."""
    found = _sample(request, pk)
    files = list(CaseAudit.objects.filter(sample=found).select_related("case__family", "author"))
    lines, finished = read.summary(found)
    trace.look_at_each(by=request.user, at=files, page="audit sample")
    context = {"sample": found, "files": files, "lines": lines, "finished": finished}
    return render(request, "cases/audit_sample.html", context)


@require_GET
def table(request: UserRequest, pk: UUID) -> HttpResponse:
    """The table as a sheet: figures of questions, no family and no worker."""
    found = _sample(request, pk)
    lines, _ = read.summary(found)
    trace.event(by=request.user, kind="case_audit.exported", text="Downloaded the table of an audit", about=found)
    return HttpResponse(
        as_csv(read.headings(), read.as_rows(lines)),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="case-file-audit.csv"',
            "Cache-Control": "no-store, private",
        },
    )


@require_http_methods(FORM)
def case_file(request: UserRequest, pk: UUID) -> HttpResponse:
    """One case file: its questions for a leader until it is finished, then what was found for those who may read it."""
    check_staff(request.user)
    found = get_object_or_404(read.audits(), pk=pk)
    leads = leads_cluster(request.user, found.cluster_id)
    if request.method == "GET":
        trace.look(by=request.user, at=found, page="case-file audit")
    context: dict[str, Any] = {"audit": found, "leads": leads, "may_moderate": leads and found.author != request.user}
    if found.finished_at or not leads:
        if request.method == "POST":
            write.answer_audit(by=request.user, audit=found, answers={})
        return render(request, "cases/audit_finished.html", context)
    key = f"audit:{pk}"
    kept = drafts.load(request.user, key) if request.method == "GET" else None
    options: dict[str, Any] = {
        "audit": found,
        "questions": read.questions_of(found.sample),
        "workers": workers_and_leaders(found.cluster_id),
        "draft_key": key,
        "draft_version": kept.version if kept else 0,
        "cancel_url": reverse("case-audit-sample", args=[found.sample_id]),
    }
    theirs: list[tuple[str, str]] = []
    if request.method == "POST" and request.POST.get("more"):
        form = drafts.unjudged(AuditForm(AuditForm.with_more(request.POST), **options))
    elif request.method == "POST":
        form = AuditForm(request.POST, **options)
        if form.is_valid():
            finish = bool(request.POST.get("finish"))
            try:
                once(user_id=request.user.pk, key=form.token, make=lambda: _saved(request, found, form, finish))
            except ValidationError as error:
                add_errors(form, error)
            except Stale as stale:
                theirs = [("What stands out", stale.current.summary)]
                data = request.POST.copy()
                data["version"] = str(stale.current.version)
                form = AuditForm(data, **options)
            else:
                drafts.discard(request.user, key)
                messages.success(request, "The audit is finished." if finish else "Saved for now.")
                return redirect("case-audit-sample", pk=found.sample_id)
    else:
        form = drafts.unjudged(AuditForm(drafts.as_posted(kept.data), **options)) if kept else AuditForm(**options)
    context |= {"form": form, "kept": kept, "theirs": theirs}
    return render(request, "cases/audit_file.html", context, status=409 if theirs else 200)


def _saved(request: UserRequest, found: CaseAudit, form: AuditForm, finish: bool) -> str:
    values = form.values
    saved = write.answer_audit(
        by=request.user,
        audit=found,
        answers=form.answers,
        judgement=values["judgement"],
        summary=values["summary"],
        tasks=form.tasks,
        finish=finish,
        version=form.seen_version,
    )
    return str(saved.pk)


@require_http_methods(FORM)
def second_reader(request: UserRequest, pk: UUID) -> HttpResponse:
    check_audits(request)
    found = get_object_or_404(read.audits(), pk=pk)
    check_leads(request.user, found.cluster_id, "audit case files")
    back = reverse("case-audit", args=[pk])
    form = ModerationForm(posted(request), cancel_url=back)
    if request.method == "POST" and form.is_valid():
        try:
            write.moderate(by=request.user, audit=found, **form.values)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect(back)
    title = f"Second reader: {found.case.reference}"
    return render(request, "layouts/form.html", {"form": form, "title": title, "back_url": back})


# --- settings ---
@require_GET
def questions(request: UserRequest) -> HttpResponse:
    check_manage(request.user)
    context = {"questions": read.all_questions(), "today": timezone.localdate()}
    return settings_page(request, "cases/audit_questions.html", **context)


@require_http_methods(FORM)
def question(request: UserRequest, pk: int | None = None) -> HttpResponse:
    check_manage(request.user)
    found = get_object_or_404(AuditQuestion, pk=pk) if pk else None
    fields = ("text", "help", "order", "retired_on")
    first = {name: getattr(found, name) for name in fields} if found else {}
    form = QuestionForm(posted(request), initial=first)
    back = reverse("settings-audit-questions")

    def act() -> str:
        write.save_question(by=request.user, pk=pk, **form.values)
        return back

    title = "Change a question" if found else "Add a question"
    return form_page(request, form, title=title, act=act, done="Saved.", back=back)
