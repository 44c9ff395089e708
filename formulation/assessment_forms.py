"""What is asked about an assessment: when, by whom, about which children; and how it was finished."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsForm, Ticks
from families.models import Person
from formulation.models import Assessment

COMPLETED = "completed"


class AssessmentForm(EhsForm):
    submit_label = "Save the assessment"
    starts_on = DatePartsField(label="Day it began", latest=timezone.localdate)
    organisation = forms.CharField(
        label="Organisation that makes it",
        max_length=160,
        help_text="The Cluster, or a school or another partner that makes it.",
        error_messages={"max_length": "The organisation must be 160 characters or fewer"},
    )
    children = forms.MultipleChoiceField(
        label="Children it is about",
        widget=Ticks,
        error_messages={
            "required": "Choose at least one child: the assessment is about them",
            "invalid_choice": "Choose children from the list",
        },
    )

    def __init__(self, *args: Any, people: Iterable[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["children"].choices = [(str(p.pk), p.short_name) for p in people if p.is_child]


class FinishForm(EhsForm):
    submit_label = "Finish the assessment"
    how = forms.ChoiceField(
        label="How was it finished?",
        choices=[(COMPLETED, "Completed"), *((why.value, f"Ended: {why.label}") for why in Assessment.Why)],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it was finished"},
    )
    on = DatePartsField(label="On which day?", latest=timezone.localdate)

    @property
    def why(self) -> str:
        """The reason for an end without completion; empty when it was completed."""
        how = self.cleaned_data["how"]
        return "" if how == COMPLETED else how
