"""What the page of the evaluation's tables asks: which Clusters, which period, as at when."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from cluster_ehs.core.date_fields import DatePartsField
from cluster_ehs.core.forms import EhsFilterForm, Ticks
from clusters.models import Cluster
from monitoring.tables import Period


def last_six_months(today: date) -> Period:
    """The six whole months before this one: half a year is what the evaluation looked at."""
    end = today.replace(day=1) - timedelta(days=1)
    return Period(end.replace(day=1), end).back(5)


def end_of_day(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.max))


class TablesForm(EhsFilterForm):
    submit_label = gettext_lazy("Show the tables")
    form_class = ""

    cluster = forms.TypedMultipleChoiceField(label="Clusters", coerce=int, required=False, widget=Ticks)
    start = DatePartsField(label="Received from", required=False)
    end = DatePartsField(label="Received to", required=False)
    as_at = DatePartsField(
        label="As at",
        required=False,
        latest=timezone.localdate,
        help_text="What had happened by the end of that day. Leave empty for now.",
    )
    before = forms.BooleanField(label="Compare with the period before", required=False)
    outside = forms.BooleanField(label="For outside: counts under five are not shown", required=False)

    def __init__(self, *args: Any, clusters: Sequence[Cluster], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(cluster.pk, cluster.name) for cluster in clusters]
        self.fields["cluster"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in ("start", "end"):
            if name not in self.errors and values.get(name) is None:
                self.add_error(name, f"Enter the {'first' if name == 'start' else 'last'} day of the period.")
        start, end = values.get("start"), values.get("end")
        if start and end and end < start:
            first, last = self.fields["start"].label, self.fields["end"].label
            self.add_error("end", f"{last} must be the same day as {first}, or later.")
        if "cluster" not in self.errors and not values.get("cluster"):
            self.add_error("cluster", "Choose at least one Cluster.")
        return values


class NeedForm(TablesForm):
    """Which Clusters and which period, for the levels of need."""

    submit_label = gettext_lazy("Show the levels")
    as_at = None  # type: ignore[assignment]
    before = None  # type: ignore[assignment]
    outside = None  # type: ignore[assignment]
