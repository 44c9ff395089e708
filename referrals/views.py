"""The list of referrals, the page of one, and what a school sees of its own."""

from contextlib import nullcontext
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from cluster_ehs.core import audit, scope, slots
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.people import duties
from families.addresses import family_address
from families.policies import check_open
from families.selectors import flag_tags
from referrals import policies
from referrals.eligibility import eligibility
from referrals.forms import ListFilter, OverrideForm
from referrals.models import Referral, Status
from referrals.selectors import (
    days_waiting,
    drafts_in_progress,
    referral_for_page,
    referral_list,
    routes,
    school_referrals,
    whole_referral,
)
from referrals.services import override_eligibility

TABS = (("to_screen", "To screen"), ("decided", "Decided"), ("ended", "Ended"), ("all", "All"))
STORY = (
    ("worrying", "What is worrying"),
    ("tried", "What has been tried"),
    ("going_well", "What is going well"),
    ("family_wants", "What the family wants"),
    ("child_says", "What the child says"),
    ("lives_at_home", "Who lives at home"),
    ("who_else_helps", "Who else helps"),
    ("notes", "Notes"),
)


@require_safe
def list_page(request: UserRequest) -> HttpResponse:
    """The Cluster's referrals by status. A manager sees every Cluster's, by reference and without names."""
    policies.check_list(request.user)
    mine = duties(request.user).clusters
    without_names = not mine
    chosen = request.GET.get("status", "to_screen")
    status = chosen if chosen in Status.values else ""
    with scope.figures() if without_names else nullcontext():
        found = referral_list(
            request,
            clusters=None if without_names else mine,
            status=status,
            route=_number(request.GET.get("route")),
            school=_number(request.GET.get("school")),
        )
    rows = [{"referral": referral, "days": days_waiting(referral)} for referral in found.rows]
    first = not (request.GET.get("after") or request.GET.get("before"))
    current = status or "all"
    address = reverse("referral-list")
    context = {
        "page": found,
        "rows": rows,
        "status": status,
        "without_names": without_names,
        "tabs": [{"label": label, "url": f"{address}?status={key}", "current": key == current} for key, label in TABS],
        "filter": ListFilter({**request.GET.dict(), "status": current if status else ""}, routes=routes()),
        "filtered": bool(request.GET.get("route") or request.GET.get("school")),
        "drafts": drafts_in_progress(request.user) if first and not without_names else [],
    }
    return render(request, "referrals/list.html", context)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _found(pk: UUID) -> Referral:
    referral = referral_for_page(pk)
    if referral is None:
        raise Http404
    return referral


@require_safe
def referral_page(request: UserRequest, pk: UUID) -> HttpResponse:
    """Everything for a decision except the decision. The look is recorded."""
    found = whole_referral(pk)
    if found is None:
        raise Http404
    referral, flags = found.referral, found.flags
    check_open(request.user, referral.family)
    audit.look(by=request.user, at=referral, page="referral")
    eligible = eligibility(school=referral.school, cluster=referral.cluster, on=referral.received_on)
    story = getattr(referral, "story", None)
    context = {
        "referral": referral,
        "family": referral.family,
        "child": referral.child,
        "story": [(title, getattr(story, name)) for name, title in STORY if story and getattr(story, name)],
        "visiting_risks": story.visiting_risks if story else "",
        "days": days_waiting(referral),
        "eligibility": eligible,
        "may_override": not eligible.eligible
        and not referral.override_reason
        and policies.can_override(request.user, referral),
        "tags": flag_tags(referral.family, flags),
        "where": family_address(referral.family, flags),
        "earlier": found.others,
        "of_form": found.of_form,
        "known": slots.render("referral.known", request, referral=referral),
        "reasons": found.reasons,
        "files": found.files,
        "beside": slots.render("referral.beside", request, referral=referral),
    }
    return render(request, "referrals/page.html", context)


@require_http_methods(["GET", "POST"])
def override_page(request: UserRequest, pk: UUID) -> HttpResponse:
    """A leader takes a child whose school is not a member, with a reason."""
    referral = _found(pk)
    check_open(request.user, referral.family)
    policies.check_override(request.user, referral.cluster_id)
    form = OverrideForm(posted(request), cancel_url=reverse("referral", args=[pk]))
    if request.method == "POST" and form.is_valid():
        try:
            override_eligibility(by=request.user, referral=referral, reason=form.cleaned_data["override_reason"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "The reason was recorded. The referral can be screened.")
            return redirect("referral", pk=pk)
    eligible = eligibility(school=referral.school, cluster=referral.cluster, on=referral.received_on)
    context = {"form": form, "title": "Take a child of another school", "lead": eligible.warning}
    return render(request, "layouts/form.html", context)


@require_safe
def own_school_page(request: UserRequest) -> HttpResponse:
    """What became of the own school's referrals, one line each and nothing more."""
    policies.check_own_school(request.user)
    schools = [role.school for role in duties(request.user).roles if role.school_id]
    asked = slots.render("school.beside", request)
    context = {"lines": school_referrals(request.user), "schools": schools, "asked": asked}
    return render(request, "referrals/own_school.html", context)
