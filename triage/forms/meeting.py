"""The forms around a meeting: plan it, who is here, actions."""

from datetime import time
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from cluster_ehs.core.date_fields import parse_time
from cluster_ehs.core.forms import DatePartsField, DateTimePartsField, EhsForm, YesNoField
from clusters.models import Cluster, User
from triage.models import Meeting, MeetingKind, MeetingPattern, SchoolHoliday


class PlanForm(EhsForm):
    """When, where and what kind; the Cluster is asked for only from who leads several."""

    submit_label = "Plan the meeting"

    cluster = forms.ModelChoiceField(label="Cluster", queryset=Cluster.objects.none())
    kind = forms.ChoiceField(label="What kind of meeting?", choices=Meeting.Kind.choices, widget=forms.RadioSelect)
    starts_at = DateTimePartsField(label="When", earliest=timezone.localdate)
    place = forms.CharField(label="Where", max_length=120, required=False)

    def __init__(self, *args: Any, clusters: frozenset[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].initial = Meeting.Kind.SCREENING
        if len(clusters) == 1:
            self.cluster_id = next(iter(clusters))
            del self.fields["cluster"]
        else:
            cast(forms.ModelChoiceField, self.fields["cluster"]).queryset = Cluster.objects.filter(pk__in=clusters)

    @property
    def values(self) -> dict[str, Any]:
        data = {name: self.cleaned_data[name] for name in ("kind", "starts_at", "place")}
        chosen = self.cleaned_data.get("cluster")
        return {**data, "cluster_id": chosen.pk if chosen else self.cluster_id}


class TimeField(forms.CharField):
    """A time of day as people write it: 09:30, 9.30, 9am."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        found = parse_time(text)
        if found is None:
            raise forms.ValidationError("Enter the time as in 09:30 or 9am")
        return found

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%H:%M}" if isinstance(value, time) else value


class PatternForm(EhsForm):
    """How meetings repeat."""

    submit_label = "Save and make the meetings"

    cluster = forms.ModelChoiceField(label="Cluster", queryset=Cluster.objects.none())
    kind = forms.ChoiceField(
        label="What kind of meeting?",
        choices=MeetingKind.choices,
        widget=forms.RadioSelect,
        initial=MeetingKind.SCREENING,
    )
    week_of_month = forms.TypedChoiceField(
        label="How often",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", "Every week"),
            *((n, f"{label} of the month") for n, label in MeetingPattern.WeekOfMonth.choices),
        ],
    )
    weekday = forms.TypedChoiceField(label="On which day?", coerce=int, choices=MeetingPattern.Weekday.choices)
    time = TimeField(
        label="At what time?",
        help_text="For example 9:30 or 13:30",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
    )
    place = forms.CharField(label="Where", max_length=120, required=False)
    starts_on = DatePartsField(label="From", initial=timezone.localdate)
    ends_on = DatePartsField(label="Until", required=False)
    on_holiday = forms.ChoiceField(
        label="If it falls on a school holiday",
        help_text="A weekly meeting is never moved: the week after has its own.",
        choices=MeetingPattern.OnHoliday.choices,
        widget=forms.RadioSelect,
        initial=MeetingPattern.OnHoliday.SKIP,
    )

    def __init__(self, *args: Any, clusters: frozenset[int], pattern: MeetingPattern | None = None, **kwargs: Any):
        if pattern:
            names = ("kind", "week_of_month", "weekday", "time", "place", "starts_on", "ends_on", "on_holiday")
            kwargs = {"initial": {name: getattr(pattern, name) for name in names}, "version": pattern.version, **kwargs}
        super().__init__(*args, **kwargs)
        self.cluster_id = pattern.cluster_id if pattern else next(iter(clusters))
        if pattern or len(clusters) == 1:
            del self.fields["cluster"]
        else:
            cast(forms.ModelChoiceField, self.fields["cluster"]).queryset = Cluster.objects.filter(pk__in=clusters)

    @property
    def values(self) -> dict[str, Any]:
        data = dict(super().values)
        chosen = data.pop("cluster", None)
        return {**data, "cluster_id": chosen.pk if chosen else self.cluster_id, "version": self.seen_version}


class MeetingForm(EhsForm):
    """Move one meeting, or say that it is not held."""

    submit_label = "Save"

    held = YesNoField(label="Is it held?")
    starts_at = DateTimePartsField(label="When")
    place = forms.CharField(label="Where", max_length=120, required=False)
    note = forms.CharField(label="Why was it changed?", max_length=200, required=False)


class HolidayForm(EhsForm):
    """Days without school."""

    name = forms.CharField(label="Name", max_length=80, help_text="For example autumn half-term")
    cluster = forms.ModelChoiceField(
        label="For", queryset=Cluster.objects.none(), required=False, empty_label="Every Cluster of the authority"
    )
    starts_on = DatePartsField(label="First day")
    ends_on = DatePartsField(label="Last day")
    source = forms.CharField(label="Where the dates are from", max_length=200, required=False)
    withdrawn = forms.BooleanField(label="These dates no longer hold", required=False)

    def __init__(self, *args: Any, holiday: SchoolHoliday | None = None, **kwargs: Any) -> None:
        if holiday:
            names = ("name", "cluster", "starts_on", "ends_on", "source", "withdrawn")
            kwargs["initial"] = {name: getattr(holiday, name) for name in names}
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["cluster"]).queryset = Cluster.objects.filter(retired_on=None)
        if holiday is None:
            del self.fields["withdrawn"]


class AttendeeForm(EhsForm):
    """Somebody with a sign-in, or a name and an agency."""

    submit_label = "Add"
    submit_class = "govuk-button--secondary"
    mark_optional = False

    user = forms.ModelChoiceField(
        label="Somebody of the Cluster, or a guest with a sign-in",
        queryset=User.objects.none(),
        required=False,
        empty_label="Choose",
    )
    name = forms.CharField(label="Or a name", max_length=120, required=False)
    agency = forms.CharField(label="From which agency", max_length=160, required=False)

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["user"]).queryset = people


class ActionForm(EhsForm):
    """What is to be done, by whom, by when."""

    submit_label = "Add action"
    submit_class = "govuk-button--secondary"

    text = forms.CharField(label="What is to be done?", max_length=300)
    owner = forms.ModelChoiceField(
        label="By whom", queryset=User.objects.none(), required=False, empty_label="Nobody yet"
    )
    due_on = DatePartsField(label="By when", earliest=timezone.localdate, required=False)

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["owner"]).queryset = people
