"""Settings: the quarterly review of access."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clusters.access_review import policies, selectors, services
from clusters.access_review.forms import LineForm
from clusters.changes import said
from clusters.http import UserRequest
from clusters.leaving import Holding, held_after
from clusters.models import AccessLine, AccessReview
from clusters.people import duties
from clusters.policies import check_see_settings
from clusters.services.staff import role_in_words
from clusters.views.pages import form_page, settings_page
from clusters.views.staff import may_hand_over

LINES = AccessLine.objects.select_related(
    "review__cluster", "role__user", "role__cluster", "role__school", "decided_by"
)


@require_safe
def review_list(request: UserRequest) -> HttpResponse:
    """Reviews of the own Clusters, or of all for a manager, the newest first."""
    check_see_settings(request.user)
    today = timezone.localdate()
    left = Count("lines", filter=Q(lines__decision="") & ~Q(lines__role__ends_on__lte=today))
    rows = selectors.reviews_of(request.user).select_related("cluster", "finished_by").annotate(left=left)
    # Counting drops the order of the model.
    rows = rows.order_by("-quarter_starts_on", "cluster__name")
    return settings_page(request, "clusters/access_review/list.html", reviews=list(rows[:60]), today=today)


@require_safe
def review(request: UserRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(AccessReview.objects.select_related("cluster", "finished_by"), pk=pk)
    policies.check_see(request.user, found)
    today = timezone.localdate()
    lines: list[dict[str, Any]] = [
        {
            "line": line,
            "words": role_in_words(line.role),
            "over": line.role.ends_on is not None and line.role.ends_on <= today,
            "may": policies.can_decide(request.user, line),
            "own": line.role.user_id == request.user.pk,
        }
        for line in LINES.filter(review=found)
    ]
    left = [row for row in lines if not row["line"].decision and not row["over"]]
    return settings_page(
        request,
        "clusters/access_review/review.html",
        review=found,
        lines=lines,
        left=len(left),
        none_for_me=found.finished_at is None and not any(row["may"] for row in left),
        late=found.finished_at is None and found.due_on < today,
        may_finish=found.finished_at is None
        and duties(request.user).is_manager
        and not [r for r in left if not r["own"]],
    )


@require_POST
def keep(request: UserRequest, pk: int) -> HttpResponse:
    """One press: the role stays as it is."""
    line = get_object_or_404(LINES, pk=pk)
    services.decide(line, by=request.user, decision=AccessLine.Decision.KEEP)
    return redirect(f"{reverse('settings-access-review', args=[line.review_id])}#line-{line.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: UserRequest, pk: int) -> HttpResponse:
    line = get_object_or_404(LINES, pk=pk)
    policies.check_decide(request.user, line)
    form = LineForm(
        request.POST or None, initial={"decision": line.decision, "ends_on": line.ends_on, "note": line.note}
    )
    back = reverse("settings-access-review", args=[line.review_id])

    def act() -> str:
        services.decide(line, by=request.user, **form.values)
        return f"{back}#line-{line.pk}"

    return form_page(
        request,
        form,
        title=f"{line.role.user}: what becomes of the role?",
        act=act,
        done="Saved.",
        back=back,
        back_label=str(line.review),
        lead=f"{role_in_words(line.role)}. {_in_short(line)}",
        template="clusters/access_review/line.html",
        # Only after “End” was refused for it: most roles are kept.
        holdings=[(holding, may_hand_over(request.user, holding)) for holding in _left_behind(request, line)],
        role=line.role,
    )


def _left_behind(request: UserRequest, line: AccessLine) -> list[Holding]:
    if request.POST.get("decision") != AccessLine.Decision.END:
        return []
    return held_after(line.role, timezone.localdate())


def _in_short(line: AccessLine) -> str:
    """What speaks for keeping it, in one sentence."""
    last = line.last_sign_in
    signed_in = f"Last signed in on {said(timezone.localdate(last))}" if last else "Never signed in"
    pages = f"{line.looks} page{'' if line.looks == 1 else 's'} of families’ records opened in the quarter before"
    return f"{signed_in}, {pages}" + (f". Work in hand: {line.holds}." if line.holds else ".")


@require_POST
def finish(request: UserRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(AccessReview, pk=pk)
    services.finish(found, by=request.user)
    messages.success(request, "The review is finished.")
    return redirect("settings-access-reviews")
