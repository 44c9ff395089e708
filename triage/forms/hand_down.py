"""What a referral from Children's Social Work Services came from."""

from typing import Any

from django import forms
from django.utils import timezone

from cluster_ehs.core.forms import EhsForm
from triage.models import StepUp


class HandDownForm(EhsForm):
    submit_label = "Save"

    csws_reference = forms.CharField(label="Their reference", max_length=60, required=False)
    step_up = forms.ChoiceField(
        label="Does it come back from a step-up of ours?", widget=forms.RadioSelect, required=False
    )

    def __init__(self, *args: Any, step_ups: list[StepUp], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step_ups = {str(taken.pk): taken for taken in step_ups}
        field = self.fields["step_up"]
        field.choices = [  # type: ignore[attr-defined]
            *((key, self._words(taken)) for key, taken in self.step_ups.items()),
            ("", "No, or not known"),
        ]
        if not step_ups:
            del self.fields["step_up"]

    @staticmethod
    def _words(taken: StepUp) -> str:
        day = timezone.localtime(taken.stepped_up_at)
        theirs = f", their reference {taken.csws_reference}" if taken.csws_reference else ""
        return f"{taken.referral.reference}, stepped up on {day.day} {day:%B %Y}, taken by {taken.taken_by}{theirs}"

    @property
    def values(self) -> dict[str, Any]:
        chosen = self.step_ups.get(self.cleaned_data.get("step_up", ""))
        return {"csws_reference": self.cleaned_data["csws_reference"], "step_up": chosen}
