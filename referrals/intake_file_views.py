"""Files of notifications from the page, and the rows of files that could not be taken."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cluster_ehs.core import scope
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from referrals import policies
from referrals.intake import settle_reject
from referrals.intake_csv import FileError, receive_file
from referrals.intake_forms import FileForm
from referrals.intake_selectors import rejects
from referrals.models import IntakeReject

# Read while the page waits; more goes by the folder or the command.
ROWS_AT_MOST = 1000


@require_http_methods(["GET", "POST"])
def upload_page(request: UserRequest) -> HttpResponse:
    """A file sent twice adds nothing, so this form needs no token."""
    policies.check_bring_files(request.user)
    form = FileForm(posted(request), request.FILES or None, with_token=False)
    if request.method == "POST" and form.is_valid():
        file = form.values["file"]
        try:
            result = receive_file(
                content=file.read(),
                source=form.values["source"],
                file_name=file.name,
                at_most=ROWS_AT_MOST,
                brought_by=request.user,
            )
        except FileError as error:
            form.add_error("file", str(error))
        else:
            messages.success(request, f"{result}.")
            return redirect("intake-rejects" if result.rejected else "intake-list")
        finally:
            scope.act_as_user(request.user.pk, request_id=getattr(request, "request_id", ""))
    return render(request, "referrals/intake/upload.html", {"form": form, "title": "Take a file of notifications"})


@require_safe
def rejects_page(request: UserRequest) -> HttpResponse:
    policies.check_bring_files(request.user)
    return render(request, "referrals/intake/rejects.html", {"rejects": rejects()})


@require_POST
def reject_settle(request: UserRequest, pk: UUID) -> HttpResponse:
    policies.check_bring_files(request.user)
    settle_reject(by=request.user, reject=get_object_or_404(IntakeReject, pk=pk))
    messages.success(request, "The row is dealt with.")
    return redirect("intake-rejects")
