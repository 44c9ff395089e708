"""Input of a review, of a hold and its lifting, and of a rule."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsForm
from keeping.retention.models import Hold, RetentionReview

Decision = RetentionReview.Decision
DECISIONS = [
    (Decision.DISPOSE, "Dispose of it: nobody needs it any more"),
    (Decision.LONGER, "Keep it longer, and look again"),
    (Decision.HOLD, "Put it on legal hold"),
]


def _reason() -> forms.CharField:
    return forms.CharField(
        label="Why?",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Whoever may open the record can read this.",
    )


def _ground(*, required: bool) -> forms.ChoiceField:
    choices = [choice for choice in Hold.Ground.choices if choice[0] != Hold.Ground.WORK]
    return forms.ChoiceField(
        label="What does the hold rest on?", choices=choices, widget=forms.RadioSelect, required=required
    )


class ReviewForm(EhsForm):
    submit_label = "Save decision"

    decision = forms.ChoiceField(
        label="What is to become of this record?",
        choices=DECISIONS,
        widget=forms.RadioSelect(
            attrs={
                "reveals": {Decision.LONGER: "until", Decision.HOLD: "ground"},
                "item_hints": {
                    Decision.DISPOSE: "A second person has to confirm it. After that it cannot be undone.",
                    Decision.HOLD: "Nothing is disposed of until the hold is lifted.",
                },
            }
        ),
    )
    until = DatePartsField(
        label="Until when?",
        required=False,
        help_text="In the next five years. It comes back to this list then.",
        earliest=lambda: timezone.localdate() + timedelta(days=1),
    )
    ground = _ground(required=False)
    reason = _reason()


class HoldForm(EhsForm):
    submit_label = "Put on legal hold"

    ground = _ground(required=True)
    reason = _reason()


class LiftForm(EhsForm):
    submit_label = "Lift the hold"

    reason = _reason()


class RuleForm(EhsForm):
    submit_label = "Save rule"

    years = forms.IntegerField(
        label="Years",
        min_value=1,
        max_value=100,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )
    starts_on = DatePartsField(label="From which day?", earliest=timezone.localdate)
    source = forms.CharField(
        label="Where does it come from?", max_length=200, help_text="A schedule, a law, a decision."
    )
    why = forms.CharField(label="Why is it changed?", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, served: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["years"].help_text = (
            "The age that the youngest child would reach. The record is kept until that birthday."
            if served
            else "Counted from the day of the ending."
        )


class AnswerForm(EhsForm):
    """Of the second person."""

    submit_label = "Send answer"

    answer = forms.ChoiceField(
        label="Do you agree to this disposal?",
        choices=[("confirm", "Yes, remove the record"), ("refuse", "No, keep it")],
        widget=forms.RadioSelect(attrs={"reveals": {"confirm": "sure"}}),
    )
    sure = forms.BooleanField(label="I know that this cannot be undone", required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("answer") == "confirm" and not given.get("sure"):
            self.add_error("sure", "Tick that you know that this cannot be undone")
        return given
