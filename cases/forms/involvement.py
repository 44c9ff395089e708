"""Whether somebody takes part in the plan."""

from __future__ import annotations

from typing import Any

from django import forms

from cluster_ehs.core.forms import EhsForm
from families.models import Involvement, Person


class InvolvementForm(EhsForm):
    involvement = forms.ChoiceField(
        label="Part in the plan",
        choices=Involvement.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether they are involved in the plan"},
    )
    why = forms.CharField(
        label="Why?",
        required=False,
        max_length=300,
        help_text="Needed for somebody who is not to be involved.",
        error_messages={"max_length": "Why must be 300 characters or fewer"},
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        initial = {"involvement": person.involvement, "why": person.involvement_why}
        super().__init__(*args, initial=initial, **kwargs)
