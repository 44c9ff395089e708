"""What a referral from Children's Social Work Services came from: said once, corrected when it was wrong."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cluster_ehs.core import audit
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from referrals.models import Referral
from triage import policies
from triage.forms.hand_down import HandDownForm
from triage.selectors.hand_down import earlier_step_ups, handed
from triage.services.hand_down import record_hand_down
from triage.views.writing import write_once


@require_http_methods(["GET", "POST"])
def hand_down(request: UserRequest, referral_pk: UUID) -> HttpResponse:
    referral = get_object_or_404(Referral.objects.select_related("child"), pk=referral_pk)
    policies.check_step_up(request.user, referral)
    back = reverse("referral", args=[referral.pk])
    now = handed(referral)
    step_ups = earlier_step_ups(referral)
    chosen = now.own.step_up_id if now.own else step_ups[0].pk if step_ups else ""
    initial = {"csws_reference": now.own.csws_reference if now.own else now.sent, "step_up": str(chosen or "")}
    form = HandDownForm(posted(request), step_ups=step_ups, initial=initial, cancel_url=back)

    def make() -> str:
        record_hand_down(by=request.user, referral=referral, **form.values)
        messages.success(request, "Saved.")
        return back

    if form.is_bound and form.is_valid() and (url := write_once(request, form, make)):
        return redirect(url)
    if request.method == "GET":
        audit.look(by=request.user, at=referral, page="hand-down")
    title = f"What {referral.reference} came from"
    return render(request, "layouts/form.html", {"form": form, "title": title, "back_url": back})
