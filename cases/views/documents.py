"""Files of a case: what there is, and another one."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cases import services
from cases.forms.document import DocumentForm
from cases.pages import case_page
from cases.views.common import refuse_readers
from cluster_ehs.core.once import once
from clusters.http import UserRequest
from families.models import StoredFile


@require_http_methods(["GET", "POST"])
def documents(request: UserRequest, pk: UUID) -> HttpResponse:
    page = case_page(request, pk, tab="documents")
    form = DocumentForm()
    if request.method == "POST":
        refuse_readers(page)
        form = DocumentForm(request.POST, request.FILES)
        if form.is_valid() and _keep(request, page, form):
            messages.success(request, "The file is kept.")
            return redirect("case-documents", pk=pk)
    files = StoredFile.objects.filter(family_id=page["case"].family_id).select_related("author")[:200]
    return render(request, "cases/documents.html", page | {"files": files, "form": form})


def _keep(request: UserRequest, page: dict, form: DocumentForm) -> bool:
    def make() -> str:
        kept = services.keep_document(
            by=request.user, case=page["case"], upload=form.cleaned_data["file"], kind=form.cleaned_data["kind"]
        )
        return str(kept.pk)

    try:
        once(user_id=request.user.pk, key=form.token, make=make)
    except ValidationError as error:
        for message in error.messages:
            form.add_error("file", message)
        return False
    return True
