"""Rethink Forum and Progress and Planning: one page with its cases, each case with its own part."""

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

from cases.forms.meeting import ForumForm, ForumWhoForm, TakeForm
from cases.forms.rows import Rows
from cases.models import Case, Forum
from cases.policies import check_staff, check_staff_of
from cases.selectors.meetings import forums, parts_in_all, parts_of, to_hand_out
from cases.selectors.workload import workers_and_leaders
from cases.services.forums import plan_forum, say_who_is_there, take_to_forum
from cases.services.meetings import Outside
from cases.views.common import add_errors
from cluster_ehs.core import audit, drafts, pdf
from cluster_ehs.core.once import answered, once
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.models import Cluster
from clusters.people import duties

FORM = ["GET", "HEAD", "POST"]


@require_GET
def forum_list(request: UserRequest) -> HttpResponse:
    check_staff(request.user)
    return render(request, "cases/forum_list.html", {"forums": forums(duties(request.user).clusters)})


@require_http_methods(FORM)
def forum_new(request: UserRequest) -> HttpResponse:
    check_staff(request.user)
    own = {str(c.pk): c for c in Cluster.objects.filter(pk__in=duties(request.user).clusters)}
    form = ForumForm(
        posted(request), clusters=[(pk, str(c)) for pk, c in own.items()], cancel_url=reverse("forum-list")
    )
    if request.method == "POST" and form.is_valid():
        values: dict[str, Any] = form.values | {"cluster": own[form.values["cluster"]]}
        url = once(
            user_id=request.user.pk,
            key=form.token,
            make=lambda: reverse("forum", args=[plan_forum(by=request.user, **values).pk]),
        )
        messages.success(request, "Planned. Now take the cases to it.")
        return redirect(url)
    return render(request, "layouts/form.html", {"form": form, "title": "A meeting for stuck cases"})


@require_http_methods(FORM)
def forum(request: UserRequest, pk: UUID) -> HttpResponse:
    """The forum with its cases; a case is taken to it here."""
    check_staff(request.user)
    found = get_object_or_404(Forum.objects.select_related("cluster", "author"), pk=pk)
    check_staff_of(request.user, found.cluster_id)
    parts = parts_of(found)
    taken = {part.case_id for part in parts}
    rows = Case.objects.open().filter(cluster_id=found.cluster_id).exclude(pk__in=taken).select_related("family")
    cases = {str(case.pk): case for case in rows.order_by("family__name", "pk")[:400]}
    choices = [(key, f"{case.family.name}, {case.reference}") for key, case in cases.items()]
    form = TakeForm(posted(request), cases=choices, cancel_url="")
    if request.method == "POST" and not form.is_valid() and answered(user_id=request.user.pk, key=form.token):
        # Sent twice: the first delivery has taken the case, so it is no longer to be chosen.
        return redirect("forum", pk=pk)
    if request.method == "POST" and form.is_valid():
        values = form.values
        try:
            once(
                user_id=request.user.pk,
                key=form.token,
                make=lambda: str(
                    take_to_forum(
                        by=request.user, forum=found, case=cases[values["case"]], purpose=values["purpose"]
                    ).pk
                ),
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "The case is on this forum.")
            return redirect("forum", pk=pk)
    for part in parts if request.method == "GET" else []:
        audit.look(by=request.user, at=part, page="forum")
    context = {
        "forum": found,
        "parts": parts,
        "others": parts_in_all(found) - len(parts),
        "attendees": list(found.attendees.all()),
        "form": form,
        "pdf": not pdf.MISSING,
    }
    return render(request, "cases/forum.html", context)


@require_GET
def forum_pdf(request: UserRequest, pk: UUID) -> HttpResponse:
    """The agenda, or what was decided, as a tagged PDF: the cases that the reader may see, no address withheld."""
    check_staff(request.user)
    found = get_object_or_404(Forum.objects.select_related("cluster"), pk=pk)
    check_staff_of(request.user, found.cluster_id)
    if pdf.MISSING:
        return HttpResponse(pdf.MISSING, status=503, content_type="text/plain; charset=utf-8")
    parts = parts_of(found)
    for part in parts:
        audit.look(by=request.user, at=part, page="forum")
    context = {
        "forum": found,
        "parts": to_hand_out(parts),
        "others": parts_in_all(found) - len(parts),
        "attendees": list(found.attendees.all()),
    }
    return HttpResponse(
        pdf.render_pdf("cases/forum_pdf.html", context),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{found.kind}-{timezone.localdate(found.held_at)}.pdf"',
            "Cache-Control": "no-store, private",
        },
    )


@require_http_methods(FORM)
def forum_attendees(request: UserRequest, pk: UUID) -> HttpResponse:
    """Who is there for all of the cases."""
    check_staff(request.user)
    found = get_object_or_404(Forum, pk=pk)
    check_staff_of(request.user, found.cluster_id)
    there = list(found.attendees.all())
    options: dict[str, Any] = {
        "workers": workers_and_leaders(found.cluster_id),
        "outside": [Outside(one.name, one.agency) for one in there if not one.user_id],
        "initial": {"staff": [str(one.user_id) for one in there if one.user_id]},
        "cancel_url": reverse("forum", args=[pk]),
    }
    if request.method == "POST" and request.POST.get("more"):
        form = drafts.unjudged(ForumWhoForm(Rows.with_more(request.POST), **options))
    else:
        form = ForumWhoForm(posted(request), **options)
        if request.method == "POST" and form.is_valid():
            say_who_is_there(by=request.user, forum=found, staff=form.chosen, outside=form.outside)
            messages.success(request, "Saved.")
            return redirect("forum", pk=pk)
    return render(request, "layouts/form.html", {"form": form, "title": "Who is there?"})
