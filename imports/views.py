"""The page of imports: upload, matching of words, preview, progress, result."""

import uuid

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from cluster_ehs.core import audit
from cluster_ehs.core.exports import as_csv
from cluster_ehs.core.once import once
from clusters.http import UserRequest
from clusters.models import Cluster
from clusters.people import duties
from imports import policies, services
from imports.forms import UploadForm, WordsForm
from imports.labels import Labels
from imports.models import ImportRun
from imports.rejects import reject_cells, reject_headings

SHOWN_REJECTS = 50


def import_list(request: UserRequest) -> HttpResponse:
    """Upload a sheet; the imports so far."""
    policies.check_imports(request.user)
    mine = list(Cluster.objects.filter(pk__in=duties(request.user).leads))
    form = UploadForm(request.POST or None, request.FILES or None, clusters=mine)
    if request.method == "POST" and form.is_valid():
        cluster = next(c for c in mine if c.pk == form.values["cluster"])
        try:
            url = once(user_id=request.user.pk, key=form.token, make=lambda: _receive(request, cluster, form))
            return redirect(url)
        except ValidationError as error:
            form.add_error(None, error)
    runs = ImportRun.objects.filter(cluster__in=mine).select_related("cluster", "author").defer("preview")[:50]
    return render(request, "imports/list.html", {"form": form, "runs": runs, "several": len(mine) > 1})


def _receive(request: UserRequest, cluster: Cluster, form: UploadForm) -> str:
    run = services.receive_file(
        by=request.user, cluster=cluster, file=form.values["file"], by_address=form.values["by_address"]
    )
    return reverse("import-run", args=[run.pk])


def _run(request: UserRequest, pk: uuid.UUID) -> ImportRun:
    run = get_object_or_404(ImportRun.objects.select_related("cluster", "author"), pk=pk)
    policies.check_import_into(request.user, run.cluster_id)
    return run


def import_run(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """Before the start: what was found and what words mean. Afterwards: progress, then the result."""
    run = _run(request, pk)
    if run.status != ImportRun.Status.MAPPING:
        rejects = run.rejects.all()[:SHOWN_REJECTS] if run.status == ImportRun.Status.DONE else []
        return render(request, "imports/run.html", {"run": run, "rejects": rejects})
    form = WordsForm(request.POST or None, run=run, labels=Labels(run.cluster))
    if request.method == "POST" and form.is_valid():
        try:
            services.save_words(by=request.user, run=run, words=form.words())
            return redirect("import-run", run.pk)
        except ValidationError as error:
            form.add_error(None, error)
    return _match(request, run, form)


def _match(request: UserRequest, run: ImportRun, form: WordsForm, why_not: list[str] | None = None) -> HttpResponse:
    first = services.first_rows(run)
    named = {heading: name for name, heading in run.preview["columns"].items()}
    columns = [(named[h], h) for h in run.preview["headings"] if h in named and any(row.get(h) for row in first)]
    return render(
        request,
        "imports/match.html",
        {
            "run": run,
            "shown": run.preview,
            "form": form,
            "why_not": why_not,
            "columns": columns,
            "first": [[row.get(heading, "") for _, heading in columns] for row in first],
        },
    )


@require_POST
def import_start(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    run = _run(request, pk)
    try:
        services.start_import(by=request.user, run=run)
    except ValidationError as error:
        form = WordsForm(run=run, labels=Labels(run.cluster))
        return _match(request, run, form, error.messages)
    return redirect("import-run", run.pk)


@require_POST
def import_discard(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    services.discard(by=request.user, run=_run(request, pk))
    return redirect("import-list")


def import_progress(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """The fragment that the page asks for every two seconds until the import is done."""
    run = _run(request, pk)
    response = render(request, "imports/_progress.html", {"run": run})
    if run.status in {ImportRun.Status.DONE, ImportRun.Status.FAILED}:
        response["HX-Refresh"] = "true"
    return response


def import_rejects(request: UserRequest, pk: uuid.UUID) -> HttpResponse:
    """The rows that did not go in, as CSV: corrected, it can be imported."""
    run = _run(request, pk)
    headings = run.preview.get("headings", [])
    rows = (
        reject_cells(headings, reject.row_number, reject.reasons, reject.original)
        for reject in run.rejects.all().iterator(chunk_size=1000)
    )
    content = as_csv(reject_headings(headings), rows)
    audit.event(by=request.user, kind="download", text=f"Downloaded the rows rejected of “{run.file_name}”", about=run)
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="rejected-{run.pk}.csv"'},
    )
