"""Notices to the reader: what is new, and how it comes by mail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cluster_ehs.core import notices, slots
from cluster_ehs.core.forms import EhsForm, TickRadios
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.notices import choose_mails
from clusters.people import duties


class MailsForm(EhsForm):
    submit_label = "Save"
    submit_class = "govuk-button--secondary"

    mails = forms.ChoiceField(
        label="By e-mail too?",
        choices=notices.ByMail.choices,
        widget=TickRadios,
        help_text="At once: ten minutes later, unless you have read it here by then. Once a day: at half past seven. "
        "What is about a child’s safety always comes at once.",
    )
    digest = forms.BooleanField(label="The numbers of my Cluster each Monday morning", required=False)

    def __init__(self, *args: Any, leads: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not leads:
            del self.fields["digest"]


@require_http_methods(["GET", "POST"])
def notice_list(request: UserRequest) -> HttpResponse:
    """The newest first; those not read stand out. The form below says what comes by mail."""
    user = request.user
    form = MailsForm(
        posted(request),
        leads=bool(duties(user).leads),
        initial={"mails": user.mails, "digest": user.digest},
        with_token=False,
    )
    if request.method == "POST" and form.is_valid():
        choose_mails(by=user, mails=form.values["mails"], digest=form.values.get("digest", user.digest))
        messages.success(request, "Saved. Notices stand on this page in any case.")
        return redirect("notices")
    rows = notices.notices_of(user.pk)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 18:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: notices.PAGE + 1])
    family_ids = {notice.family_id for notice in found if notice.family_id}
    names: dict[Any, str] = {}
    if family_ids:
        for part in slots.gather("notices.names", request, family_ids=family_ids):
            names |= part["names"]
    shown = found[: notices.PAGE]
    # What is about a child's safety and not read yet stands above all that came after it.
    in_order = sorted(shown, key=lambda one: not (one.urgent and one.read_at is None))
    context = {
        "notices": [(notice, names.get(notice.family_id, "")) for notice in in_order],
        "newest": shown[0].pk if shown else "",
        "older": shown[-1].pk if len(found) > notices.PAGE else "",
        "form": form,
    }
    return render(request, "clusters/notices.html", context)


@require_GET
def notice(request: UserRequest, pk: int) -> HttpResponse:
    """Go to what a notice is about; with that it is read."""
    found = get_object_or_404(notices.notices_of(request.user.pk), pk=pk)
    notices.mark_read(notices.notices_of(request.user.pk).filter(pk=pk))
    return redirect(found.url or "notices")


@require_POST
def notices_read(request: UserRequest) -> HttpResponse:
    """All that were on the page when the button was pressed; what came since stays new."""
    rows = notices.notices_of(request.user.pk)
    until = request.POST.get("until", "")
    if until.isdecimal() and len(until) < 18:
        notices.mark_read(rows.filter(pk__lte=int(until)))
    return redirect("notices")
