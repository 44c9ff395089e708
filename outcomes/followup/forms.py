"""What a family says 3 and 12 months after the ending, or that nobody answered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from cases.models import Goal
from cluster_ehs.core.forms import DatePartsField, EhsForm, Score, ScoreField
from clusters.models import User
from outcomes.followup.models import FollowUp, Known
from outcomes.followup.policies import TRIES

BY_US = [(how.value, how.label) for how in FollowUp.How if how != FollowUp.How.PAGE]
INLINE = {"choices_class": "govuk-radios--inline"}


def known(label: str, *, hint: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=Known.choices,
        help_text=hint,
        widget=forms.RadioSelect(attrs=dict(INLINE)),
        error_messages={"required": f"{label} Choose yes, no or not known"},
    )


class AnswerForm(EhsForm):
    submit_label = "Save the answer"

    how = forms.ChoiceField(
        label="How did you speak?",
        choices=BY_US,
        widget=forms.RadioSelect(attrs=dict(INLINE)),
        error_messages={"required": "Choose how you spoke with the family"},
    )
    on = DatePartsField(label="When", latest=timezone.localdate)
    things = forms.TypedChoiceField(
        label="How are things, compared with the ending?",
        choices=FollowUp.Things.choices,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how things are"},
    )
    words = forms.CharField(
        label="In the family’s words", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    slipped = forms.CharField(
        label="What slipped, if anything", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )
    re_referral = known("Has the family been referred again since, here or elsewhere?")
    social_care = known("Has children’s social care been involved since the ending?")
    wants_help = known("Would the family like help again?")

    def __init__(self, *args: Any, goals: list[Goal], referred: bool, **kwargs: Any) -> None:
        initial = {"on": timezone.localdate(), **({"re_referral": Known.YES} if referred else {})}
        super().__init__(*args, initial=initial, **kwargs)
        self.goals = goals
        for goal in goals:
            self.fields[f"score_{goal.pk}"] = ScoreField(
                label=f"“{goal.words}”",
                required=False,
                widget=Score(low="Not at all", high="Just as we want it"),
            )
            self.fields[f"score_{goal.pk}"].error_messages["invalid_choice"] = (
                f"The score of “{goal.words}” must be a whole number from 0 to 10"
            )
        scores = [f"score_{goal.pk}" for goal in goals]
        self.order_fields(
            ["how", "on", "things", *scores, "words", "slipped", "re_referral", "social_care", "wants_help"]
        )

    @property
    def scores(self) -> dict[Any, int]:
        given = {goal.pk: self.cleaned_data.get(f"score_{goal.pk}") for goal in self.goals}
        return {goal: score for goal, score in given.items() if score is not None}


class TryForm(EhsForm):
    submit_label = "Nobody answered"
    submit_class = "govuk-button--secondary"
    prefix = "try"

    how = forms.ChoiceField(
        label="How did you try?",
        choices=BY_US,
        widget=forms.RadioSelect(attrs=dict(INLINE)),
        error_messages={"required": "Choose how you tried"},
    )
    words = forms.CharField(label="Anything to note", required=False, max_length=300)
    last = forms.BooleanField(label="Leave it at that: not reached", required=False)

    def __init__(self, *args: Any, tried: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if tried + 1 < TRIES:
            del self.fields["last"]


class LeaderForm(EhsForm):
    """A leader: somebody else asks, or nobody needs to."""

    submit_label = "Save"
    submit_class = "govuk-button--secondary"
    prefix = "leader"

    holder = forms.ChoiceField(label="Who asks", required=False)
    why = forms.CharField(
        label="Or: why it is not needed", required=False, max_length=300, help_text="Fill this in to end it."
    )

    def __init__(self, *args: Any, workers: list[User], holder: User | None, **kwargs: Any) -> None:
        super().__init__(*args, initial={"holder": str(holder.pk) if holder else ""}, **kwargs)
        self.workers = {str(worker.pk): worker for worker in workers}
        self.fields["holder"].choices = [("", "The leaders"), *((pk, w.name) for pk, w in self.workers.items())]  # type: ignore[attr-defined]
        self.was = str(holder.pk) if holder else ""

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("why") and values.get("holder", "") in ("", self.was):
            self.add_error("holder", "Choose somebody else, or enter why it is not needed")
        return values
