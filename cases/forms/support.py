"""More weeks of a service, and the leader's answer; a loan and its return."""

from typing import Any, cast

from django import forms
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsForm
from clusters.models import PartnerService


class ExtensionForm(EhsForm):
    """Asks for weeks or for sessions, as the entitlement counts."""

    submit_label = "Ask the leader"

    weeks = forms.IntegerField(
        label="How many more weeks?",
        min_value=1,
        max_value=52,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )
    sessions = forms.IntegerField(
        label="How many more sessions?",
        min_value=1,
        max_value=30,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )
    reason = forms.CharField(
        label="Why does the family need longer?",
        help_text="The leader and everybody who reads the case see this.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, in_sessions: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["weeks" if in_sessions else "sessions"]


class AnswerForm(EhsForm):
    submit_label = "Answer"

    approve = forms.ChoiceField(
        label="Your answer", choices=[("yes", "Approve"), ("no", "Refuse")], widget=forms.RadioSelect
    )
    answer = forms.CharField(
        label="A word to the worker",
        help_text="Needed when you refuse.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class LendForm(EhsForm):
    submit_label = "Lend the case"

    partner = forms.ChoiceField(label="To whom?", widget=forms.RadioSelect)
    why = forms.CharField(label="What is the partner asked to do?", widget=forms.Textarea(attrs={"rows": 4}))
    on = DatePartsField(label="From which day?", initial=timezone.localdate, latest=timezone.localdate)
    back_expected_on = DatePartsField(label="When is it expected back?")

    def __init__(self, *args: Any, partners: list[PartnerService], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partners = {str(partner.pk): partner for partner in partners}
        cast(forms.ChoiceField, self.fields["partner"]).choices = [(key, p.name) for key, p in self.partners.items()]


class BackForm(EhsForm):
    submit_label = "It is back"

    brought_back = forms.CharField(
        label="What was done there, and what is needed now?", widget=forms.Textarea(attrs={"rows": 5})
    )
    on = DatePartsField(label="Since which day?", initial=timezone.localdate, latest=timezone.localdate)
