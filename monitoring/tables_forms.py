"""What the page of the evaluation's tables asks, and the like of it: which Clusters, which days, as at when."""

from datetime import date, datetime, time

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy

from cluster_ehs.core.date_fields import DatePartsField
from monitoring.asking import PeriodForm, given

USUAL = "whole-6"


def end_of_day(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.max))


def given_or_usual(request: HttpRequest) -> QueryDict:
    """What the address asks; opened without a question, the last six whole months beside those before them."""
    query = given(request, USUAL)
    if not {"period", "start-day"} & request.GET.keys():
        query["before"] = "on"
    return query


class TablesForm(PeriodForm):
    submit_label = gettext_lazy("Show the tables")

    as_at = DatePartsField(
        label="As at",
        required=False,
        latest=timezone.localdate,
        help_text="What had happened by the end of that day. Leave empty for now.",
    )
    before = forms.BooleanField(label="Compare with the period before", required=False)
    outside = forms.BooleanField(label="For outside: counts under five are not shown", required=False)


class NeedForm(PeriodForm):
    """Which Clusters and which days, for the levels of need."""

    submit_label = gettext_lazy("Show the levels")
