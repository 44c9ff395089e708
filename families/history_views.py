"""The history of a record, and break glass."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from cluster_ehs.core import audit
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from families import policies
from families.emergency import break_glass, end_early, family_of_reference, find_opening, open_to
from families.forms import BreakGlassForm, EmergencyForm
from families.history import KINDS, history
from families.models import EmergencyAccess, Family
from families.selectors import workers_of

SHOWN = dict(KINDS)


@require_safe
def family_history(request: UserRequest, pk: UUID) -> HttpResponse:
    """Every change and every look, by whom and when."""
    family = get_object_or_404(Family.objects.select_related("cluster"), pk=pk)
    policies.check_history(request.user, family, workers=workers_of(request, family))
    audit.look(by=request.user, at=family, page="history")
    show = request.GET.get("show", "all")
    show = show if show in SHOWN else "all"
    found = history(family, show=show, before=request.GET.get("before", ""))
    address = reverse("family-history", args=[pk])
    emergencies = []
    if policies.can_restrict(request.user, family):
        rows = EmergencyAccess.objects.filter(family_id=pk).select_related("user")
        emergencies = list(rows.order_by("-starts_at")[:20])
    context = {
        "family": family,
        "entries": found.entries,
        "older": found.older,
        "show": show,
        "tabs": [{"label": label, "url": f"{address}?show={key}", "current": key == show} for key, label in KINDS],
        "emergencies": emergencies,
        "now": timezone.now(),
    }
    return render(request, "families/history.html", context)


@require_http_methods(["GET", "POST"])
def family_emergency(request: UserRequest, pk: UUID) -> HttpResponse:
    """Open a record that one may not read, out of need and with a reason.

    Whether there is such a record is not told before the reason is given.
    """
    policies.check_break_glass(request.user)
    if Family.objects.filter(pk=pk).exists():
        return redirect("family", pk=pk)
    form = BreakGlassForm(posted(request), with_token=False)
    if request.method == "POST" and form.is_valid():
        return _open(request, pk, form)
    return render(request, "families/emergency.html", {"form": form})


@require_http_methods(["GET", "POST"])
def emergency(request: UserRequest) -> HttpResponse:
    """The same, when one knows only the reference."""
    policies.check_break_glass(request.user)
    form = EmergencyForm(posted(request), with_token=False)
    if request.method == "POST" and form.is_valid():
        family_id = family_of_reference(form.cleaned_data["reference"])
        if family_id is None:
            form.add_error("reference", "No family’s record has this reference. Check it, for example RI-F2026-0142")
        elif Family.objects.filter(pk=family_id).exists():
            return redirect("family", pk=family_id)
        else:
            return _open(request, family_id, form)
    return render(request, "families/emergency.html", {"form": form, "open_now": list(open_to(request.user))})


@require_http_methods(["GET", "POST"])
def emergency_end(request: UserRequest, pk: UUID) -> HttpResponse:
    """Close before the four hours are over what was opened in an emergency."""
    access = find_opening(request.user, pk)
    if access is None:
        raise Http404
    policies.check_end_emergency(request.user, access)
    own = access.user_id == request.user.pk
    if request.method == "POST":
        end_early(access, by=request.user)
        done = "The record is closed to you again." if own else f"Closed. {access.user} is told."
        messages.success(request, done)
        return redirect("home" if own else "emergencies")
    context = {"access": access, "own": own, "is_open": access.ends_at > timezone.now()}
    return render(request, "families/emergency_end.html", context)


def _open(request: UserRequest, pk: UUID, form: BreakGlassForm) -> HttpResponse:
    try:
        opened = break_glass(by=request.user, family_id=pk, reason=form.cleaned_data["reason"])
    except ValidationError as error:
        form.add_error(None, error)
        return render(request, "families/emergency.html", {"form": form})
    if not opened:
        raise Http404
    messages.warning(request, "Its leaders were told that you opened this record, with your reason.")
    return redirect("family", pk=pk)
