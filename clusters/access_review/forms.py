from typing import Any

from django import forms

from cluster_ehs.core.forms import DatePartsField, EhsForm
from clusters.models import AccessLine


class LineForm(EhsForm):
    """What becomes of one role."""

    submit_label = "Save"
    decision = forms.ChoiceField(
        label="What becomes of it?", choices=AccessLine.Decision.choices, widget=forms.RadioSelect
    )
    ends_on = DatePartsField(label="First day without the role", required=False, help_text="When it is to end.")
    note = forms.CharField(label="Note, or what is to change", max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if (
            values.get("decision") == AccessLine.Decision.END
            and not values.get("ends_on")
            and "ends_on" not in self.errors
        ):
            self.add_error("ends_on", "Enter the first day without the role.")
        if values.get("decision") == AccessLine.Decision.CHANGE and not values.get("note"):
            self.add_error("note", "Say what is to change.")
        return values
