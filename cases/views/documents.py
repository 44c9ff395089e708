"""Files of a case: what there is, more of them, one to look at, letters to write."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from cases import services
from cases.forms.document import CaseLetterForm, DocumentForm, RemoveForm
from cases.models import Case
from cases.pages import case_page
from cases.selectors import documents as read
from cases.services.documents import About, KeptFiles
from cases.views.common import add_errors, draft, refuse_readers
from cluster_ehs.core import drafts, pdf
from cluster_ehs.core.once import once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.people import duties
from families import files, policies
from families.models import StoredFile
from triage import letters


@require_http_methods(["GET", "POST"])
def documents(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="documents")
    if request.method == "POST":
        refuse_readers(page)
    form = DocumentForm(
        posted(request), request.FILES or None, kinds=read.kinds() if page["can_write"] else [], people=page["people"]
    )
    if request.method == "POST" and form.is_valid() and _keep(request, page, form):
        return redirect("case-documents", pk=pk)
    people = {person.pk: person for person in page["people"]}
    rows = [read.row(file, people) for file in read.documents(page["case"])[: read.MOST]]
    return render(request, "cases/documents.html", page | {"rows": rows, "form": form})


def _keep(request: UserRequest, page: dict[str, Any], form: DocumentForm) -> bool:
    values = form.values
    chosen = set(values["people"])
    about = About(
        kind=values["kind"],
        title=values["title"],
        dated_on=values["dated_on"],
        private=values["private"],
        people=[person for person in page["people"] if str(person.pk) in chosen],
    )
    done = KeptFiles()

    def make() -> str:
        nonlocal done
        done = services.keep_documents(by=request.user, case=page["case"], uploads=values["files"], about=about)
        return ",".join(str(file.pk) for file in done.kept)

    try:
        once(user_id=request.user.pk, key=form.token, make=make)
    except ValidationError as error:
        add_errors(form, error)
        return False
    if done.kept:
        number = len(done.kept)
        messages.success(request, "The file is kept." if number == 1 else f"{number} files are kept.")
    for name in done.there_already:
        messages.info(request, f"{name} is here already; it was not added a second time.")
    for refused in done.refused:
        messages.warning(request, refused)
    return True


def _file(request: UserRequest, case: Case, file_id: UUID) -> StoredFile:
    return get_object_or_404(read.documents(case).defer(None), pk=file_id)


@require_http_methods(["GET", "POST"])
def document(request: UserRequest, pk: UUID, file_id: UUID) -> HttpResponse:
    """One file: what it is, its first look, and striking it through."""
    page = case_page(request, pk, tab="documents")
    file = _file(request, page["case"], file_id)
    leads = page["case"].cluster_id in duties(request.user).leads
    may_remove = page["can_write"] and not file.removed_at and (leads or file.author_id == request.user.pk)
    form = RemoveForm(posted(request), with_token=False)
    if request.method == "POST":
        refuse_readers(page)
        if form.is_valid():
            try:
                services.remove_document(by=request.user, case=page["case"], file=file, why=form.values["why"])
            except ValidationError as error:
                add_errors(form, error)
            else:
                messages.success(request, "The file is struck through. It stays in the list with the reason.")
                return redirect("case-documents", pk=pk)
    people = {person.pk: person for person in page["people"]}
    context = {
        **read.row(file, people),
        "may_remove": may_remove,
        "may_open": not file.removed_at or leads,
        "form": form,
    }
    return render(request, "cases/document.html", page | context)


@require_GET
def preview(request: UserRequest, pk: UUID, file_id: UUID) -> FileResponse:
    """The small picture, inside the walls: whoever may not see the file's row gets 404."""
    case = get_object_or_404(Case.objects.select_related("family"), pk=pk)
    file = get_object_or_404(StoredFile, pk=file_id, family_id=case.family_id)
    policies.check_open(request.user, case.family)
    policies.check_open_file(request.user, file)
    return files.answer_preview(file)


@require_http_methods(["GET", "POST"])
def letter_new(request: UserRequest, pk: UUID) -> HttpResponse:
    """A letter as its text gives it, filled with what the case knows, to be changed and kept as PDF."""
    page = case_page(request, pk, tab="documents")
    refuse_readers(page)
    case, people = page["case"], page["people"]
    choice = read.letter_templates()
    template = next((each for each in choice if str(each.pk) == request.GET.get("text")), choice[0] if choice else None)
    initial: dict[str, str] = {}
    if template:
        values = read.letter_values(case, people, page["lead_worker"])
        to_name, to_address = read.addressee(case, people, template.audience)
        initial = {name: letters.fill(getattr(template, name), values) for name in ("subject", "body")}
        initial |= {"to_name": to_name, "to_address": to_address}
    # Each text that a letter begins with has a draft of its own: to look at another one loses nothing.
    key = f"letter:{pk}:{template.pk if template else ''}"
    kept = draft(request, key)
    options: dict[str, Any] = {
        "initial": initial,
        "draft_key": key,
        "draft_version": kept.version if kept else 0,
        "cancel_url": reverse("case-documents", args=[pk]),
    }
    form = CaseLetterForm(drafts.as_posted(kept.data) if kept else posted(request), **options)
    if kept:
        drafts.unjudged(form)
    if request.method == "POST" and form.is_valid() and not pdf.MISSING:

        def make() -> str:
            language = template.language if template else "en"
            kept = services.keep_letter(by=request.user, case=case, language=language, **form.values)
            return reverse("case-document", args=[pk, kept.pk])

        try:
            url = once(user_id=request.user.pk, key=form.token, make=make)
        except ValidationError as error:
            add_errors(form, error)
        else:
            drafts.finish(request, key)
            messages.success(request, "The letter is kept. Open it to print it.")
            return redirect(url)
    context = {"form": form, "choice": choice, "template": template, "no_pdf": pdf.MISSING, "kept": kept}
    return render(request, "cases/letter.html", page | context)
