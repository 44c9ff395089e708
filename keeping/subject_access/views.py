"""Pages of a copy: its panel on the request, the redaction tool, private notes, the files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Denied
from clusters.http import UserRequest
from clusters.models import User
from keeping.models import (
    AccessJob,
    HeldCopy,
    HeldEntry,
    HeldFile,
    Mark,
    PrivateReading,
    RedactedDocument,
    RightsRequest,
)
from keeping.requests import policies
from keeping.subject_access import documents, marking, services
from keeping.subject_access.forms import REASONS, MarkForm, ShowForm
from keeping.subject_access.models import Reason
from keeping.subject_access.sections import SECTIONS

PAGE = 25
MOST_WORDS = 60


def panel(user: User, asked: RightsRequest) -> dict[str, Any]:
    """What the page of a request shows of its copy."""
    copy = HeldCopy.objects.select_related("released_by").filter(request=asked).first()
    jobs = {job.what: job for job in AccessJob.objects.filter(request_id=asked.pk).order_by("created_at")}
    running = next((job for job in jobs.values() if job.is_open and job.what != AccessJob.What.REMOVE), None)
    failed = next((job for job in jobs.values() if job.status == "failed"), None)
    readings = list(PrivateReading.objects.filter(request=asked).select_related("author", "read_by"))
    left = services.not_ready(asked) if copy and asked.status == RightsRequest.Status.OPEN else []
    reads = asked.status == RightsRequest.Status.READING and user.pk != asked.sent_to_reader_by_id
    return {
        "copy": copy,
        "job": running,
        "failed": failed,
        "readings": readings,
        "left": left,
        "reads": reads,
        "may_read": reads or policies.can_handle(user, asked),
        "marks": Mark.objects.filter(request=asked, undone_at=None).count() if copy else 0,
        "files": list(HeldFile.objects.filter(request=asked).defer("content")),
    }


def _of_request(request: UserRequest, pk: UUID) -> RightsRequest:
    asked = get_object_or_404(RightsRequest.objects.select_related("family", "person", "cluster"), pk=pk)
    if asked.status == RightsRequest.Status.READING and not policies.can_handle(request.user, asked):
        policies.check_second(request.user, asked)
    else:
        policies.check_handle(request.user, asked)
    return asked


@require_http_methods(["GET", "POST"])
def entries(request: UserRequest, pk: UUID) -> HttpResponse:
    """The redaction tool: the entries in order, what is withheld of each, and the words that are marked."""
    asked = _of_request(request, pk)
    if request.method == "POST":
        return _mark(request, reverse("access-entries", args=[pk]), asked)
    audit.look(by=request.user, at=asked, page="copy-of-the-record")
    found = HeldEntry.objects.filter(request=asked, private=False).order_by("number")
    words = (
        Mark.objects.filter(request=asked, private=False, undone_at=None)
        .exclude(words="")
        .values("words")
        .annotate(number=Count("pk"))
        .order_by("-number", "words")[:MOST_WORDS]
    )
    context = {"asked": asked, "words": list(words), "editable": asked.is_open, "sections": SECTIONS}
    return _page(request, found, context)


@require_http_methods(["GET", "POST"])
def private(request: UserRequest, pk: UUID) -> HttpResponse:
    """Private notes in a copy, for who wrote them or their clinical supervisor."""
    reading = get_object_or_404(PrivateReading.objects.select_related("author", "read_by"), pk=pk)
    marking.check_private(request.user, reading.author_id)
    if request.method == "POST":
        return _mark(request, reverse("access-private", args=[pk]), reading)
    audit.look(by=request.user, at=reading, page="private-notes-asked-for")
    mine = {"request_id": reading.request_id, "private": True, "author_id": reading.author_id}
    found = HeldEntry.objects.filter(**mine).order_by("number")
    return _page(request, found, {"reading": reading, "editable": reading.read_at is None})


def _page(request: UserRequest, found: QuerySet, context: dict[str, Any]) -> HttpResponse:
    form = ShowForm(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    if chosen.get("section"):
        found = found.filter(section=chosen["section"])
    if chosen.get("only") == "marked":
        found = found.filter(pk__in=Mark.objects.filter(undone_at=None).values("entry"))
    if chosen.get("only") == "files":
        found = found.filter(pk__in=Mark.objects.filter(undone_at=None, reason=Reason.TO_READ).values("entry"))
    pages = Paginator(found, PAGE)
    page = pages.get_page(chosen.get("page") or 1)
    rows = list(page.object_list)
    live, instead = marking.live_marks(rows), documents.instead_of(rows)
    here = {f"entry-{entry.number}" for entry in rows}
    said = list(messages.get_messages(request))
    return render(
        request,
        "keeping/subject_access/entries.html",
        context
        | {
            "page": page,
            "shown": [
                marking.shown(entry, live[entry.pk])
                | documents.decided(entry, live[entry.pk])
                | {
                    "instead": instead.get(entry.pk),
                    "said": [one for one in said if one.extra_tags == f"entry-{entry.number}"],
                }
                for entry in rows
            ],
            "messages": [one for one in said if one.extra_tags not in here],
            "reasons": REASONS,
            "chosen": chosen,
            "narrowed": _query(chosen),
            "chapter_names": SECTIONS,
        },
    )


def _query(chosen: dict[str, Any]) -> str:
    query = QueryDict(mutable=True)
    query.update({name: str(chosen[name]) for name in ("section", "only") if chosen.get(name)})
    return query.urlencode()


def _mark(request: UserRequest, url: str, about: RightsRequest | PrivateReading) -> HttpResponse:
    """One press of the redaction tool, then back to where it was pressed."""
    form = MarkForm(request.POST, request.FILES)
    there = f"{url}?{request.GET.urlencode()}" if request.GET else url
    if not form.is_valid():
        wrong = form.errors.get("document") or ["That could not be read"]
        messages.error(request, f"{'. '.join(map(str, wrong))}. Nothing was changed.")
        return redirect(there)
    said = form.cleaned_data
    request_id = about.pk if isinstance(about, RightsRequest) else about.request_id
    if said["do"] == "ready" and isinstance(about, PrivateReading):
        services.private_read(by=request.user, reading=about)
        messages.success(request, "Thank you. What you did not mark can be given.")
        return redirect(there)
    if said["do"] == "undo-words" and isinstance(about, RightsRequest):
        number = marking.show_words(by=request.user, asked=about, words=said["words"])
        messages.success(request, f"Shown again in {number} place{'' if number == 1 else 's'}.")
        return redirect(there)
    if said["do"] == "undo":
        mark = get_object_or_404(Mark.objects.select_related("entry"), pk=said["mark"], request_id=request_id)
        marking.show_again(by=request.user, mark=mark)
        return redirect(f"{there}#entry-{mark.entry.number}")
    entry = get_object_or_404(HeldEntry, pk=said["entry"], request_id=request_id)
    _withhold(request, entry, said)
    return redirect(f"{there}#entry-{entry.number}")


def _say(request: UserRequest, entry: HeldEntry, text: str, level: int = messages.SUCCESS) -> None:
    """What came of a press, to be read where it was pressed: the page goes on at the entry, not at its top."""
    messages.add_message(request, level, f"Entry {entry.number}: {text}", extra_tags=f"entry-{entry.number}")


def _withhold(request: UserRequest, entry: HeldEntry, said: dict[str, Any]) -> None:
    if said["do"] == "not-instead":
        documents.take_back(by=request.user, entry=entry)
        _say(request, entry, "thrown away. The document is withheld until you decide again.")
    elif not said["reason"]:
        _say(request, entry, "choose why it is withheld. Nothing was changed.", messages.ERROR)
    elif said["do"] == "instead":
        _give_instead(request, entry, said)
    elif said["do"] != "words":
        line = said["line"] if said["do"] == "line" else None
        marking.withhold(by=request.user, entry=entry, reason=said["reason"], line=line)
    elif not said["words"].strip():
        _say(request, entry, "enter the words as they stand there. Nothing was changed.", messages.ERROR)
    else:
        number = marking.withhold_words(
            by=request.user,
            entry=entry,
            words=said["words"],
            reason=said["reason"],
            everywhere=said["everywhere"],
        )
        if number:
            _say(
                request, entry, f"“{said['words'].strip()}” is withheld in {number} place{'' if number == 1 else 's'}."
            )
        else:
            words = f"“{said['words'].strip()}” does not stand there, or is withheld already. Nothing was changed."
            _say(request, entry, words, messages.ERROR)


def _give_instead(request: UserRequest, entry: HeldEntry, said: dict[str, Any]) -> None:
    upload = said["document"]
    if upload is None:
        _say(request, entry, "choose the file that is given instead. Nothing was changed.", messages.ERROR)
        return
    try:
        documents.give_instead(by=request.user, entry=entry, upload=upload, reason=said["reason"])
    except ValidationError as error:
        _say(request, entry, f"{'; '.join(error.messages)}. Nothing was changed.", messages.ERROR)
    else:
        _say(request, entry, "your file is given in the place of the document.")


@require_GET
def document(request: UserRequest, pk: UUID) -> HttpResponse:
    """What is given in the place of a document, to read it before it goes out."""
    kept = get_object_or_404(RedactedDocument, pk=pk)
    if kept.private:
        marking.check_private(request.user, kept.author_id)
    else:
        _of_request(request, kept.request_id)
    audit.look(by=request.user, at=kept, page="copy-of-the-record")
    return _to_save(bytes(kept.content), kept.content_type, kept.name)


def _to_save(content: bytes, content_type: str, name: str) -> HttpResponse:
    """A file to save, never to show in the page; nothing in it runs, and nobody keeps it."""
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": content_disposition_header(True, name),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store, private",
        },
    )


@require_GET
def progress(request: UserRequest, pk: UUID) -> HttpResponse:
    """The fragment that the page of a request asks for every two seconds while a worker is busy."""
    asked = get_object_or_404(RightsRequest.objects.select_related("family"), pk=pk)
    policies.check_read(request.user, asked)
    job = panel(request.user, asked)["job"]
    response = render(request, "keeping/subject_access/_progress.html", {"asked": asked, "job": job})
    if job is None:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def take(request: UserRequest, pk: UUID, file_kind: str) -> HttpResponse:
    """A file of a released copy, to hand over."""
    asked = get_object_or_404(RightsRequest.objects.select_related("family"), pk=pk)
    if file_kind not in HeldFile.Kind.values:
        raise Denied("There are two files: pdf and zip.")
    found = services.take_file(by=request.user, asked=asked, kind=file_kind)
    kind = "application/pdf" if file_kind == HeldFile.Kind.PDF else "application/zip"
    return _to_save(bytes(found.content), kind, f"{asked.reference}.{file_kind}")
