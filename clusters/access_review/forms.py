from typing import Any

from django import forms

from cluster_ehs.core.forms import DatePartsField, EhsForm
from clusters.models import AccessLine


class LineForm(EhsForm):
    """What becomes of one role."""

    submit_label = "Save"
    decision = forms.ChoiceField(
        label="What becomes of this role?",
        choices=AccessLine.Decision.choices,
        widget=forms.RadioSelect(
            attrs={
                "reveals": {AccessLine.Decision.END: "ends_on"},
                "item_hints": {
                    AccessLine.Decision.KEEP: "Nothing changes. It is asked again next quarter.",
                    AccessLine.Decision.END: "The role ends by itself on the day that you give, and the person is "
                    "told. Speak with them first.",
                    AccessLine.Decision.CHANGE: "Nothing changes by itself: say below what is wrong, and whoever may "
                    "do it changes it under Staff.",
                },
            }
        ),
    )
    ends_on = DatePartsField(
        label="First day without the role",
        required=False,
        help_text="What the role opened is closed from that day on.",
    )
    note = forms.CharField(
        label="What is to change, or a note",
        max_length=300,
        required=False,
        help_text="Who finishes the review reads it.",
    )

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
