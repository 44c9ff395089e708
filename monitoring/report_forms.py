"""Input shapes of schedules and reports on demand."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms
from django.http import QueryDict
from django.utils import timezone

from cluster_ehs.core.date_fields import DatePartsField
from cluster_ehs.core.forms import EhsForm, Ticks
from clusters.models import Cluster, Role, User
from monitoring import given_out
from monitoring.asking import name_of
from monitoring.models import DAYS, THE_TABLES, Schedule
from monitoring.shapes import Period
from monitoring.suite import REPORTS
from monitoring.suite.shapes import Report
from monitoring.suite.when import month_before
from monitoring.tables_forms import end_of_day


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

    name = forms.CharField(
        label="Name of the schedule", max_length=120, error_messages={"required": "Enter a name for the schedule"}
    )
    reports = forms.MultipleChoiceField(label="Reports", widget=Ticks, initial=[THE_TABLES])
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
        help_text=(
            "They get a mail with a link: no figures and no names. A Cluster leader gets a report of the own Clusters "
            "among those chosen, and none about others."
        ),
        widget=forms.CheckboxSelectMultiple,
    )
    when = forms.ChoiceField(label="When", choices=Schedule.When.choices, initial=Schedule.When.MONTHLY)
    day_of_month = forms.IntegerField(
        label="Day of the month",
        min_value=1,
        max_value=28,
        initial=1,
        required=False,
        help_text="1 to 28, for each month and each quarter.",
    )
    weekday = forms.TypedChoiceField(
        label="Day of the week",
        coerce=int,
        choices=[(number, name) for number, name in enumerate(DAYS, start=1)],
        required=False,
        help_text="For each week.",
    )
    named_days = forms.CharField(
        label="Days that I name",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One on a line, for example 14/3/2027: the day of a partnership meeting.",
    )
    days_before = forms.IntegerField(
        label="Days before",
        min_value=0,
        max_value=60,
        initial=7,
        required=False,
        help_text="How many days before each of those days the report is made: 0 to 60.",
    )
    covers = forms.ChoiceField(
        label="About which days",
        choices=Schedule.Covers.choices,
        initial=Schedule.Covers.OWN,
        help_text="Before days that you name, the first choice means the last 3 whole months.",
    )
    outside = forms.BooleanField(
        label="For outside",
        required=False,
        help_text=(
            "Counts under five are not shown, nor what would give them back. One report about all the Clusters "
            "together is made, for those who may see it whole."
        ),
    )
    active = forms.BooleanField(label="This schedule is running", required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clusters"].queryset = Cluster.objects.filter(retired_on__isnull=True)  # type: ignore[attr-defined]
        self.fields["recipients"].queryset = readers()  # type: ignore[attr-defined]
        self.fields["reports"].choices = [(report.key, report.title) for report in REPORTS]  # type: ignore[attr-defined]

    def layout(self) -> Layout:
        """Of the days only those that go with the choice above; without the script all of them."""
        months = f"{Schedule.When.MONTHLY} {Schedule.When.QUARTERLY}"
        return Layout(
            "name", "reports", "clusters", "recipients", "when",
            Div("day_of_month", data_when=f"when:{months}"),
            Div("weekday", data_when=f"when:{Schedule.When.WEEKLY}"),
            Div("named_days", "days_before", data_when=f"when:{Schedule.When.NAMED}"),
            "covers", "outside", "active",
        )  # fmt: skip

    def clean_named_days(self) -> list[date]:
        days = []
        for line in filter(None, (line.strip() for line in self.cleaned_data["named_days"].splitlines())):
            try:
                day, month, year = (int(part) for part in line.replace("-", "/").replace(".", "/").split("/"))
                days.append(date(year, month, day))
            except ValueError:
                raise forms.ValidationError(f"“{line}” is not a day. Write it as 14/3/2027.") from None
        return days

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        when = values.get("when")
        if when == Schedule.When.NAMED and "named_days" not in self.errors and not values.get("named_days"):
            self.add_error("named_days", "Name at least one day.")
        if values.get("outside") and values.get("covers") not in (None, Schedule.Covers.OWN):
            self.add_error(
                "covers",
                "For outside, choose the month, week, quarter or term before: of days that overlap, one report can be "
                "subtracted from the other, which gives small counts back.",
            )
        defaults: dict[str, Any] = {"day_of_month": 1, "days_before": 7, "weekday": 1}
        for name, usual in defaults.items():
            if name not in self.errors and values.get(name) in (None, ""):
                values[name] = usual
        return values


def as_entered(schedule: Schedule) -> dict[str, Any]:
    """A schedule as its form shows it."""
    names = ("name", "reports", "when", "day_of_month", "weekday", "days_before", "covers", "outside", "active")
    days = [date.fromisoformat(day) for day in schedule.named_days]
    return {
        **{name: getattr(schedule, name) for name in names},
        "clusters": schedule.clusters.all(),
        "recipients": schedule.recipients.all(),
        "named_days": "\n".join(f"{day.day}/{day.month}/{day.year}" for day in days),
    }


class ReportForm(EhsForm):
    submit_label = "Make the report"

    report = forms.ChoiceField(label="Report", initial=THE_TABLES)
    clusters = forms.ModelMultipleChoiceField(
        queryset=Cluster.objects.none(), label="Clusters", widget=forms.CheckboxSelectMultiple
    )
    period_from = DatePartsField(label="From", latest=timezone.localdate)
    period_to = DatePartsField(label="To", latest=timezone.localdate)
    as_at = DatePartsField(
        label="As at",
        required=False,
        latest=timezone.localdate,
        help_text="What had happened by the end of that day. Leave empty for now.",
    )

    outside = forms.BooleanField(
        label="For outside",
        required=False,
        help_text=(
            "Counts under five are not shown, nor what would give them back. Days of these Clusters can be given "
            "outside in one report of a kind only, so choose whole quarters or years."
        ),
    )

    def __init__(self, *args: Any, clusters: Sequence[Cluster], reports: Sequence[Report], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        which = self.fields["clusters"]
        which.queryset = Cluster.objects.filter(pk__in=[c.pk for c in clusters])  # type: ignore[attr-defined]
        which.label_from_instance = name_of  # type: ignore[attr-defined]
        self.fields["report"].choices = [(each.key, each.title) for each in reports]  # type: ignore[attr-defined]

    def clean_as_at(self) -> Any:
        day = self.cleaned_data["as_at"]
        return end_of_day(day) if day else None

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        start, end = values.get("period_from"), values.get("period_to")
        if isinstance(start, date) and isinstance(end, date) and end < start:
            self.add_error("period_to", "To must be the same day as From, or later.")
        if not self.errors and values["outside"] and start and end:
            earlier = given_out.in_the_way(values["report"], [c.pk for c in values["clusters"]], Period(start, end))
            if earlier is not None:
                self.add_error("outside", given_out.why_not(earlier))
        return values


def shown_before(asked: QueryDict, allowed: Sequence[Cluster]) -> dict[str, Any]:
    """What the form begins with: that which a report's page showed, else the month before of every Cluster."""
    start, end = month_before(timezone.localdate())
    wanted = set(asked.getlist("cluster"))
    chosen = [c.pk for c in allowed if (str(c.pk) in wanted if wanted else c.retired_on is None)]
    initial = {"report": asked.get("report", THE_TABLES), "clusters": chosen, "period_from": start, "period_to": end}
    initial["outside"] = "outside" in asked
    for name, field in (("start", "period_from"), ("end", "period_to"), ("as_at", "as_at")):
        try:
            initial[field] = date(*(int(str(asked[f"{name}-{part}"])) for part in ("year", "month", "day")))
        except (KeyError, ValueError, OverflowError):
            continue
    return initial
