"""Input shapes of evaluation extracts."""

from typing import Any

from django import forms

from cluster_ehs.core.forms import EhsForm
from monitoring.extract.models import Extract
from monitoring.span_form import SpanForm


class ExtractForm(SpanForm):
    submit_label = "Make the extract"

    purpose = forms.CharField(
        label="What is it for?",
        help_text="The question that is to be answered, in a sentence or two.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
    )
    recipient = forms.CharField(label="Who gets it?", help_text="The person and their organisation.", max_length=160)
    basis = forms.ChoiceField(label="Why are we allowed to?", choices=Extract.Basis.choices, widget=forms.RadioSelect)
    ethics_reference = forms.CharField(
        label="Ethics approval",
        help_text="Its reference. Needed for research.",
        max_length=120,
        required=False,
    )
    field_order = ("purpose", "recipient", "basis", "ethics_reference")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("basis") == Extract.Basis.RESEARCH and not values.get("ethics_reference"):
            self.add_error("ethics_reference", "Enter the reference of the ethics approval: research needs one.")
        return values


class TakeForm(EhsForm):
    submit_label = "Take the file"

    why = forms.CharField(
        label="Why do you take it now, and where does it go?",
        help_text="This is kept with your name and the time.",
        max_length=300,
    )
