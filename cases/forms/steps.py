"""Up to CSWS, down from there, and what came of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from cases.models import SocialCareStep, Worry
from cluster_ehs.core.forms import DatePartsField, DateTimePartsField, EhsForm
from referrals.models import Referral


def text(label: str, rows: int = 4, *, required: bool = True, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, required=required, max_length=10000, widget=forms.Textarea(attrs={"rows": rows})
    )


class AboutChild(EhsForm):
    """A form about one child of the case, named by the referral that it came with."""

    def offer(self, referrals: list[Referral], label: str) -> None:
        self.referrals = {str(referral.pk): referral for referral in referrals}
        if len(referrals) > 1:
            choices = [(key, f"{r.child.short_name} ({r.reference})") for key, r in self.referrals.items()]
            self.fields["referral"] = forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)
            self.fields["referral"].error_messages["required"] = "Choose the child"
            self.order_fields(["referral"])

    @property
    def referral(self) -> Referral | None:
        chosen = self.cleaned_data.get("referral", "")
        return self.referrals.get(chosen) or next(iter(self.referrals.values()), None)


class WorryForm(AboutChild):
    submit_label = "Tell who is on duty now"
    submit_class = "govuk-button--warning"

    worry = text("What are you worried about?", 6, hint="What you saw and heard, in plain words, and what you did.")

    def __init__(self, *args: Any, referrals: list[Referral], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(referrals, "Which child is it about?")


class StepUpForm(AboutChild):
    submit_label = "Record the step up"

    at = DateTimePartsField(label="When was it made?", latest=timezone.localdate)
    taken_by = forms.CharField(label="Who at CSWS took it?", max_length=120)
    csws_reference = forms.CharField(label="Their reference", max_length=60, help_text="If they gave none, write so.")
    decided_by = forms.CharField(label="Who decided to step up, and as what?", max_length=160)
    why = text("Why, and what was agreed with the family?")
    meanwhile = forms.ChoiceField(
        label="What happens to the case meanwhile?",
        choices=SocialCareStep.Meanwhile.choices,
        widget=forms.RadioSelect(
            attrs={
                "item_hints": {
                    "stays": "Early help goes on beside CSWS until they have answered.",
                    "closes": "You are taken to the closure, which the leader signs off.",
                }
            }
        ),
    )

    def __init__(self, *args: Any, referrals: list[Referral], worry: Worry | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(referrals, "Which child is it about?")
        self.fields["at"].initial = timezone.now().replace(second=0, microsecond=0)
        self.fields["meanwhile"].initial = "stays"
        if worry is not None:
            self.fields["why"].initial = worry.words
            if "referral" in self.fields:
                self.fields["referral"].initial = str(worry.referral_id)


class StepDownForm(EhsForm):
    submit_label = "Record the step down"

    on = DatePartsField(label="From which day?", initial=timezone.localdate, latest=timezone.localdate)
    answers = forms.ChoiceField(label="Which step up does it come back from?", required=False, widget=forms.RadioSelect)
    csws_reference = forms.CharField(label="Their reference", max_length=60, required=False)
    decided_by = forms.CharField(label="Who at CSWS decided, and as what?", max_length=160)
    why = text("What was done there, and what is needed now?")

    def __init__(self, *args: Any, ups: list[SocialCareStep], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ups = {str(step.pk): step for step in ups}
        if ups:
            answers: Any = self.fields["answers"]
            answers.choices = [
                *((key, f"Ours of {step.stepped_on:%-d %B %Y}") for key, step in self.ups.items()),
                ("", "None of ours: CSWS were there already"),
            ]
            answers.initial = str(ups[0].pk)
        else:
            del self.fields["answers"]


class StepOutcomeForm(EhsForm):
    submit_label = "Save"

    outcome = forms.ChoiceField(
        label="What did CSWS decide?", choices=SocialCareStep.Outcome.choices, widget=forms.RadioSelect
    )
    on = DatePartsField(label="On which day?", initial=timezone.localdate, latest=timezone.localdate)
    words = text("In their words", 3, required=False)
