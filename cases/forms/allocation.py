"""Who takes a family on."""

from __future__ import annotations

from typing import Any

from django import forms

from cases.selectors.workload import Load
from cluster_ehs.core.forms import DatePartsField, EhsForm


def choices_of(loads: list[Load]) -> list[tuple[str, str]]:
    return [(str(load.worker.pk), load.worker.name) for load in loads]


def hints_of(loads: list[Load]) -> dict[str, str]:
    """The effect on each caseload, before anybody is chosen."""
    return {str(load.worker.pk): f"{load.post or 'Practitioner'}: {load.effect}" for load in loads}


class AllocateForm(EhsForm):
    """Without `ask_lead` the family has a case already, which keeps its lead worker."""

    submit_label = "Allocate"

    lead_worker = forms.ChoiceField(
        label="Lead worker", widget=forms.RadioSelect, error_messages={"required": "Choose the lead worker"}
    )
    worker = forms.ChoiceField(label="Who gives the service?", required=False)
    next_step = forms.CharField(label="First step", max_length=300, required=False)
    next_step_on = DatePartsField(label="By when", required=False)

    def __init__(self, *args: Any, loads: list[Load], ask_lead: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workers = {str(load.worker.pk): load.worker for load in loads}
        self.mark_optional = False
        choices, hints = choices_of(loads), hints_of(loads)
        if ask_lead:
            lead: Any = self.fields["lead_worker"]
            lead.choices = choices
            lead.widget.attrs["item_hints"] = hints
            worker: Any = self.fields["worker"]
            worker.choices = [("", "The lead worker"), *choices]
            worker.initial = ""
        else:
            del self.fields["lead_worker"], self.fields["next_step"], self.fields["next_step_on"]
            worker = self.fields["worker"]
            worker.choices = choices
            worker.widget = forms.RadioSelect(choices=choices)
            worker.required = True
            worker.widget.attrs["item_hints"] = hints
            worker.error_messages["required"] = "Choose who gives the service"
