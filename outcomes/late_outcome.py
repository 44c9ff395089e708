"""The outcome of a referral that ended without one, recorded later: only an import can bring such an ending."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from cluster_ehs.core import audit
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.forms import EhsForm
from clusters.http import UserRequest
from clusters.models import User
from clusters.people import duties
from referrals.models import Referral
from triage.models import TRIAGE_OUTCOMES, Ending, EndingOutcome, Outcome


class LateOutcomeForm(EhsForm):
    submit_label = "Record the outcome"

    outcomes = forms.MultipleChoiceField(
        label="What came of it? One or several",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one outcome"},
    )

    def __init__(self, *args: Any, choices: Sequence[Outcome], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcomes"].choices = [(one.value, one.label) for one in choices]  # type: ignore[attr-defined]


def allowed(ending: Ending) -> list[Outcome]:
    """In the order of the vocabulary; nothing was completed where the service never began."""
    return [one for one in Outcome if ending.where == Ending.Where.CASE or one in TRIAGE_OUTCOMES]


def check_record(user: User, referral: Referral) -> None:
    if referral.cluster_id not in duties(user).leads:
        raise Denied("An outcome that is missing is recorded by a leader of the Cluster.")


@transaction.atomic
def record_outcome(*, by: User, referral: Referral, outcomes: Sequence[str]) -> Ending:
    """Give an ending the outcomes that it came without. Raises Denied, Conflict when it has one meanwhile."""
    check_record(by, referral)
    ending = Ending.objects.select_for_update(of=("self",)).filter(referral=referral).first()
    if ending is None or not ending.outcome_not_recorded:
        raise Conflict("This referral is not missing an outcome. Load the page again.")
    EndingOutcome.objects.bulk_create(
        EndingOutcome(cluster_id=ending.cluster_id, family_id=ending.family_id, ending=ending, outcome=each)
        for each in dict.fromkeys(outcomes)
    )
    ending.outcome_not_recorded = False
    ending.save(update_fields=["outcome_not_recorded"])
    labels = ", ".join(str(Outcome(each).label) for each in outcomes)
    audit.event(by=by, kind="referral.outcome", text=f"Recorded the missing outcome: {labels}", about=referral)
    return ending


def outcome_record(request: UserRequest, pk: UUID) -> HttpResponse:
    referral = get_object_or_404(Referral, pk=pk)
    check_record(request.user, referral)
    ending = Ending.objects.filter(referral=referral).first()
    if ending is None or not ending.outcome_not_recorded:
        raise Conflict("This referral is not missing an outcome. Load the page again.")
    back = reverse("referral", args=[referral.pk])
    form = LateOutcomeForm(request.POST or None, choices=allowed(ending), cancel_url=back)
    if request.method == "POST" and form.is_valid():
        record_outcome(by=request.user, referral=referral, **form.values)
        messages.success(request, "The outcome is recorded.")
        return redirect(back)
    audit.look(by=request.user, at=referral, page="referral: missing outcome")
    return render(
        request,
        "layouts/form.html",
        {
            "title": "Record the outcome",
            "lead": f"Referral {referral.reference} ended on {ending.ended_on:%-d %B %Y} without a recorded outcome.",
            "form": form,
            "back_url": back,
            "back_label": "Referral",
        },
    )
