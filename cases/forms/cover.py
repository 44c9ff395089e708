"""Who covers which cases of a worker who is away."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from cases.forms.allocation import choices_of, hints_of
from cases.forms.handover import text
from cases.models import Case
from cases.selectors.workload import Load
from cluster_ehs.core.forms import DatePartsField, EhsForm


class CoverForm(EhsForm):
    submit_label = "Arrange cover"

    covering = forms.ChoiceField(
        label="Who covers?", widget=forms.RadioSelect, error_messages={"required": "Choose who covers"}
    )
    starts_on = DatePartsField(label="First day")
    ends_on = DatePartsField(label="Last day", help_text="Cover ends by itself after this day.")
    must_know = text(
        "What does the covering worker need to know?", 4, hint="What is due on these days, and who to ring about what."
    )
    cases = forms.MultipleChoiceField(
        label="Which cases?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one case"},
    )

    def __init__(self, *args: Any, loads: list[Load], cases: list[Case], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workers = {str(load.worker.pk): load.worker for load in loads}
        self.of_worker = {str(case.pk): case for case in cases}
        fields: Any = self.fields
        fields["covering"].choices = choices_of(loads)
        fields["covering"].widget.attrs["item_hints"] = hints_of(loads)
        fields["cases"].choices = [(pk, f"{case.family.name}, {case.reference}") for pk, case in self.of_worker.items()]
        fields["cases"].initial = list(self.of_worker)
        fields["starts_on"].initial = timezone.localdate()

    @property
    def chosen(self) -> list[Case]:
        return [self.of_worker[pk] for pk in self.values["cases"]]
