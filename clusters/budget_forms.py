"""What may be spent on interpreters."""

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsForm
from clusters.models import Cluster
from clusters.services.budgets import financial_year, year_in_words


class BudgetForm(EhsForm):
    submit_label = "Save the budget"

    cluster = forms.ChoiceField(label="Cluster")
    year = forms.TypedChoiceField(label="Financial year", coerce=int, help_text="From April to March.")
    pounds = forms.DecimalField(
        label="Budget",
        min_value=Decimal(0),
        max_value=Decimal(1_000_000),
        max_digits=9,
        decimal_places=2,
        help_text="For the whole year, in pounds.",
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-5", "prefix": "£"}),
    )
    effective_from = DatePartsField(label="Holds from which day?", initial=timezone.localdate)

    def __init__(self, *args: Any, clusters: list[Cluster], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clusters = {str(cluster.pk): cluster for cluster in clusters}
        choice = cast(forms.ChoiceField, self.fields["cluster"])
        choice.choices = [(key, cluster.name) for key, cluster in self.clusters.items()]
        this = financial_year(timezone.localdate())
        years = cast(forms.TypedChoiceField, self.fields["year"])
        years.choices = [(year, year_in_words(year)) for year in (this + 1, this, this - 1)]
        years.initial = this

    @property
    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "cluster": self.clusters[data["cluster"]],
            "year": data["year"],
            "pence": round(data["pounds"] * 100),
            "effective_from": data["effective_from"],
        }
