"""Which return, of which Clusters, as at which day; and why its file is needed."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from cluster_ehs.core.forms import DatePartsField, EhsFilterForm, EhsForm
from clusters.models import Cluster
from monitoring.returns.models import ReturnKind


class ReturnFilter(EhsFilterForm):
    """By GET: what is looked over has an address. The button is the page's own."""

    submit_label = gettext_lazy("Check it")
    submit_class = ""
    form_class = ""

    kind = forms.ChoiceField(label="Which return?", choices=ReturnKind.choices, widget=forms.RadioSelect)
    cluster = forms.ModelMultipleChoiceField(
        queryset=Cluster.objects.none(), label="Clusters", widget=forms.CheckboxSelectMultiple
    )
    as_at = DatePartsField(
        label="As at which day?",
        help_text="Annex A looks back six months from it, as Ofsted asks.",
        latest=timezone.localdate,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Cluster.objects.filter(retired_on__isnull=True)
        self.fields["cluster"].queryset = rows  # type: ignore[attr-defined]


class AskForm(EhsForm):
    submit_label = "Make the file"

    reason = forms.CharField(
        label="What is the file for?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It is kept with the file and in each Cluster’s history. Name no child.",
    )
    with_gaps = forms.BooleanField(label="Make it with what is missing left blank")

    def __init__(self, *args: Any, gaps: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not gaps:
            del self.fields["with_gaps"]
