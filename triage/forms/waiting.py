"""The forms of the waiting list and of the partner services' ledger."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsForm, YesNoField
from clusters.models import Term, Vocabulary
from triage.forms.decision import choice_field, outcomes_field
from triage.models import Offer, PassingOn
from triage.workflow import PASSING_ON


class OfferForm(EhsForm):
    """Priority and the reason for waiting."""

    submit_label = "Save"
    mark_optional = False

    priority = forms.TypedChoiceField(label="Priority", coerce=int, choices=Offer.Priority.choices)
    wait_reason = forms.ModelChoiceField(
        label="Why does the family wait?", queryset=Term.objects.none(), required=False, empty_label="No reason noted"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = cast(forms.ModelChoiceField, self.fields["wait_reason"])
        reasons.queryset = Term.objects.of(Vocabulary.WAIT_REASON).current()


class CheckInForm(EhsForm):
    """A call to a family that waits."""

    submit_label = "Save the call"

    on = DatePartsField(label="When", initial=timezone.localdate, latest=timezone.localdate)
    reached = YesNoField(label="Was somebody reached?", initial=True)
    spoke_with = forms.CharField(label="Who was spoken with", max_length=120, required=False)
    said = forms.CharField(
        label="What was said",
        error_messages={"required": "Write what was said, or that nobody answered"},
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="How the family is now, and whether anything has become more urgent.",
    )
    told = forms.BooleanField(label="The family was told where it stands on the list", required=False)
    next_on = DatePartsField(label="Next call due", required=False)

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        weeks = offer.service.check_in_weeks
        self.fields["next_on"].help_text = f"Left empty: in {weeks} {'week' if weeks == 1 else 'weeks'}."


class WithdrawForm(EhsForm):
    """Why the service ends before it began, and the referral's outcomes when nothing else is left of it."""

    submit_label = "End it before it begins"
    submit_class = "govuk-button--warning"

    reason = forms.CharField(
        label="Why?",
        error_messages={"required": "Say why it ends before it begins"},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    outcomes = outcomes_field(hint="Nothing else is left of this referral, so it ends with this service.")

    def __init__(self, *args: Any, ends_referral: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not ends_referral:
            del self.fields["outcomes"]


class PassingOnForm(EhsForm):
    """What is known now: the steps that the workflow allows from here."""

    submit_label = "Save"

    status = forms.ChoiceField(
        label="What is known now?", error_messages={"required": "Choose what is known now"}, widget=forms.RadioSelect
    )
    known_on = DatePartsField(label="Since when", initial=timezone.localdate, latest=timezone.localdate)
    outcome = forms.CharField(
        label="What they say",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Needed unless it was simply accepted.",
    )
    news_due_on = DatePartsField(
        label="When do we ask again?",
        required=False,
        help_text="For what was accepted. Left empty: after the partner's usual days.",
    )

    def __init__(self, *args: Any, passing_on: PassingOn, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(PassingOn.Status.choices)
        choice_field(self, "status").choices = [
            (step.target, labels[step.target]) for step in PASSING_ON.steps if step.source == passing_on.status
        ]


class ChaseForm(EhsForm):
    """A partner was asked for news."""

    submit_label = "Save"

    said = forms.CharField(
        label="Who was asked, and what did they say?",
        error_messages={"required": "Write who was asked and what they said"},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    on = DatePartsField(label="When", initial=timezone.localdate, latest=timezone.localdate)
    next_on = DatePartsField(label="When do we ask again?")

    def __init__(self, *args: Any, passing_on: PassingOn, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["next_on"].initial = timezone.localdate() + timedelta(days=passing_on.partner.answer_days)
