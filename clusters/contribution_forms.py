"""What schools pay their Cluster."""

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsForm
from clusters.models import SchoolMembership
from clusters.services.budgets import financial_year, year_in_words


class ContributionForm(EhsForm):
    submit_label = "Save the contribution"

    place = forms.ChoiceField(label="School")
    year = forms.TypedChoiceField(label="Financial year", coerce=int, help_text="From April to March.")
    pounds = forms.DecimalField(
        label="Contribution",
        min_value=Decimal(0),
        max_value=Decimal(10_000_000),
        max_digits=10,
        decimal_places=2,
        help_text="For the whole year, in pounds.",
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-5", "prefix": "£"}),
    )
    effective_from = DatePartsField(label="Holds from which day?", initial=timezone.localdate)
    source = forms.CharField(label="Where the sum is from", max_length=200, required=False)

    def __init__(self, *args: Any, members: list[SchoolMembership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {f"{each.cluster_id}-{each.school_id}": each for each in members}
        several = len({each.cluster_id for each in members}) > 1
        choice = cast(forms.ChoiceField, self.fields["place"])
        choice.choices = [("", "Choose a school")] + [
            (key, f"{each.school} ({each.cluster})" if several else str(each.school))
            for key, each in self.members.items()
        ]
        this = financial_year(timezone.localdate())
        years = cast(forms.TypedChoiceField, self.fields["year"])
        years.choices = [(year, year_in_words(year)) for year in (this + 1, this, this - 1, this - 2)]
        years.initial = this

    @property
    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        member = self.members[data["place"]]
        return {
            "cluster": member.cluster,
            "school": member.school,
            "year": data["year"],
            "pence": round(data["pounds"] * 100),
            "effective_from": data["effective_from"],
            "source": data["source"],
        }
