"""Which Clusters and which days, for what a worker makes."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from cluster_ehs.core.date_fields import DatePartsField
from cluster_ehs.core.forms import EhsForm
from clusters.models import Cluster


class SpanForm(EhsForm):
    clusters = forms.ModelMultipleChoiceField(
        queryset=Cluster.objects.none(), label="Clusters", widget=forms.CheckboxSelectMultiple
    )
    period_from = DatePartsField(label="Referrals received from", latest=timezone.localdate)
    period_to = DatePartsField(label="Referrals received to", latest=timezone.localdate)

    def __init__(self, *args: Any, clusters: Sequence[Cluster], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = Cluster.objects.filter(pk__in=[cluster.pk for cluster in clusters])
        self.fields["clusters"].queryset = allowed  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        start, end = values.get("period_from"), values.get("period_to")
        if isinstance(start, date) and isinstance(end, date) and end < start:
            self.add_error("period_to", "Received to must be the same day as Received from, or later.")
        return values
