"""More weeks of a service, and the leader's answer."""

from django import forms

from cluster_ehs.core.forms import EhsForm


class ExtensionForm(EhsForm):
    submit_label = "Ask the leader"

    weeks = forms.IntegerField(
        label="How many more weeks?",
        min_value=1,
        max_value=52,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )
    reason = forms.CharField(label="Why does the family need longer?", widget=forms.Textarea(attrs={"rows": 4}))


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
