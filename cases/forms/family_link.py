"""The code of the family's private page."""

from django import forms

from cluster_ehs.core.forms import EhsForm


class CodeForm(EhsForm):
    submit_label = "Open our plan"

    code = forms.CharField(
        label="Your code",
        help_text="Your worker told it to you: eight letters and numbers.",
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "class": "govuk-input--width-10",
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )
