"""Pages of evaluation extracts: the log, a new one, one with its progress, the file."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cluster_ehs.core.once import once
from clusters.http import UserRequest
from monitoring.asking import clusters_for, whole_months_before
from monitoring.extract import services
from monitoring.extract.files import QUASI, fields
from monitoring.extract.forms import ExtractForm, TakeForm
from monitoring.extract.grouping import K
from monitoring.extract.models import Extract
from monitoring.extract.policies import check_use_extracts

SHOWN = 100


@require_GET
def extract_list(request: UserRequest) -> HttpResponse:
    """Every extract that was asked for, the newest first: who, for whom, what for."""
    check_use_extracts(request.user)
    found = Extract.objects.select_related("asked_by").prefetch_related("taken")[:SHOWN]
    return render(request, "monitoring/extract/list.html", {"extracts": found})


@require_http_methods(["GET", "POST"])
def extract_new(request: UserRequest) -> HttpResponse:
    check_use_extracts(request.user)
    allowed = clusters_for(request)
    usual = whole_months_before(timezone.localdate())
    initial = {
        "clusters": [cluster.pk for cluster in allowed],
        "period_from": usual.back(6).start,
        "period_to": usual.end,
    }
    form = ExtractForm(request.POST or None, initial=initial, clusters=allowed)
    if request.method == "POST" and form.is_valid():
        made = once(
            user_id=request.user.pk,
            key=form.token,
            make=lambda: str(services.ask_extract(by=request.user, **form.values).pk),
        )
        return redirect("extract", made)
    return render(
        request,
        "monitoring/extract/new.html",
        {
            "title": "New evaluation extract",
            "form": form,
            "back_url": reverse("extracts"),
            "back_label": "Evaluation extracts",
            "k": K,
        },
    )


@require_GET
def extract(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    return _page(request, pk, TakeForm())


def _page(request: UserRequest, pk: uuid.UUID, form: TakeForm) -> HttpResponse:
    check_use_extracts(request.user)
    found = get_object_or_404(Extract.objects.select_related("asked_by", "ended_by"), pk=pk)
    return render(
        request,
        "monitoring/extract/one.html",
        {
            "extract": found,
            "taken": found.taken.select_related("user"),
            "form": form,
            "fields": fields(),
            "quasi": [field.meaning for field in fields() if field.name in QUASI],
            "k": K,
        },
    )


@require_GET
def extract_progress(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """The fragment that the page asks for every two seconds until the file is made."""
    check_use_extracts(request.user)
    found = get_object_or_404(Extract, pk=pk)
    response = render(request, "monitoring/extract/_progress.html", {"extract": found})
    if not found.is_open:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def extract_file(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """The zip, for a reason that is kept."""
    check_use_extracts(request.user)
    found = get_object_or_404(Extract, pk=pk)
    form = TakeForm(request.POST)
    if not form.is_valid():
        return _page(request, pk, form)
    content = services.take_extract(by=request.user, extract=found, why=form.values["why"])
    return HttpResponse(
        content,
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="extract-{found.created_at:%Y-%m-%d}.zip"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


@require_POST
def extract_end(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    check_use_extracts(request.user)
    services.end_extract(by=request.user, extract=get_object_or_404(Extract, pk=pk))
    return redirect("extract", pk)
