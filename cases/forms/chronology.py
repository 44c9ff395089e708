from django import forms

from cluster_ehs.core.forms import EhsForm


class PinForm(EhsForm):
    submit_label = "Mark as significant"

    reason = forms.CharField(
        label="Why does it matter?",
        help_text="It is shown on top of the chronology and on the overview, for everybody who reads the case.",
        max_length=300,
    )
