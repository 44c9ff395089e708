"""Supervision: the team's sessions and what is due, a worker's cases side by side, a session with its cases."""

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

from cases.forms.supervision import (
    AboutWorkerForm,
    CameForm,
    CaseTalkForm,
    ClinicalForm,
    IntervalForm,
    SupervisionForm,
)
from cases.models import Case, Supervision, SupervisionCase
from cases.policies import check_staff
from cases.selectors import supervisions as read
from cases.selectors.stuck import RULES, cases_of, looked_at, reviewed
from cases.selectors.workload import caseload, workers_and_leaders
from cases.services import Stale
from cases.services import supervision as write
from cases.supervision_policies import can_record, check_note, check_reads_worker, check_record
from cases.views.common import add_errors
from cluster_ehs.core import audit, drafts
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.once import once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.models import Cluster, Role, StaffRole, User
from clusters.people import duties
from clusters.policies import check_manage
from clusters.views.pages import form_page

FORM = ["GET", "HEAD", "POST"]
NOT_THERE = "This session is read by those who took part in it and by the leaders of the Cluster."


@require_GET
def team(request: UserRequest) -> HttpResponse:
    """For a leader the whole team, the most overdue first; for everybody else the own supervision."""
    check_staff(request.user)
    held = duties(request.user)
    sessions = read.recent(request.user, held.leads, held.clusters)
    due = read.due(held.leads) if held.leads else read.due(held.clusters, worker=request.user)
    loads = {load.worker.pk: load for load in caseload(held.leads)} if held.leads else {}
    workers = [one.worker for one in due]
    cases = cases_of(workers, held.clusters)
    rows = [
        {"due": one, "load": loads.get(one.worker.pk), "stuck": sum(bool(c.stuck) for c in cases[one.worker.pk])}
        for one in due
    ]
    now = timezone.now()
    context = {
        "rows": rows,
        "leads": bool(held.leads),
        "coming": [one for one in reversed(sessions) if one.held_at > now and not one.cancelled_at],
        "past": [one for one in sessions if one.held_at <= now or one.cancelled_at],
        "numbers": read.parts_in_all(sessions),
        "clinical": read.clinical(held.leads or held.clusters, worker=None if held.leads else request.user),
        "rules": RULES,
    }
    return render(request, "cases/supervision_team.html", context)


@require_GET
def worker(request: UserRequest, pk: int) -> HttpResponse:
    """A worker's cases side by side, the stuck ones first."""
    check_staff(request.user)
    found = get_object_or_404(User, pk=pk)
    here = StaffRole.objects.today().filter(
        user=found, role=Role.PRACTITIONER, cluster_id__in=duties(request.user).clusters
    )
    clusters = frozenset(here.values_list("cluster_id", flat=True))
    check_reads_worker(request.user, found, clusters)
    mine = clusters if found.pk == request.user.pk else clusters & duties(request.user).leads
    cases = cases_of([found], mine)[found.pk]
    audit.look_at_each(by=request.user, at=[one.case for one in cases], page="supervision: cases of a worker")
    load = next((one for one in caseload(mine) if one.worker.pk == found.pk), None)
    context = {
        "worker": found,
        "cases": cases,
        "others": max(load.cases - len(cases), 0) if load else 0,
        "due": next(iter(read.due(mine, worker=found)), None),
        "rules": RULES,
        "leads": bool(mine & duties(request.user).leads),
    }
    return render(request, "cases/supervision_worker.html", context)


@require_http_methods(FORM)
def new(request: UserRequest) -> HttpResponse:
    check_staff(request.user)
    held = duties(request.user)
    cluster = Cluster.objects.filter(pk__in=held.leads or held.clusters).order_by("pk")[0]
    asked = request.GET.get("worker", "")
    options: dict[str, Any] = {
        "people": workers_and_leaders(cluster.pk),
        "user": request.user,
        "leads": bool(held.leads),
        "cancel_url": reverse("supervision-team"),
    }
    if asked.isdecimal():
        options["initial"] = {"workers": [asked]}
    form = SupervisionForm(posted(request), **options)
    if request.method == "POST" and form.is_valid():
        try:
            url = once(
                user_id=request.user.pk,
                key=form.token,
                make=lambda: reverse(
                    "supervision-record",
                    args=[write.plan_supervision(by=request.user, cluster=cluster, **form.session).pk],
                ),
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            return redirect(url)
    return render(request, "layouts/form.html", {"form": form, "title": "Plan or record supervision"})


def _session(request: UserRequest, pk: UUID) -> Supervision:
    check_staff(request.user)
    found = get_object_or_404(read.sessions(), pk=pk)
    if not read.takes_part(request.user, found) and not can_record(request.user, found):
        raise Denied(NOT_THERE)
    return found


@require_GET
def record(request: UserRequest, pk: UUID) -> HttpResponse:
    """A session: the cases of its workers side by side, the stuck ones first, and what was said of each."""
    found = _session(request, pk)
    writes = can_record(request.user, found)
    parts = read.parts_of(found)
    discussed = {part.case_id for part in parts}
    there = [row.worker for row in found.supervisees.all()]
    shown = there if writes else [one for one in there if one.pk == request.user.pk]
    cases = cases_of(shown, [found.cluster_id])
    notes = read.notes_of(found)
    looked = [*parts, *(one.case for rows in cases.values() for one in rows)]
    audit.look_at_each(by=request.user, at=looked, page="supervision")
    workers = [
        {
            "worker": one,
            "stuck": [each for each in cases[one.pk] if each.stuck and each.case.pk not in discussed],
            "moving": [each for each in cases[one.pk] if not each.stuck and each.case.pk not in discussed],
            "discussed": any(each.case.pk in discussed for each in cases[one.pk]),
            "note": notes.get(one.pk),
        }
        for one in shown
    ]
    context = {
        "session": found,
        "workers": workers,
        "there": found.supervisees.all(),
        "parts": parts,
        "others": read.parts_in_all([found]).get(found.pk, 0) - len(parts),
        "may_write": writes,
        "writes": writes and not found.cancelled_at,
        "held": found.held_at <= timezone.now(),
        "supervises": found.supervisor_id == request.user.pk,
        "rules": RULES,
    }
    return render(request, "cases/supervision_record.html", context)


@require_http_methods(FORM)
def who_came(request: UserRequest, pk: UUID) -> HttpResponse:
    found = _session(request, pk)
    check_record(request.user, found)
    back = reverse("supervision-record", args=[pk])
    form = CameForm(posted(request), session=found, cancel_url=back)
    if request.method == "POST" and form.is_valid():
        values = form.values
        write.say_who_came(
            by=request.user,
            supervision=found,
            came=[int(one) for one in values["came"]],
            cancelled=values["held"] == "no",
        )
        messages.success(request, "Saved.")
        return redirect(back)
    return render(request, "layouts/form.html", {"form": form, "title": "Who was there?", "back_url": back})


@require_http_methods(FORM)
def case_part(request: UserRequest, pk: UUID, case_id: UUID) -> HttpResponse:
    """What was said of one case, beside what is known of it."""
    found = _session(request, pk)
    check_record(request.user, found)
    case = get_object_or_404(looked_at(Case.objects.filter(cluster_id=found.cluster_id)), pk=case_id)
    part = SupervisionCase.objects.filter(supervision=found, case=case).first()
    key, back = f"supervision:{pk}:{case_id}", reverse("supervision-record", args=[pk])
    kept = drafts.load(request.user, key) if request.method == "GET" else None
    options: dict[str, Any] = {
        "part": part,
        "supervisees": [row.worker for row in found.supervisees.all()],
        "workers": workers_and_leaders(found.cluster_id),
        "draft_key": key,
        "draft_version": kept.version if kept else 0,
        "cancel_url": back,
    }
    theirs: list[tuple[str, str]] = []
    if request.method == "POST" and request.POST.get("more"):
        form = drafts.unjudged(CaseTalkForm(CaseTalkForm.with_more(request.POST), **options))
    elif request.method == "POST":
        form = CaseTalkForm(request.POST, **options)
        if form.is_valid():
            try:
                once(user_id=request.user.pk, key=form.token, make=lambda: _discussed(request, found, case, form))
            except ValidationError as error:
                add_errors(form, error)
            except Stale as stale:
                now = stale.current
                theirs = [("What was said", now.notes), ("What was decided", now.decisions)]
                data = request.POST.copy()
                data["version"] = str(now.version)
                form = CaseTalkForm(data, **options)
            else:
                drafts.discard(request.user, key)
                messages.success(request, f"{case.family.name}: saved.")
                return redirect(back)
    else:
        audit.look(by=request.user, at=case, page="supervision: case")
        form = (
            drafts.unjudged(CaseTalkForm(drafts.as_posted(kept.data), **options)) if kept else CaseTalkForm(**options)
        )
    context = {"form": form, "session": found, "one": reviewed(case), "part": part, "kept": kept, "theirs": theirs}
    return render(request, "cases/supervision_case.html", context, status=409 if theirs else 200)


def _discussed(request: UserRequest, found: Supervision, case: Case, form: CaseTalkForm) -> str:
    values = form.values
    brought_by = form.brought_by
    if brought_by is None:
        raise ValidationError("Nobody is supervised in this session")
    made = write.discuss_case(
        by=request.user,
        supervision=found,
        case=case,
        worker=brought_by,
        track=values["track"],
        notes=values["notes"],
        decisions=values["decisions"],
        tasks=form.tasks,
        version=form.seen_version,
    )
    return str(made.pk)


@require_http_methods(FORM)
def about_worker(request: UserRequest, pk: UUID, worker_id: int) -> HttpResponse:
    """Wellbeing, workload, training: written by the supervisor, read by the two of them."""
    found = _session(request, pk)
    row = get_object_or_404(found.supervisees.select_related("worker"), worker_id=worker_id)
    check_note(request.user, found)
    note = read.notes_of(found).get(worker_id)
    back = reverse("supervision-record", args=[pk])
    options: dict[str, Any] = {"note": note, "cancel_url": back, "draft_key": f"supervision-note:{pk}:{worker_id}"}
    form = AboutWorkerForm(posted(request), **options)
    theirs: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        try:
            write.note_about_worker(
                by=request.user, supervision=found, worker=row.worker, version=form.seen_version, **form.values
            )
        except ValidationError as error:
            add_errors(form, error)
        except Stale as stale:
            theirs = [(name.title(), getattr(stale.current, name)) for name in ("wellbeing", "workload", "training")]
            data = request.POST.copy()
            data["version"] = str(stale.current.version)
            form = AboutWorkerForm(data, **options)
        else:
            drafts.discard(request.user, options["draft_key"])
            messages.success(request, "Saved. Only you and the worker read it.")
            return redirect(back)
    context = {
        "form": form,
        "title": f"About {row.worker.name}",
        "lead": "Read by you and by this worker, nobody else. Nothing about families belongs here.",
        "back_url": back,
        "theirs": theirs,
    }
    return render(request, "cases/supervision_note.html", context, status=409 if theirs else 200)


@require_http_methods(FORM)
def clinical_new(request: UserRequest) -> HttpResponse:
    """Clinical supervision took place: no field for what was said."""
    check_staff(request.user)
    supervisors = User.objects.filter(
        is_active=True, pk__in=StaffRole.objects.today().filter(role=Role.CLINICAL_SUPERVISOR).values("user_id")
    )
    form = ClinicalForm(
        posted(request), supervisors=list(supervisors.order_by("name")), cancel_url=reverse("supervision-team")
    )
    if request.method == "POST" and form.is_valid():
        try:
            once(
                user_id=request.user.pk,
                key=form.token,
                make=lambda: str(write.record_clinical_session(by=request.user, **form.session).pk),
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "Recorded. What was said stays between you and your supervisor.")
            return redirect("supervision-team")
    lead = "That it took place, and nothing of what was said."
    return render(request, "layouts/form.html", {"form": form, "title": "Clinical supervision", "lead": lead})


@require_http_methods(FORM)
def intervals(request: UserRequest) -> HttpResponse:
    """Settings: how often each post has supervision, from which day."""
    check_manage(request.user)
    form = IntervalForm(posted(request))
    here = reverse("settings-supervision-intervals")

    def act() -> str:
        write.set_interval(by=request.user, **form.values)
        return here

    return form_page(
        request,
        form,
        title="How often supervision is due",
        act=act,
        done="Saved.",
        back=reverse("settings-supervision"),
        template="cases/supervision_intervals.html",
        intervals=read.all_intervals(),
        today=timezone.localdate(),
    )
