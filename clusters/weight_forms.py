"""What a case weighs against a worker's capacity."""

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsForm
from clusters.models import Service, Stage


class WeightForm(EhsForm):
    submit_label = "Save the weight"

    what = forms.ChoiceField(label="What weighs?")
    weight = forms.DecimalField(
        label="Weight",
        min_value=Decimal(0),
        max_value=Decimal(5),
        max_digits=3,
        decimal_places=2,
        help_text="1 is a case as the capacity counts it, 0.5 is half a case.",
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3"}),
    )
    effective_from = DatePartsField(label="From which day?", initial=timezone.localdate)

    def __init__(self, *args: Any, services: list[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.services = {f"service:{service.pk}": service for service in services}
        cast(forms.ChoiceField, self.fields["what"]).choices = [
            ("", "Choose a service or a stage"),
            ("Services", [(key, service.name) for key, service in self.services.items()]),
            ("Stages", [(f"stage:{value}", label) for value, label in Stage.choices]),
        ]

    @property
    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        kind, _, code = data["what"].partition(":")
        return {
            "service": self.services.get(data["what"]),
            "stage": code if kind == "stage" else "",
            "weight": data["weight"],
            "effective_from": data["effective_from"],
        }
