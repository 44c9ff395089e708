"""Input shapes of schedules and reports on demand."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from cluster_ehs.core.date_fields import DatePartsField
from cluster_ehs.core.forms import EhsForm
from clusters.models import Cluster, Role, User


def readers() -> Any:
    """People who may read reports: managers and Cluster leaders of today."""
    day = timezone.localdate()
    return (
        User.objects.filter(
            is_active=True,
            email__isnull=False,
            roles__role__in=[Role.MANAGER, Role.LEADER],
            roles__starts_on__lte=day,
        )
        .exclude(roles__ends_on__lte=day)
        .distinct()
    )


class ScheduleForm(EhsForm):
    submit_label = "Save schedule"

    name = forms.CharField(label="Name of the report", max_length=120)
    clusters = forms.ModelMultipleChoiceField(
        queryset=Cluster.objects.none(),
        required=False,
        label="Clusters",
        help_text="None chosen means every Cluster.",
        widget=forms.CheckboxSelectMultiple,
    )
    recipients = forms.ModelMultipleChoiceField(
        queryset=User.objects.none(),
        required=False,
        label="Who is told",
        help_text="They get a mail with a link: no figures and no names.",
        widget=forms.CheckboxSelectMultiple,
    )
    day_of_month = forms.IntegerField(
        label="Day of the month",
        min_value=1,
        max_value=28,
        initial=1,
        help_text="1 to 28. The report is about the month before.",
    )
    active = forms.BooleanField(label="This schedule is running", required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clusters"].queryset = Cluster.objects.filter(retired_on__isnull=True)  # type: ignore[attr-defined]
        self.fields["recipients"].queryset = readers()  # type: ignore[attr-defined]


class ReportForm(EhsForm):
    submit_label = "Make the report"

    clusters = forms.ModelMultipleChoiceField(
        queryset=Cluster.objects.none(), label="Clusters", widget=forms.CheckboxSelectMultiple
    )
    period_from = DatePartsField(label="From", latest=timezone.localdate)
    period_to = DatePartsField(label="To", latest=timezone.localdate)

    def __init__(self, *args: Any, cluster_ids: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clusters"].queryset = Cluster.objects.filter(pk__in=cluster_ids)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        start, end = values.get("period_from"), values.get("period_to")
        if isinstance(start, date) and isinstance(end, date) and end < start:
            self.add_error("period_to", "To must be the same day as From, or later.")
        return values
