"""The forms of the authority's thresholds."""

from typing import Any

from django import forms

from cluster_ehs.core.forms import DatePartsField, EhsForm
from clusters.models import NeedLevel, ThresholdDocument

SPARE = 2


class ThresholdForm(EhsForm):
    """A new document. Its levels are those of the one before, to be changed on the next page."""

    submit_label = "Save and go on to the levels"

    name = forms.CharField(label="What is the document called?", max_length=160)
    authority = forms.CharField(label="Whose thresholds are they?", max_length=120)
    source = forms.CharField(
        label="Where is it from?", max_length=200, required=False, help_text="For example its edition or address."
    )
    starts_on = DatePartsField(label="From which day does it hold?", help_text="A day to come.")


class LevelsForm(ThresholdForm):
    """A document that is still to come, with its levels and two empty ones."""

    submit_label = "Save the document"

    def __init__(self, *args: Any, document: ThresholdDocument, **kwargs: Any) -> None:
        held: list[NeedLevel | None] = list(document.levels.order_by("order"))
        self.rows = range(1, len(held) + SPARE + 1)
        initial = {name: getattr(document, name) for name in ("name", "authority", "source", "starts_on")}
        super().__init__(*args, initial=initial, **kwargs)
        for n, level in zip(self.rows, held + [None] * SPARE, strict=True):
            self._add_level(n, level)
        self.finish(None)

    def _add_level(self, n: int, level: NeedLevel | None) -> None:
        self.fields[f"label_{n}"] = forms.CharField(
            label=f"Level {n}: what is it called?",
            max_length=120,
            required=False,
            initial=level.label if level else "",
            help_text="Leave it empty and there is no such level.",
        )
        self.fields[f"order_{n}"] = forms.IntegerField(
            label=f"Level {n}: its number, the lowest first",
            min_value=1,
            max_value=99,
            required=False,
            initial=level.order if level else n,
            widget=forms.NumberInput(attrs={"class": "govuk-input--width-2"}),
        )
        self.fields[f"description_{n}"] = forms.CharField(
            label=f"Level {n}: what does it mean?",
            max_length=600,
            required=False,
            initial=level.description if level else "",
            widget=forms.Textarea(attrs={"rows": 2}),
        )
        self.fields[f"above_early_help_{n}"] = forms.BooleanField(
            label=f"Level {n} is above early help", required=False, initial=bool(level and level.above_early_help)
        )

    @property
    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        levels = [
            {
                "order": data[f"order_{n}"] or n,
                "label": data[f"label_{n}"],
                "description": data[f"description_{n}"],
                "above_early_help": data[f"above_early_help_{n}"],
            }
            for n in self.rows
            if data[f"label_{n}"]
        ]
        return {name: data[name] for name in ("name", "authority", "source", "starts_on")} | {"levels": levels}
