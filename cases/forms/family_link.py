"""The code of the family's private page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cluster_ehs.core.forms import EhsForm


class CodeForm(EhsForm):
    submit_label = _("Open our plan")

    code = forms.CharField(
        label=_("Your code"),
        help_text=_("Your worker told it to you: eight letters and numbers."),
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
